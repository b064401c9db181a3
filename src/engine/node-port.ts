/** The receivers of activities that are finished from outside, as the engine knows them. */

import type { Origin } from "../domain/execution/origin.ts";
import type { Handover, Sent } from "../domain/node/handover.ts";
import type { Result } from "../domain/values/fault.ts";

export interface NodeRoute {
  /** Names the process that answers there now; absent where it has no name. */
  readonly instance?: string;
  /** Called at most once, when that is on disk. May reject: then nothing is known. */
  send(handover: Handover): Promise<Sent>;
}

/** What a start has to know of a function of a node. */
export interface RemoteTarget {
  readonly kind: Origin["kind"];
  readonly version: string;
  readonly node: NonNullable<Origin["node"]>;
  readonly remote: NonNullable<Origin["remote"]>;
  /** Most executions of the node that run at once. */
  readonly agentLimit?: number | undefined;
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
