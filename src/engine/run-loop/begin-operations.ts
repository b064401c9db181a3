/**
 * Which of the questions that are open have something to begin or to take up again. Used by the run loop.
 *
 * - A question is looked at when it was asked, when its entry changed, when its next try is due, and while it runs here:
 *   what waits for a person, a signal or a child costs nothing while others are answered.
 * - Tries begin in the order in which they were asked for; another try of one that had begun goes first.
 */
import type { StartThunk } from "../activities/activity.ts";
import type { KeyedStart } from "../activities/pending-starts.ts";
import { toEntryError } from "../activities/retry.ts";
import type { Journal } from "../journal/journal.ts";
import { dispatched, runsHere } from "../operations/dispatch.ts";
import type { Loop, Operation } from "../operations/operation.ts";
import { takeUp } from "../operations/reusable-results.ts";
import { DueKeys } from "./due-keys.ts";

export class BeginOperations {
  readonly #loop: Pick<Loop, "journal" | "activities" | "world">;
  /** What the program has not been told yet. */
  readonly #operations: Map<string, Operation>;
  /** Asked since something was last begun: what the followed execution offers answers these first. */
  #fresh = new Set<Operation>();
  #look = new Map<string, Operation>();
  /** Tries without room: those that had begun before, and those that were never begun. */
  readonly #again = new Map<string, Operation>();
  readonly #queue = new Map<string, Operation>();
  /** Operations that run here, or are about to. */
  readonly #busy = new Map<string, Operation>();
  readonly #due = new DueKeys();

  constructor(operations: Map<string, Operation>, loop: Pick<Loop, "journal" | "activities" | "world">) {
    this.#operations = operations;
    this.#loop = loop;
  }

  /** Tries for which there is no room. */
  get queued(): readonly Operation[] {
    return this.#stillOpen([...this.#again.values(), ...this.#queue.values()]);
  }
  get fresh(): readonly Operation[] {
    return this.#stillOpen(this.#fresh);
  }

  /** Without those that were answered or withdrawn meanwhile. */
  #stillOpen(operations: Iterable<Operation>): Operation[] {
    return [...operations].filter((operation) => this.#operations.get(operation.key) === operation);
  }

  /** Takes operations that are open from here on. */
  add(operations: readonly Operation[]): void {
    for (const operation of operations) {
      this.#operations.set(operation.key, operation);
      this.#fresh.add(operation);
      const waits = runsHere(operation) && this.#queue.size > 0;
      (waits ? this.#queue : this.#look).set(operation.key, operation);
    }
  }

  /** An event about this key was appended. */
  changed(key: string): void {
    const operation = this.#operations.get(key);
    if (!operation || this.#busy.has(key) || this.#queue.has(key) || this.#again.has(key)) return;
    this.#look.set(key, operation);
  }

  /** Begins and takes up what there is, in one commit before anything touches the outside. */
  begin(): void {
    const { journal, activities, world } = this.#loop;
    this.#fresh = new Set();
    for (const key of [...this.#busy.keys()]) {
      if (activities.has(key)) continue;
      this.#busy.delete(key);
      this.changed(key);
    }
    for (const key of this.#due.taken(world.now())) this.changed(key);
    const starts: KeyedStart[] = [];
    const look = this.#look;
    this.#look = new Map();
    for (const [key, operation] of look) {
      if (this.#waits(operation)) continue;
      if (!runsHere(operation) || activities.hasRoom(starts.length)) this.#begin(operation, starts);
      else (journal.index().entries.has(key) ? this.#again : this.#queue).set(key, operation);
    }
    for (const waiting of [this.#again, this.#queue])
      for (const [key, operation] of waiting) {
        if (!activities.hasRoom(starts.length)) break;
        waiting.delete(key);
        if (!this.#waits(operation)) this.#begin(operation, starts);
      }
    if (starts.length === 0) return;
    // What is not urgent is committed with what it leads to, or when the program comes to rest.
    activities.startWhen(journal.hasUrgent ? journal.flush() : undefined, starts);
  }

  /** Nothing is to be done about it before its entry changes, or the next try is due. */
  #waits(operation: Operation): boolean {
    const { journal, world } = this.#loop;
    if (this.#operations.get(operation.key) !== operation) return true;
    const entry = journal.index().entries.get(operation.key);
    if (!entry) return false;
    const { status } = entry;
    const isLater = entry.status === "backing_off" && entry.retryAtMs > world.now();
    if (isLater) this.#due.add(operation.key, entry.retryAtMs);
    return isLater || status === "done" || status === "in_doubt" || !runsHere(operation);
  }

  #begin(operation: Operation, starts: KeyedStart[]): void {
    const { journal, activities } = this.#loop;
    // Its intent is an event about it too, and nothing new.
    this.#busy.set(operation.key, operation);
    const start = activities.has(operation.key) ? undefined : begun(operation, journal);
    journal.flushWhenDue();
    if (start) starts.push({ key: operation.key, start });
    if (start || activities.has(operation.key)) return;
    this.#busy.delete(operation.key);
    if (!this.#waits(operation)) this.#look.set(operation.key, operation);
  }
}

/** What starts its try. A question that nothing can be made of ends with what was thrown: the others go on. */
function begun(operation: Operation, journal: Journal): StartThunk | undefined {
  try {
    const entry = journal.index().entries.get(operation.key) ?? takeUp(operation, journal);
    return dispatched(operation, entry);
  } catch (error) {
    const { key, kind, name } = operation;
    const outcome = { ok: false, error: toEntryError(error) } as const;
    journal.dispatch({ type: "finish_entry", key, kind, name, attempt: 1, outcome }, "program");
    return undefined;
  }
}
