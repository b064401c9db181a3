/**
 * Reports of agents: what each says, and what it moves. Called only by `decide`.
 *
 * - A report is written down once: one with an id that the log has of its agent is answered as the first was.
 * - Only the holder of the current lease moves a subtask. What comes late is written down, and changes nothing.
 */
import type { EventData, NewEvent } from "../execution/event.ts";
import type { ExecutionState } from "../execution/state.ts";
import { isTerminal } from "../execution/status.ts";
import type { ReportWork } from "../execution/work-command.ts";
import { refuse } from "../values/fault.ts";
import { unreachable } from "../values/json.ts";
import { OPTIONS_IN_DOUBT, optionsAfterError } from "../work/options.ts";
import type { Piece } from "../work/order.ts";
import type { Reported, ReportMove } from "../work/report.ts";
import type { SubtaskState } from "../work/subtask-state.ts";
import type { Work } from "../work/work.ts";
import type { Decided, LiveView } from "./decided.ts";
import { accepted } from "./decided.ts";
import { assigneeOf, reviewOf } from "./work-block.ts";
import { skipAfter } from "./work-exhausted.ts";
import { redeliveryMs, renewal } from "./work-lease.ts";

interface Asked {
  readonly command: ReportWork;
  readonly now: number;
}

type Written = Pick<EventData<"agent.reported">, "applied" | "why" | "move">;

export function reportWork(view: LiveView, work: Work, asked: Asked): Decided {
  const { state } = view;
  const { report } = asked.command;
  if (view.isReported?.(report)) return accepted();
  const named = [report.subtaskId, report.taskId].filter((id) => id !== undefined);
  const strange = named.find((id) => !isKnown(work, id));
  if (strange !== undefined) {
    const path = strange === report.subtaskId ? "subtask_id" : "task_id";
    const message = `no task or subtask of this execution is called "${strange.slice(0, 128)}"`;
    return refuse("invalid_input", `${path}: ${message}`, [{ path, message }]);
  }
  const seen = acknowledged(state, report);
  if (report.eventType === "heartbeat") return accepted(...seen, ...beat(view, work, asked));
  const piece = meant(work, asked.command);
  const written = piece ? judged(view, work, { ...asked, piece }) : { applied: false, why: NOT_HELD };
  const event: NewEvent = { type: "agent.reported", data: { ...report, ...written } };
  return accepted(...seen, event, ...(piece ? following(view, work, { piece, report, written }) : []));
}

const NOT_HELD = "it names no subtask that its agent holds";

function isKnown(work: Work, id: string): boolean {
  return work.piece(id) !== undefined || work.plan.tasks.some((task) => task.id === id);
}

/** An agent that says it is paused has heard of it. */
function acknowledged({ work }: ExecutionState, { agent, status }: Reported): NewEvent[] {
  if (status !== "paused" || !work?.stop?.agents.includes(agent)) return [];
  return [{ type: "stop.seen", data: { agent } }];
}

/** The subtask that is named; of a whole task the one that its agent holds there, or the only one. */
function meant(work: Work, command: ReportWork): Piece | undefined {
  const named = pieceNamed(work, command.report);
  if (named) return named;
  const [only, ...more] = heldBy(work, command);
  return more.length === 0 ? only : undefined;
}

function pieceNamed(work: Work, { subtaskId, taskId }: Reported): Piece | undefined {
  return work.piece(subtaskId ?? "") ?? work.piece(taskId ?? "");
}

/** Of what a report names, or of everything where it names nothing: what its agent holds, under the lease that it names. */
function heldBy(work: Work, { report, leaseId }: ReportWork): Piece[] {
  const named = pieceNamed(work, report)?.id ?? report.subtaskId ?? report.taskId;
  return work.held.filter((piece) => {
    const { lease } = work.state(piece);
    const isOwn = lease?.agent === report.agent && (leaseId === undefined || leaseId === lease.id);
    return isOwn && (named === undefined || named === piece.id || named === piece.task.id);
  });
}

/** Why a heartbeat renews nothing: what it names is not its agent's any more. One that names nothing says that the agent is there. */
export function whyNotRenewed(state: ExecutionState, work: Work, command: ReportWork): string | undefined {
  const { report, leaseId } = command;
  if (isTerminal(state.status)) return `the execution has ended: it is ${state.status}`;
  if ((leaseId ?? report.subtaskId ?? report.taskId) === undefined) return undefined;
  if (heldBy(work, command).length > 0) return undefined;
  const piece = pieceNamed(work, report);
  return (piece && whyLate(state, work, { command, piece })) ?? NOT_HELD;
}

/** Renews what the agent holds here, or what it names of that. A heartbeat that says something is kept too. */
function beat({ state }: LiveView, work: Work, { command, now }: Asked): NewEvent[] {
  const { report } = command;
  const why = whyNotRenewed(state, work, command);
  const written = why === undefined ? { applied: true } : { applied: false, why };
  const said: NewEvent[] =
    report.message === undefined && report.output === undefined
      ? []
      : [{ type: "agent.reported", data: { ...report, ...written } }];
  const { origin } = state;
  if (!written.applied || !origin.plan) return said;
  const { leaseMs } = origin.plan;
  const leases = heldBy(work, command).flatMap((piece) => {
    const deadlineMs = renewal(work.state(piece), leaseMs, now);
    return deadlineMs === undefined ? [] : [{ subtask: piece.id, deadlineMs }];
  });
  return leases.length === 0 ? said : [...said, { type: "agent.heartbeat", data: { agent: report.agent, leases } }];
}

type Of = Asked & { readonly piece: Piece };

function judged(view: LiveView, work: Work, { command, now, piece }: Of): Written {
  const late = whyLate(view.state, work, { command, piece });
  if (late !== undefined) return { applied: false, why: late };
  const move = moveOf(view, work, { command, now, piece });
  return { applied: true, ...(move ? { move } : {}) };
}

/** Why a report comes too late; `undefined` of one under the current lease. */
function whyLate(
  state: ExecutionState,
  work: Work,
  { command, piece }: Pick<Of, "command" | "piece">,
): string | undefined {
  if (isTerminal(state.status)) return `the execution has ended: it is ${state.status}`;
  const { status, lease } = work.state(piece);
  if (!lease) return `no agent holds ${piece.id}: it is ${status}`;
  const { report, leaseId } = command;
  if (lease.agent !== report.agent) return `${piece.id} is held by another agent`;
  if (leaseId !== undefined && leaseId !== lease.id)
    return `the lease "${leaseId.slice(0, 64)}" of ${piece.id} has ended`;
  return undefined;
}

function moveOf({ state }: LiveView, work: Work, { command, now, piece }: Of): ReportMove | undefined {
  const { report, draw, gateId } = command;
  const subtask = piece.id;
  const { leaseMs = 0, outsideMs = 0 } = state.origin.plan ?? {};
  const before = work.state(piece);
  // Of one that goes on after its wait: the wait was longer than a lease.
  const deadlineMs = awaitedUntil(before) === undefined ? renewal(before, leaseMs, now) : now + leaseMs;
  const renewed = deadlineMs === undefined ? {} : { deadlineMs };
  const { eventType } = report;
  switch (eventType) {
    case "heartbeat":
      return undefined;
    case "task_started":
    case "task_progress":
      return { to: eventType === "task_started" ? "started" : "progress", subtask, ...renewed };
    case "task_complete":
    case "subtask_complete":
      return { to: "completed", subtask };
    case "task_blocked":
      if (!report.review) return { to: "awaiting", subtask, deadlineMs: awaitedUntil(before) ?? now + outsideMs };
      return blockedBy(work, piece, {
        report,
        gateId,
        why: "its agent is blocked",
        blocking: report.blocking ?? true,
      });
    case "task_error": {
      if (report.review)
        return blockedBy(work, piece, {
          report,
          gateId,
          why: "its agent asks for a person",
          blocking: report.blocking ?? true,
        });
      const { maxAttempts } = piece.subtask.retryPolicy;
      if (before.attempt < maxAttempts)
        return { to: "delayed", subtask, retryAtMs: now + redeliveryMs(piece, before.attempt, draw) };
      if (work.plan.onExhausted === "fail") return { to: "failed", subtask };
      return blockedBy(work, piece, {
        report,
        gateId,
        why: `its ${maxAttempts} attempts are spent`,
        blocking: report.blocking ?? true,
      });
    }
  }
  return unreachable(eventType);
}

/** One that waits already waits no longer for saying so again. */
function awaitedUntil({ status, lease }: SubtaskState): number | undefined {
  return status === "awaiting" ? lease?.deadlineMs : undefined;
}

function blockedBy(
  work: Work,
  piece: Piece,
  { report, ...told }: { readonly report: Reported; gateId: string; readonly why: string; readonly blocking: boolean },
): ReportMove {
  const { id, subtask } = piece;
  const { suggestions = [], errorType } = report;
  // Its agent cannot tell whether it happened: a person looks, and says so.
  const options = errorType === "in_doubt" ? OPTIONS_IN_DOUBT : optionsAfterError(subtask, suggestions);
  return { to: "blocked", subtask: id, ...told, options, ...assigneeOf(work, piece) };
}

/** The approval that a block opens, and what is skipped after a failure. */
function following(
  view: LiveView,
  work: Work,
  { piece, report, written }: { readonly piece: Piece; readonly report: Reported; readonly written: Written },
): NewEvent[] {
  const { move } = written;
  if (move?.to === "failed") return skipAfter(work, piece);
  if (move?.to !== "blocked") return [];
  const { errorType, errorMessage, message, suggestions } = report;
  const error = errorMessage ?? message;
  const words = { ...(errorType === undefined ? {} : { errorType }), ...(error === undefined ? {} : { error }) };
  return [reviewOf(view, piece, { ...move, ...words, suggestions })];
}
