/**
 * When an execution is written, and what becomes of a commit that throws: it is tried once more in a turn of its own, with
 * all that was staged until then. When that fails too, the object is given up: its memory says what the disk does not, and
 * the next one reads the disk.
 *
 * - Nothing staged is lost to a first failure: a failed commit leaves everything as it was.
 * - While a second try is awaited nothing else is written. What acts on the outside, or answers, waits for it.
 * - Commands that come in one turn of the event loop share a commit, and each is answered after it.
 */
import type { World } from "../ports.ts";
import { traceOf } from "../trace.ts";

/** Nothing when it is on disk; else it resolves when it is. It rejects when the object is given up. */
export type Written = Promise<void> | undefined;

/** The storage took a commit neither at once nor in a second try. */
export class GivenUp extends Error {
  override readonly name = "GivenUp";
}

interface CommitParts {
  readonly world: Pick<World, "later" | "log" | "giveUp" | "drainMicrotasks">;
  /** Throws when the storage does; then it has changed nothing. */
  readonly write: () => void;
}

export class Commits {
  readonly #parts: CommitParts;
  #again: Promise<void> | undefined;
  #turn: Promise<void> | undefined;
  /** The shortest delay of those that run now. */
  #soonMs = Number.POSITIVE_INFINITY;
  #isGivenUp = false;

  constructor(parts: CommitParts) {
    this.#parts = parts;
  }

  /** Its memory is no longer to be trusted, and nothing of it is written any more. */
  get isGivenUp(): boolean {
    return this.#isGivenUp;
  }

  now(): Written {
    if (this.#again !== undefined) return this.#again;
    try {
      this.#parts.write();
      return undefined;
    } catch (error) {
      return this.#tryAgain(error);
    }
  }

  /** At the end of this turn of the event loop, with all that comes in it. */
  together(): Promise<void> {
    this.#turn ??= handled(
      this.#parts.world.drainMicrotasks().then(() => {
        this.#turn = undefined;
        return this.now();
      }),
    );
    return this.#turn;
  }

  /** For what a crash may drop: results of computation, progress, acknowledgements. */
  soon(afterMs: number): void {
    if (this.#soonMs <= afterMs) return;
    this.#soonMs = afterMs;
    this.#parts.world.later(afterMs, () => {
      if (this.#soonMs === afterMs) this.#soonMs = Number.POSITIVE_INFINITY;
      void this.now();
    });
  }

  #tryAgain(error: unknown): Promise<void> {
    const { world, write } = this.#parts;
    world.log("warn", "a commit failed and is tried once more", { stack: traceOf(error) });
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#again = handled(promise);
    world.later(0, () => {
      try {
        write();
        this.#again = undefined;
        resolve();
      } catch (again) {
        reject(new GivenUp("the storage of this execution takes no writes now", { cause: again }));
        this.giveUp(again);
      }
    });
    return this.#again;
  }

  giveUp(error: unknown): void {
    if (this.#isGivenUp) return;
    this.#isGivenUp = true;
    this.#parts.world.giveUp(error);
  }
}

/** Reports a commit that is on disk. Called by the journal; what a listener throws is only logged. */
export function whateverComes(world: Pick<World, "log">, report: () => void): void {
  try {
    report();
  } catch (error) {
    world.log("error", "a commit could not be told", { stack: traceOf(error) });
  }
}

/** Not everyone who stages something waits for it. */
function handled(promise: Promise<void>): Promise<void> {
  promise.catch(() => {});
  return promise;
}
