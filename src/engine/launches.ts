import type { Written } from "./commits.ts";
import type { Launch } from "./work.ts";

export interface KeyedLaunch {
  readonly key: string;
  readonly launch: Launch;
}

/** Tries that start when their intents are on disk: at once, but for a commit that the storage refused at first. */
export class Launches {
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
  when(written: Written, launches: readonly KeyedLaunch[]): void {
    if (written === undefined) {
      for (const { launch } of launches) launch();
      return;
    }
    for (const { key } of launches) this.#waiting.add(key);
    written.then(
      () => this.#start(launches),
      () => {},
    );
  }

  /** Each looks itself whether it still may: what was paused, ended, or lost its race meanwhile begins nothing. */
  #start(launches: readonly KeyedLaunch[]): void {
    for (const { key } of launches) this.#waiting.delete(key);
    for (const { launch } of launches) launch();
    this.#onDone();
  }
}
