/** What follows from where the work of an execution stands. It is looked at after each command, in the same commit. Called only by `decide`. */
import type { NewEvent } from "../execution/event.ts";
import type { ExecutionState } from "../execution/state.ts";
import { OPTIONS_IN_DOUBT, OPTIONS_WITHOUT_ACTION } from "../work/options.ts";
import type { Piece } from "../work/order.ts";
import type { Work } from "../work/work.ts";
import type { Decided, LiveView } from "./decided.ts";
import { accepted } from "./decided.ts";
import { openBlock } from "./work-block.ts";
import { decomposeReady, isToDecompose } from "./work-decompose.ts";

/** A person is asked about so many subtasks at once; the others wait until some of these are decided. */
const MOST_ASKED = 50;

const TASK_BLOCKED = "task_blocked";
const AWAITS_OUTSIDE = "awaiting_outside";

export function settleWork(view: LiveView, work: Work): Decided {
  const { state } = view;
  if (state.status !== "queued" && state.status !== "running" && state.status !== "blocked") return accepted();
  const events = [...progressed(state, work)];
  const doubts = askAboutDoubts(view, work, events.length);
  if (doubts.length > 0) return accepted(...events, ...doubts);
  events.push(...decomposeReady(view, work));
  const asked = askForActions(view, work, events.length);
  events.push(...asked);
  // What was just asked is blocked now: the next look sees it.
  if (asked.length > 0) return accepted(...events);
  return accepted(...events, ...movedStatus(state, work));
}

function progressed({ work: mark }: ExecutionState, { tasksCompleted, subtasksCompleted }: Work): NewEvent[] {
  if (!mark || mark.tasksCompleted === tasksCompleted) return [];
  return [{ type: "plan.progressed", data: { tasksCompleted, subtasksCompleted } }];
}

/** A subtask that was begun in the execution that this one follows is given to no agent before a person has said what became of it (P2). */
function askAboutDoubts(view: LiveView, work: Work, ahead: number): NewEvent[] {
  const events: NewEvent[] = [];
  for (const piece of view.state.work?.doubted?.flatMap((id) => work.piece(id) ?? []) ?? []) {
    const why = "an agent began it in the execution that was restarted: it may have happened";
    const block = { why, options: OPTIONS_IN_DOUBT, blocking: false, errorType: "in_doubt" };
    events.push(...openBlock(view, piece, { ...block, ahead: ahead + events.length }));
  }
  return events;
}

/** A ready subtask without an action waits for a person, unless it is a task that is taken apart first. */
function askForActions(view: LiveView, work: Work, ahead: number): NewEvent[] {
  const room = MOST_ASKED - view.state.gates.open;
  if (room <= 0) return [];
  const isAsked = (piece: Piece) => work.actionAt(piece.at) === null && !isToDecompose(work, piece);
  const waiting = work.ready.filter(isAsked).sort((a, b) => a.rank - b.rank);
  const events: NewEvent[] = [];
  for (const piece of waiting.slice(0, room)) {
    const why = work.state(piece).undecomposed ?? "its plan does not say what to do";
    const block = { why, options: OPTIONS_WITHOUT_ACTION, blocking: false };
    events.push(...openBlock(view, piece, { ...block, ahead: ahead + events.length }));
  }
  return events;
}

function movedStatus(state: ExecutionState, work: Work): NewEvent[] {
  if (isOver(work)) return ended(state, work);
  const standing = whyStanding(work);
  if (state.status === "blocked")
    return standing ? [] : [{ type: "execution.resumed", data: { reason: "task_resolved" } }];
  if (!standing) return [];
  const started: NewEvent[] = state.status === "queued" ? [{ type: "execution.started", data: {} }] : [];
  return [...started, { type: "execution.blocked", data: standing }];
}

function isOver(work: Work): boolean {
  return work.subtasksCompleted + work.count("error") === work.total;
}

/** Why nothing more is given out; `undefined` while something may be. */
function whyStanding(work: Work): { readonly reason: string; readonly detail?: string } | undefined {
  const blocking = work.blocked.find((piece) => work.state(piece).blocked?.blocking);
  const [first] = blocking ? [blocking] : work.blocked;
  if (!blocking && work.canRun) return undefined;
  if (first) return { reason: TASK_BLOCKED, detail: first.id };
  return work.count("awaiting") > 0 ? { reason: AWAITS_OUTSIDE } : undefined;
}

function ended(state: ExecutionState, work: Work): NewEvent[] {
  const back: NewEvent[] =
    state.status === "queued"
      ? [{ type: "execution.started", data: {} }]
      : state.status === "blocked"
        ? [{ type: "execution.resumed", data: { reason: "task_resolved" } }]
        : [];
  const totals = {
    tasks_total: work.plan.tasks.length,
    tasks_completed: work.tasksCompleted,
    subtasks_total: work.total,
    subtasks_completed: work.count("complete"),
    subtasks_skipped: work.count("skipped"),
  };
  if (work.count("error") === 0) return [...back, { type: "execution.succeeded", data: { output: totals } }];
  const message = `${work.count("error")} of ${work.total} subtasks are in error, and nothing more can run`;
  const details = { ...totals, subtasks_failed: work.count("error") };
  return [...back, { type: "execution.failed", data: { code: "runtime_error", message, details } }];
}
