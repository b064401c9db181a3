/** What each event makes of the rows of subtasks. Pure: it reads where they stand, and returns where they stand after it. */
import type { Event, EventData } from "../execution/event.ts";
import { unreachable } from "../values/json.ts";
import type { Piece } from "./order.ts";
import type { ReportMove } from "./report.ts";
import type { SubtaskState, SubtaskStatus } from "./subtask-state.ts";
import { ROW_TEXT } from "./subtask-state.ts";
import type { WorkEvent } from "./work-event.ts";
import { isOfWork } from "./work-event.ts";

interface Standing {
  piece(id: string): Piece | undefined;
  state(piece: Piece): SubtaskState;
  readonly decomposing: readonly Piece[];
}

type Of<T extends Event["type"]> = Extract<Event, { type: T }>;

/** How many lapses of a lease are remembered. */
const LAPSES = 5;

const short = (text: string | undefined) => text?.slice(0, ROW_TEXT);
const given = <T extends object>(fields: T): { [K in keyof T]?: Exclude<T[K], undefined> } =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };

export class SubtaskMoves {
  readonly #standing: Standing;

  constructor(standing: Standing) {
    this.#standing = standing;
  }

  of(event: Event): SubtaskState[] {
    if (event.type === "child.waiting") return this.#ofChild(event.data);
    return isOfWork(event) ? this.#ofWork(event) : [];
  }

  /** The execution that takes a task apart began or ceased to wait for a person. */
  #ofChild({ childId, waiting }: EventData<"child.waiting">): SubtaskState[] {
    const piece = this.#standing.decomposing.find((one) => this.#standing.state(one).childId === childId);
    if (!piece) return [];
    const { childWaits: _before, ...state } = this.#standing.state(piece);
    return [{ ...state, ...(waiting ? { childWaits: true } : {}) }];
  }

  #ofWork(event: WorkEvent): SubtaskState[] {
    switch (event.type) {
      case "task.decomposing": {
        const { task, childId } = event.data;
        return this.#changed(task, (state) => ({ ...state, status: "decomposing", childId }));
      }
      case "task.undecomposed": {
        const { task, why } = event.data;
        const undecomposed = why.slice(0, ROW_TEXT);
        return this.#changed(task, ({ childId: _child, childWaits: _waits, ...state }) => ({
          ...state,
          status: "queued",
          undecomposed,
        }));
      }
      case "subtask.leased":
        return this.#changed(event.data.subtask, (state) => leased(state, event));
      case "agent.reported":
        return event.data.move ? this.#moved(event, event.data.move) : [];
      case "agent.heartbeat":
        return event.data.leases.flatMap(({ subtask, deadlineMs }) =>
          this.#changed(subtask, (state) => renewed(state, deadlineMs)),
        );
      case "subtask.requeued":
        return this.#changed(event.data.subtask, (state) => requeued(state, event.data));
      case "subtask.blocked":
        return this.#changed(event.data.subtask, (state) => blocked(state, event.data, event.atMs));
      case "subtask.completed": {
        const outcome = short(event.data.message);
        return this.#changed(event.data.subtask, (state) => ended(state, "complete", { atMs: event.atMs, outcome }));
      }
      case "subtask.skipped": {
        const { subtasks, why } = event.data;
        const end = { atMs: event.atMs, error: short(why) };
        return subtasks.flatMap((id) => this.#changed(id, (state) => ended(state, "skipped", end)));
      }
      case "subtask.failed":
        return this.#changed(event.data.subtask, (state) =>
          ended(state, "error", { atMs: event.atMs, error: short(event.data.why) }),
        );
      case "subtask.escalated":
        return this.#escalated(event.data);
      case "plan.loaded":
      case "task.decomposed":
      case "plan.progressed":
      case "stop.requested":
      case "stop.seen":
      case "failure.dismissed":
        return [];
    }
    return unreachable(event);
  }

  /** Another one is asked. */
  #escalated({ subtask, to }: EventData<"subtask.escalated">): SubtaskState[] {
    if (to === undefined) return [];
    return this.#changed(subtask, ({ blocked: block, ...state }) => ({
      ...state,
      ...(block ? { blocked: { ...block, assignee: to, handedOn: (block.handedOn ?? 0) + 1 } } : {}),
    }));
  }

  #changed(id: string, change: (state: SubtaskState) => SubtaskState): SubtaskState[] {
    const piece = this.#standing.piece(id);
    return piece ? [change(this.#standing.state(piece))] : [];
  }

  #moved({ data, atMs }: Of<"agent.reported">, move: ReportMove): SubtaskState[] {
    const error = short(data.errorMessage ?? data.message);
    const failed = given({ error, errorType: data.errorType });
    return this.#changed(move.subtask, (state): SubtaskState => {
      switch (move.to) {
        case "started":
        case "progress": {
          const kept = renewed(state, move.deadlineMs);
          const progress = move.to === "progress" ? given({ progress: short(data.message) }) : {};
          return { ...kept, status: "started", startedAtMs: state.startedAtMs ?? atMs, ...progress };
        }
        case "awaiting":
          return { ...renewed(state, move.deadlineMs), status: "awaiting", startedAtMs: state.startedAtMs ?? atMs };
        case "completed":
          return ended(state, "complete", { atMs, outcome: short(data.message) });
        case "failed":
          return { ...ended(state, "error", { atMs }), ...failed };
        case "delayed": {
          const { lease: _lease, ...rest } = state;
          const again = { attempt: state.attempt + 1, retryAtMs: move.retryAtMs };
          return { ...rest, status: "delayed", ...again, ...failed };
        }
        case "blocked": {
          const { suggestions } = data;
          const told = { ...move, ...failed, ...given({ suggestions }) };
          return blocked(state, told, atMs);
        }
      }
      return unreachable(move);
    });
  }
}

function leased(state: SubtaskState, { data, atMs }: Of<"subtask.leased">): SubtaskState {
  const { leaseId: id, agent, epoch, deadlineMs, limitMs, idempotent } = data;
  const { retryAtMs: _retry, ...rest } = state;
  return { ...rest, status: "leased", epoch, lease: { id, agent, grantedAtMs: atMs, deadlineMs, limitMs, idempotent } };
}

function renewed(state: SubtaskState, deadlineMs: number | undefined): SubtaskState {
  if (!state.lease || deadlineMs === undefined) return state;
  return { ...state, lease: { ...state.lease, deadlineMs } };
}

function requeued(state: SubtaskState, data: EventData<"subtask.requeued">): SubtaskState {
  const { lease: _lease, blocked: _blocked, retryAtMs: _retry, lapses: lapsesBefore, ...rest } = state;
  const { attempt, retryAtMs, instead, lapsed, by } = data;
  // A person who has it tried again begins anew.
  const before = by === undefined ? (lapsesBefore ?? []) : [];
  const lapses = lapsed === undefined ? before : [...before, lapsed].slice(-LAPSES);
  return {
    ...rest,
    attempt,
    status: retryAtMs === undefined ? "queued" : "delayed",
    ...given({ retryAtMs, instead }),
    ...(lapses.length > 0 ? { lapses } : {}),
  };
}

interface Told {
  readonly gateId: string;
  readonly blocking: boolean;
  readonly why: string;
  readonly options: string[];
  readonly suggestions?: string[] | undefined;
  readonly error?: string | undefined;
  readonly errorType?: string | undefined;
  readonly assignee?: string | undefined;
}

function blocked(state: SubtaskState, told: Told, sinceMs: number): SubtaskState {
  const { lease: _lease, retryAtMs: _retry, ...rest } = state;
  const { gateId, blocking, why, options, suggestions, error, errorType, assignee } = told;
  const block = { gateId, sinceMs, blocking, why, options, ...given({ suggestions, assignee }) };
  return { ...rest, status: "blocked", blocked: block, ...given({ error: short(error), errorType }) };
}

interface End {
  readonly atMs: number;
  readonly outcome?: string | undefined;
  readonly error?: string | undefined;
}

function ended(state: SubtaskState, status: Extract<SubtaskStatus, "complete" | "skipped" | "error">, end: End) {
  const { lease: _lease, blocked: _blocked, retryAtMs: _retry, error: _error, errorType: _type, ...rest } = state;
  const { outcome, error } = end;
  return { ...rest, status, completedAtMs: end.atMs, ...given({ outcome, error }) } satisfies SubtaskState;
}
