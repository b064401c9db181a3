/**
 * Whether something that a program asked for and did not await keeps its execution from ending. Called by the run loop when
 * the program has returned and nothing is to be delivered.
 *
 * N1  What it asked for in the breath in which it returned, or what came of that, is begun and awaited, whatever the verb:
 *     `forEach(async …)` drops nothing.
 * N2  A try that it had begun before and that has not ended is awaited for a bounded time, so that what it does outside
 *     is written down. Other waits that it had begun before have lost a race: they end with it, as its children do.
 * N3  The log alone tells these apart, so a replay decides as the first life did: what was begun before the last answer
 *     that the program heard stands before it in the log.
 */
import type { Ask } from "./ask.ts";
import { isTry } from "./begin-asked.ts";
import type { Grace } from "./grace.ts";
import type { Journal } from "./journal.ts";
import type { Works } from "./works.ts";

export class Ending {
  readonly #journal: Journal;
  readonly #works: Works;
  readonly #grace: Grace;
  /** Keys of what it had begun before. */
  #before: ReadonlySet<string> | undefined;

  constructor(journal: Journal, works: Works, grace: Grace) {
    this.#journal = journal;
    this.#works = works;
    this.#grace = grace;
  }

  /** The program returned; `heardSeq` is where the last answer that it heard stands in the log. */
  returned(asks: Iterable<Ask>, heardSeq: number): void {
    const { entries } = this.#journal.index();
    const begunBefore = ({ key }: Ask) => {
      const entry = entries.get(key);
      return entry ? entry.startedSeq < heardSeq : this.#works.has(key);
    };
    this.#before ??= new Set([...asks].filter(begunBefore).map(({ key }) => key));
  }

  isHeldUp(asks: Iterable<Ask>): boolean {
    for (const ask of asks) if (this.#isAwaited(ask)) return true;
    this.#grace.over();
    return false;
  }

  #isAwaited(ask: Ask): boolean {
    return !this.#before?.has(ask.key) || (isTry(ask) && this.#grace.lasts());
  }
}
