import type { Written } from "../journal/commits.ts";
import type { StartThunk } from "./activity.ts";

export interface KeyedStart {
  readonly key: string;
  readonly start: StartThunk;
}

/** Tries that start when their intents are on disk: at once, but for a commit that the storage refused at first. */
export class PendingStarts {
  readonly #onDone: () => void;
  readonly #waiting = new Set<string>();

  constructor(onDone: () => void) {
    this.#onDone = onDone;
  }

  get size(): number {
    return this.#waiting.size;
  }
  has(key: string): boolean {
    return this.#waiting.has(key);
  }

  /** Given up, none of them starts: the next process finds their intents, or none. */
  when(written: Written, starts: readonly KeyedStart[]): void {
    if (written === undefined) {
      for (const { start } of starts) start();
      return;
    }
    for (const { key } of starts) this.#waiting.add(key);
    written.then(
      () => this.#start(starts),
      () => {},
    );
  }

  /** Each looks itself whether it still may: what was paused, ended, or lost its race meanwhile begins nothing. */
  #start(starts: readonly KeyedStart[]): void {
    for (const { key } of starts) this.#waiting.delete(key);
    for (const { start } of starts) start();
    this.#onDone();
  }
}
