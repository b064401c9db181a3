/** What the operations need of a tenant's directory of nodes. `NodeDirectoryActor` answers it over RPC; `actors/platform` hands it in. */
import type { Principal } from "../../domain/execution/principal.ts";
import type { NodeState, NodeView, Registration, RoutedNode } from "../../domain/node/node.ts";
import type { CapabilityFilter, NodeChange, NodeFilter, NodePage } from "../../domain/node/node-command.ts";
import type { Beat } from "../../domain/node/presence.ts";
import type { Result } from "../../domain/values/fault.ts";

/** A page of nodes, bounded by count and bytes. */
export interface NodeListing {
  readonly nodes: readonly NodeView[];
  /** The last of them, where there are more. */
  readonly next: readonly [id: string, version: string] | undefined;
}

/** What of the nodes fits a search, with the page that was asked for. */
export interface NodesFound {
  readonly totals: { readonly agents: number; readonly reasoners: number; readonly skills: number };
  /** Each with the functions that fit only. */
  readonly nodes: readonly NodeView[];
  /** True when the page ended before `limit`, because it was full. */
  readonly cut: boolean;
}

/** What a registration finds. */
export interface Registered {
  /** The processes that run now, one a version: what any other one was sent is lost. */
  readonly instances: readonly string[];
  /** Executions whose calls left a short while ago, to processes that are none of these: the index may not know them yet. */
  readonly lately: readonly string[];
}

export interface NodeVersionState {
  readonly version: string;
  readonly state: NodeState;
}

/** Where remote functions run. What dispatches an execution asks it first, and sends nothing without its answer. */
export interface NodeDirectory {
  /**
   * Picks the version that gets the next call, by the weights of the versions. `not_found`: no node has this id;
   * `target_not_found`: the node has no such function. A node that is down is answered with `presence: "down"` and is no
   * refusal: an asynchronous caller may wait for it. `version`: the one that is kept to while it is there and has the function.
   * `executionId`: of a call that is about to leave. `key`: what is to have one version of an experiment, such as a session.
   */
  route(
    caller: Principal,
    target: {
      readonly nodeId: string;
      readonly fn: string;
      readonly version?: string;
      readonly executionId?: string;
      readonly key?: string;
    },
  ): Promise<Result<RoutedNode>>;
}

export interface NodeRegistry extends NodeDirectory {
  /** `null`: of a directory whose code is of before (old and new run side by side after a deployment). */
  register(caller: Principal, registration: Registration): Promise<Result<Registered | null>>;
  hear(
    caller: Principal,
    id: string,
    said: { readonly version: string | undefined; readonly beat: Beat },
  ): Promise<Result<null>>;
  change(caller: Principal, id: string, change: NodeChange): Promise<Result<null>>;
  remove(caller: Principal, id: string): Promise<Result<null>>;
  /** All versions, the one that registered last first. */
  one(caller: Principal, id: string): Promise<Result<[NodeView, ...NodeView[]]>>;
  /** Of the version that registered last; `undefined` for an id that is not known. */
  states(caller: Principal, ids: readonly string[]): Promise<readonly (NodeVersionState | undefined)[]>;
  list(caller: Principal, filter: NodeFilter, page: NodePage): Promise<Result<NodeListing>>;
  discover(
    caller: Principal,
    filter: CapabilityFilter,
    page: { readonly offset: number; readonly limit: number },
  ): Promise<Result<NodesFound>>;
}
