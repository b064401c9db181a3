import { isHeld } from "../domain/hold.ts";
import { isTerminal } from "../domain/status.ts";
import type { Written } from "./commits.ts";
import type { Journal } from "./journal.ts";
import type { Launch } from "./work.ts";

export interface KeyedLaunch {
  readonly key: string;
  readonly launch: Launch;
}

/** Tries that start when their intents are on disk: at once, but for a commit that the storage refused at first. */
export class Launches {
  readonly #journal: Pick<Journal, "state" | "index">;
  readonly #onDone: () => void;
  readonly #waiting = new Set<string>();

  constructor(journal: Pick<Journal, "state" | "index">, onDone: () => void) {
    this.#journal = journal;
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

  #start(launches: readonly KeyedLaunch[]): void {
    for (const { key } of launches) this.#waiting.delete(key);
    const { state } = this.#journal;
    // Paused or ended meanwhile: nothing begins, and what is open is taken up on resume (E6, E7).
    if (!state || isTerminal(state.status) || isHeld(state)) return;
    const { entries } = this.#journal.index();
    // What lost its race meanwhile is done.
    for (const { key, launch } of launches) if (entries.get(key)?.status !== "done") launch();
    this.#onDone();
  }
}
