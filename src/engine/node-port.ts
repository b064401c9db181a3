/** The receivers of activities that are finished from outside, as the engine knows them. */

import type { Amount } from "../domain/execution/budget.ts";
import type { Outcome } from "../domain/execution/entry.ts";
import type { Origin } from "../domain/execution/origin.ts";
import type { Result } from "../domain/values/fault.ts";
import type { Json } from "../domain/values/json.ts";

/** What a receiver is handed. */
export interface Handover {
  readonly origin: Origin;
  readonly key: string;
  readonly attempt: number;
  /** What it shows when it reports. */
  readonly token: string;
  readonly input: Json;
  /** When its time is over, as far as is known now. */
  readonly untilMs: number;
}

/** What is known of a request. Only `unreached` is proof that it did not arrive. */
export type Sent =
  /** It has it, and reports later. */
  | { readonly how: "accepted" }
  /** It answered with the end. */
  | { readonly how: "finished"; readonly outcome: Outcome; readonly usage?: Amount }
  | { readonly how: "unreached" | "unknown"; readonly message: string };

export interface NodeRoute {
  /** Names the process that answers there now; absent where it has no name. */
  readonly instance?: string;
  /** Called at most once, when that is on disk. May reject: then nothing is known. */
  send(handover: Handover): Promise<Sent>;
}

/** What a start has to know of a function of a node. */
interface RemoteTarget {
  readonly kind: Origin["kind"];
  readonly version: string;
  readonly node: NonNullable<Origin["node"]>;
  readonly remote: NonNullable<Origin["remote"]>;
}

export interface NodePort {
  /** Of a function that no program of this deployment answers to. Refused for good where no node has it. */
  find(tenant: string, target: { readonly agent: string; readonly fn: string }): Promise<Result<RemoteTarget>>;
  /**
   * Where a call of this execution's target would go now. A refusal that may pass is asked again later; any other one ends the
   * activity. Rejects when the registry does not answer.
   */
  locate(origin: Origin): Promise<Result<NodeRoute>>;
  /** Tells the receiver that the end is not waited for. Once; what comes of it changes nothing. */
  cancel(origin: Origin, about: { readonly key: string; readonly reason: string }): Promise<void>;
}
