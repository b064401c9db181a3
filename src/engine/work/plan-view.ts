/** An execution of a plan as its readers see it: out of its rows, never out of its log. */
import type { ExecutionState } from "../../domain/execution/state.ts";
import { PageRoom } from "../../domain/read-models/page-room.ts";
import type { PlanExecutionView, SubtaskView, TaskView } from "../../domain/read-models/plan-view.ts";
import { whyNotEnded } from "../../domain/read-models/why.ts";
import type { Json } from "../../domain/values/json.ts";
import type { Piece } from "../../domain/work/order.ts";
import type { SubtaskState } from "../../domain/work/subtask-state.ts";
import { isDone, isHeld } from "../../domain/work/subtask-state.ts";
import type { Work } from "../../domain/work/work.ts";
import type { Journal } from "../journal/journal.ts";

/** Bytes of results in one answer. */
const RESULT_BYTES = 2_097_152;

export function planViewOf(journal: Journal, { brief }: { readonly brief: boolean }): PlanExecutionView | undefined {
  const { state } = journal;
  const work = journal.work.current();
  if (!state || !work) return undefined;
  const current = currentOf(state, work);
  const head = {
    state,
    current: current && { id: current.id, title: current.subtask.title },
    tasksCompleted: work.tasksCompleted,
    subtasksCompleted: work.subtasksCompleted,
    why: whyNotEnded(state, journal.timers.awaited(state), { work }),
  };
  if (brief) return head;
  const results = new Results((id) => journal.work.resultOf(id));
  const pieces = Map.groupBy(work.order.pieces, ({ taskAt }) => taskAt);
  const tasks = work.plan.tasks.map((_task, at) => taskView(work, pieces.get(at) ?? [], results));
  return { ...head, tasks, isCut: results.isCut };
}

/** In an execution that has ended nothing is worked at. */
function currentOf({ status }: ExecutionState, work: Work): Piece | undefined {
  const goesOn = status === "running" || status === "blocked" || status === "paused" || status === "queued";
  return goesOn ? (work.current ?? work.blocked[0]) : undefined;
}

class Results {
  readonly #read: (id: string) => Json | undefined;
  readonly #room = new PageRoom({ bytes: RESULT_BYTES });
  isCut = false;

  constructor(read: (id: string) => Json | undefined) {
    this.#read = read;
  }

  of(id: string): Json | undefined {
    if (this.isCut) return undefined;
    const result = this.#read(id);
    if (result === undefined || this.#room.take(result)) return result;
    this.isCut = true;
    return undefined;
  }
}

function taskView(work: Work, pieces: readonly Piece[], results: Results): TaskView {
  const [first] = pieces;
  const subtasks = pieces.map((piece) => subtaskView(piece, work.state(piece), results));
  const states = subtasks.map(({ state }) => state);
  const started = states.flatMap(({ startedAtMs }) => startedAtMs ?? []);
  const completed = states.filter(isDone);
  const isOver = completed.length === states.length;
  return {
    id: first?.task.id ?? "",
    title: first?.task.title ?? "",
    status: isOver ? "COMPLETE" : taskStatus(states),
    completed: completed.length,
    isWhole: pieces.length === 1 && first?.id === first?.task.id,
    startedAtMs: started.length > 0 ? Math.min(...started) : undefined,
    completedAtMs: isOver ? Math.max(...states.map(({ completedAtMs }) => completedAtMs ?? 0)) : undefined,
    error: states.find(({ status, error }) => error !== undefined && status !== "skipped")?.error,
    subtasks,
  };
}

function taskStatus(states: readonly SubtaskState[]): TaskView["status"] {
  if (states.some(({ status }) => status === "error")) return "ERROR";
  if (states.some(({ status }) => status === "blocked" || status === "awaiting")) return "BLOCKED";
  const begun = states.some((state) => isHeld(state) || isDone(state) || state.status === "delayed");
  return begun ? "RUNNING" : "QUEUED";
}

function subtaskView({ id, subtask }: Piece, state: SubtaskState, results: Results): SubtaskView {
  return {
    id,
    title: subtask.title,
    action: state.instead?.action ?? subtask.action,
    maxAttempts: subtask.retryPolicy.maxAttempts,
    state,
    result: state.status === "complete" ? results.of(id) : undefined,
  };
}
