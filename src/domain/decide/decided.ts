/** The answer of `decide`, and the moves its parts share. */
import type { OpenApprovals } from "../execution/approval.ts";
import type { NewEvent } from "../execution/event.ts";
import { awaitsRequested } from "../execution/hold.ts";
import { restOf } from "../execution/rest.ts";
import type { ExecutionState } from "../execution/state.ts";
import type { Status } from "../execution/status.ts";
import { isTerminal } from "../execution/status.ts";
import type { EntryIndex } from "../fold/entry-index.ts";
import type { Wait } from "../fold/open-entries.ts";
import type { Refusal } from "../values/fault.ts";
import { refuse } from "../values/fault.ts";
import { unreachable } from "../values/json.ts";
import type { Reported } from "../work/report.ts";
import type { Work } from "../work/work.ts";

/** What `decide` may look at. The index is read lazily: most commands never need the journal. */
export interface View {
  readonly state: ExecutionState | undefined;
  readonly index: () => EntryIndex;
  /** Absent where no approval is decided. */
  readonly approvals?: OpenApprovals;
  /** The work of an execution of a plan; `undefined` of any other. */
  readonly work?: () => Work | undefined;
  /** Returns the digest of a payload that a person is shown. Absent where none is shown. */
  readonly digest?: (text: string) => string;
  /** Whether its log has this report of its agent. */
  readonly isReported?: (report: Pick<Reported, "agent" | "eventId">) => boolean;
}

/** The same with an execution that exists. */
export interface LiveView extends View {
  readonly state: ExecutionState;
  readonly approvals: OpenApprovals;
}

export type Decided =
  | {
      readonly ok: true;
      readonly events: readonly NewEvent[];
      /** The approval that a decision was taken for. */
      readonly gateId?: string;
    }
  | Refusal;

export const accepted = (...events: NewEvent[]): Decided => ({ ok: true, events });

/** `decide` adds what is possible instead. */
export function illegal({ status }: ExecutionState, verb: string): Refusal {
  const ended = isTerminal(status) ? ": it has ended" : "";
  return refuse("invalid_state", `an execution that is ${status} cannot ${verb}${ended}`);
}

export const WAITING_FOR_APPROVAL: NewEvent = {
  type: "execution.waiting",
  data: { reason: "waiting_for_approval" },
};

/**
 * The move back to running that a waiting execution makes before anything goes on in it. None while an approval that
 * the outside asked for is open, and none for one that is blocked or paused: what happens meanwhile is written down, and
 * waits for the caller who resumes it (E6).
 */
export function wakeUp(state: ExecutionState, reason: string): NewEvent[] {
  if (state.status !== "waiting" || awaitsRequested(state)) return [];
  return [{ type: "execution.resumed", data: { reason } }];
}

export function overBudget(limit: string): NewEvent[] {
  return [
    { type: "budget.exceeded", data: { limit } },
    { type: "execution.failed", data: { code: "budget_exceeded", message: `the budget ${limit} is spent` } },
  ];
}

export function timeOut(state: ExecutionState, limit: string): NewEvent[] {
  return [...toRunning(state), { type: "execution.timed_out", data: { limit } }];
}

/** The moves that lead to running from wherever it stands, so that an end keeps to the table. */
export function toRunning(state: ExecutionState): NewEvent[] {
  const { status }: { status: Status } = state;
  switch (status) {
    case "pending":
      return [
        { type: "execution.queued", data: {} },
        { type: "execution.started", data: {} },
      ];
    case "queued":
      return [{ type: "execution.started", data: {} }];
    case "waiting":
    case "blocked":
    case "paused":
      return [{ type: "execution.resumed", data: {} }];
    case "running":
    case "succeeded":
    case "failed":
    case "cancelled":
    case "timeout":
      return [];
  }
  return unreachable(status);
}

/** The same when one entry of a program at rest ceases to wait for `before` and begins to wait for `after`. */
export function restAfter(view: LiveView, before: Wait | undefined, after: Wait | undefined): NewEvent[] {
  const { state } = view;
  if (state.suspended === undefined && state.status !== "waiting") return [];
  const counts = { ...view.index().open.counts };
  if (before) counts[before] -= 1;
  if (after) counts[after] += 1;
  return restEvents(state, { open: { counts } });
}

/** Events that bring the status to what a program at rest waits for. */
export function restEvents(state: ExecutionState, index: Parameters<typeof restOf>[0]): NewEvent[] {
  if (state.status !== "running" && state.status !== "waiting") return [];
  if (awaitsRequested(state)) return state.status === "running" ? [WAITING_FOR_APPROVAL] : [];
  const found = restOf(index);
  if (found.kind === "busy") return [];
  if (found.kind === "person") {
    return state.status === "waiting" ? [] : [{ type: "execution.waiting", data: { reason: found.reason } }];
  }
  const back: NewEvent[] = state.status === "waiting" ? [{ type: "execution.resumed", data: {} }] : [];
  if (back.length === 0 && state.suspended === found.reason) return [];
  return [...back, { type: "execution.suspended", data: { reason: found.reason } }];
}
