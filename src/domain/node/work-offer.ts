import type { Reserved } from "../execution/work-command.ts";
import type { Lapse } from "../execution/work-mark.ts";

/**
 * What an execution of a plan tells the directory of its tenant's agents: a hint where there may be work. Which agent gets what
 * is decided by the execution itself, when an agent asks it.
 */
export interface WorkOffer {
  readonly tenant: string;
  readonly executionId: string;
  /** Of its log: a later one replaces an earlier one. */
  readonly seq: number;
  /** False: it has ended; `agents` have to hear of that. */
  readonly isOpen: boolean;
  /** The only agent that gets its work. */
  readonly agentId?: string | undefined;
  /** Actions of subtasks that are ready; of very many some. */
  readonly actions: readonly string[];
  /** There are more actions than `actions` names: any agent may find something. */
  readonly isCut?: boolean;
  /** How many are ready that say what to do. */
  readonly ready: number;
  /** Roles that these ask for; of very many some. */
  readonly roles: readonly string[];
  /** The same, with the actions of each; of many roles the first. Absent: older code made it. */
  readonly asks?: readonly Reserved[];
  /** Agents that hold a subtask. Absent: older code made it. */
  readonly holders?: readonly string[];
  /** How long a lease lasts without a word. */
  readonly leaseMs?: number;
  /** Agents whose lease is not begun, or who have not heard that it stops: they are sent here first. */
  readonly agents: readonly string[];
  /** Leases that ended without a word of their agent, which was not heard of since. */
  readonly lapses: readonly Lapse[];
  readonly createdAtMs: number;
}

/** Whether an agent that does these may find something there. */
export function mayDo({ actions, isCut }: Pick<WorkOffer, "actions" | "isCut">, does: ReadonlySet<string>): boolean {
  return isCut === true || actions.some((action) => does.has(action));
}

export interface OffersMessage {
  readonly to: "offers";
  readonly offer: WorkOffer;
}
