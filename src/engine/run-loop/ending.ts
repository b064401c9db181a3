/**
 * Whether something that a program asked for and did not await keeps its execution from ending. Called by the run loop when
 * the program has returned and nothing is to be delivered.
 *
 * - What it asked for in the breath in which it returned, or what came of that, is begun and awaited, with every verb:
 *   `forEach(async …)` drops nothing.
 * - A try that it had begun before and that has not ended is awaited for a bounded time, so that what it does outside
 *   is written down. Other waits that it had begun before have lost a race: they end with it, as its children do.
 * - The log alone tells these apart, so a replay decides as the first life did: what was begun before the last answer
 *   that the program heard stands before it in the log.
 */
import type { ActivityRunner } from "../activities/activity-runner.ts";
import type { Journal } from "../journal/journal.ts";
import { runsHere } from "../operations/dispatch.ts";
import type { Operation } from "../operations/operation.ts";
import type { Grace } from "./grace.ts";

export class Ending {
  readonly #journal: Journal;
  readonly #activities: ActivityRunner;
  readonly #grace: Grace;
  /** Keys of what it had begun before. */
  #before: ReadonlySet<string> | undefined;

  constructor(journal: Journal, activities: ActivityRunner, grace: Grace) {
    this.#journal = journal;
    this.#activities = activities;
    this.#grace = grace;
  }

  /** The program returned; `heardSeq` is where the last answer that it heard stands in the log. */
  returned(operations: Iterable<Operation>, heardSeq: number): void {
    const { entries } = this.#journal.index();
    const begunBefore = ({ key }: Operation) => {
      const entry = entries.get(key);
      return entry ? entry.startedSeq < heardSeq : this.#activities.has(key);
    };
    this.#before ??= new Set([...operations].filter(begunBefore).map(({ key }) => key));
  }

  isHeldUp(operations: Iterable<Operation>): boolean {
    for (const operation of operations) if (this.#isAwaited(operation)) return true;
    this.#grace.over();
    return false;
  }

  #isAwaited(operation: Operation): boolean {
    return !this.#before?.has(operation.key) || (runsHere(operation) && this.#grace.lasts());
  }
}
