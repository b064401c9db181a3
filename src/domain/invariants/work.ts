/**
 * The work of agents in a log: what was given out twice (P2), what is not as leases and reports have it (P5), and the rows beside the
 * log (P5). Nothing of values is kept.
 */
import type { Event } from "../execution/event.ts";
import { canonicalJson } from "../values/json.ts";
import type { PlanPart } from "../work/plan-parts.ts";
import { planFrom } from "../work/plan-parts.ts";
import type { SubtaskState } from "../work/subtask-state.ts";
import { NEW_SUBTASK } from "../work/subtask-state.ts";
import { Work } from "../work/work.ts";
import type { Check, Evidence, WorkRows } from "./entries.ts";

type Of<T extends Event["type"]> = Extract<Event, { type: T }>;

/** Subtasks that had begun, may not be done twice, and were given out again without a word on how they had ended (P2). */
export function workRepeats(): Check {
  const unsafe = new Map<string, boolean>();
  const begun = new Set<string>();
  return ({ event }) => {
    if (event.type === "subtask.leased") {
      const { subtask, idempotent } = event.data;
      const isRepeat = begun.delete(subtask);
      unsafe.set(subtask, !idempotent);
      if (!isRepeat) return [];
      return [{ seqs: [event.seq], detail: `"${subtask}" may have happened, and was given out again in silence` }];
    }
    // A person looked, or it is over.
    if (event.type === "subtask.requeued" && event.data.by !== undefined) begun.delete(event.data.subtask);
    if (event.type !== "agent.reported" || !event.data.move) return [];
    const { to, subtask } = event.data.move;
    const isDoubt = to === "blocked" && event.data.errorType === "in_doubt";
    if (to === "started" || to === "progress" || to === "awaiting" || isDoubt) {
      if (unsafe.get(subtask)) begun.add(subtask);
    } else begun.delete(subtask);
    return [];
  };
}

/** Two holders of one subtask, reports that moved what their agent did not hold, second ends (P5). */
export function disorderedWork(): Check {
  const holders = new Map<string, string>();
  const epochs = new Map<string, number>();
  const ended = new Map<string, string>();
  return ({ event }) => {
    const found: Evidence[] = [];
    const wrong = (detail: string) => found.push({ seqs: [event.seq], detail });
    const end = (subtask: string, how: string) => {
      const before = ended.get(subtask);
      if (before !== undefined) wrong(`"${subtask}" was ${how} after it was ${before}`);
      ended.set(subtask, how);
      holders.delete(subtask);
    };
    if (event.type === "subtask.leased") {
      const { subtask, agent, epoch } = event.data;
      const holder = holders.get(subtask);
      if (holder !== undefined) wrong(`"${subtask}" was given to "${agent}" while "${holder}" held it`);
      if (ended.has(subtask)) wrong(`"${subtask}" was given out after it was ${ended.get(subtask)}`);
      const last = epochs.get(subtask) ?? 0;
      if (epoch !== last + 1) wrong(`a lease of "${subtask}" has the epoch ${epoch} after ${last}`);
      holders.set(subtask, agent);
      epochs.set(subtask, epoch);
    }
    if (event.type === "agent.reported") {
      const { agent, move } = event.data;
      if (move && holders.get(move.subtask) !== agent)
        wrong(`"${agent}" moved "${move.subtask}", which it did not hold`);
      if (move?.to === "completed" || move?.to === "failed") end(move.subtask, move.to);
      else if (move?.to === "blocked" || move?.to === "delayed") holders.delete(move.subtask);
    }
    for (const { subtask, how } of endsOf(event)) end(subtask, how);
    if (event.type === "subtask.requeued" || event.type === "subtask.blocked") holders.delete(event.data.subtask);
    return found;
  };
}

function endsOf(event: Event): { readonly subtask: string; readonly how: string }[] {
  if (event.type === "subtask.completed") return [{ subtask: event.data.subtask, how: "completed" }];
  if (event.type === "subtask.failed") return [{ subtask: event.data.subtask, how: "failed" }];
  if (event.type === "subtask.skipped") return event.data.subtasks.map((subtask) => ({ subtask, how: "skipped" }));
  return [];
}

/** Folds the work out of the log, and compares the rows beside it. */
export class FoldedWork {
  readonly #rows: WorkRows | undefined;
  readonly #parts: PlanPart[] = [];
  readonly #found: Evidence[] = [];
  /** Each was one piece of work before it was taken apart: the row of that one stays. */
  readonly #decomposed = new Set<string>();
  #work: Work | undefined;

  constructor(rows: WorkRows | undefined) {
    this.#rows = rows;
  }

  see(event: Event): void {
    if (event.type === "plan.loaded") {
      this.#parts.push(event.data);
      const plan = planFrom(this.#parts);
      if (plan) this.#work = new Work(plan);
      return;
    }
    if (event.type === "task.decomposed") this.#decomposed.add(event.data.taskId);
    this.#work?.apply(event);
    if (event.type === "agent.reported") this.#seeReport(event);
  }

  /** Without its row a report that is sent again is written down again; of two that are the same one has none. */
  #seeReport({ seq, data }: Of<"agent.reported">): void {
    if (!this.#rows || this.#rows.seqOf(data) === seq) return;
    this.#found.push({ seqs: [seq], detail: `the report "${data.eventId}" of "${data.agent}" has not its row` });
  }

  get isThere(): boolean {
    return this.#parts.length > 0;
  }

  /** Rows that do not say what the log says. */
  wrongRows(seq: number): Evidence[] {
    const work = this.#work;
    if (!this.#rows || !work) return this.#found;
    const stored = new Map<string, SubtaskState>();
    for (const row of this.#rows.states()) stored.set(row.id, row);
    const differ = work.order.pieces.flatMap((piece) => {
      const row = stored.get(piece.id) ?? { id: piece.id, ...NEW_SUBTASK };
      stored.delete(piece.id);
      return canonicalJson(row) === canonicalJson(work.state(piece))
        ? []
        : [`the row of "${piece.id}" is not as the log has it`];
    });
    const strays = [...stored.keys()].filter((id) => !this.#decomposed.has(id));
    const stray = strays.map((id) => `the row of "${id}" belongs to no subtask`);
    return [...this.#found, ...[...differ, ...stray].map((detail) => ({ seqs: [seq], detail }))];
  }
}
