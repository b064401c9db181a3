/** What is said of a node that is registered, by itself or by its operator. */
import type { Lifecycle } from "./node.ts";

export type NodeChange =
  | { readonly type: "lifecycle"; readonly lifecycle: Lifecycle; readonly version: string | undefined }
  /** Nothing is to be sent there until it is started; heartbeats do not lift it. */
  | { readonly type: "stop" }
  | { readonly type: "start" }
  /** It is no longer asked whether it is there, until it registers again. */
  | { readonly type: "unwatch" }
  | { readonly type: "weigh"; readonly version: string; readonly weight: number };

/** Which nodes a list shows. */
export interface NodeFilter {
  readonly health: readonly string[];
  readonly teamId: string | undefined;
  readonly groupId: string | undefined;
  /** One version of each id: the one that registered last. */
  readonly newestOnly: boolean;
}

/** Behind this id and version; at most so many. */
export interface NodePage {
  readonly after: readonly [id: string, version: string] | undefined;
  readonly limit: number;
}

/** Which functions discovery shows; patterns with `*`. */
export interface CapabilityFilter {
  readonly ids: readonly string[];
  readonly reasoner: string | undefined;
  readonly skill: string | undefined;
  readonly tags: readonly string[];
  readonly health: string | undefined;
}
