/** What a `NodeDirectoryActor` answers over RPC. Every method takes the caller first. */
import type { Principal } from "../domain/execution/principal.ts";
import type { NodeState, NodeView, Registration, RoutedNode } from "../domain/node/node.ts";
import type { CapabilityFilter, NodeChange, NodeFilter, NodePage } from "../domain/node/node-command.ts";
import type { Beat } from "../domain/node/presence.ts";
import type { Result } from "../domain/values/fault.ts";
import type { NodeListing, NodesFound } from "../operations/node-ports.ts";

export interface NodeDirectoryRpc {
  register(caller: Principal, registration: Registration): Promise<Result<null>>;
  hear(
    caller: Principal,
    id: string,
    said: { readonly version: string | undefined; readonly beat: Beat },
  ): Promise<Result<null>>;
  change(caller: Principal, id: string, change: NodeChange): Promise<Result<null>>;
  remove(caller: Principal, id: string): Promise<Result<null>>;
  one(caller: Principal, id: string): Promise<Result<[NodeView, ...NodeView[]]>>;
  states(caller: Principal, ids: readonly string[]): Promise<readonly (NodeVersionState | undefined)[]>;
  list(caller: Principal, filter: NodeFilter, page: NodePage): Promise<Result<NodeListing>>;
  discover(
    caller: Principal,
    filter: CapabilityFilter,
    page: { readonly offset: number; readonly limit: number },
  ): Promise<Result<NodesFound>>;
  route(caller: Principal, target: { readonly nodeId: string; readonly fn: string }): Promise<Result<RoutedNode>>;
}

export interface NodeVersionState {
  readonly version: string;
  readonly state: NodeState;
}
