import type { Appended } from "../../domain/execution/event-text.ts";
import { mayBeLost } from "./may-be-lost.ts";

/**
 * Events, and characters of their texts, that wait for a commit at most. A clock may stand still while a program computes:
 * what a crash may cost is bounded without one.
 */
const MOST = 128;
const MOST_CHARACTERS = 262_144;

/** Half of what a caller is held who waits for an end. */
const FIRST_COMMIT_MS = 500;

/**
 * How long what a crash may drop waits for a commit. No caller has heard of an execution that was never written: the caller
 * who started it waits for its end, and what it does at once is one commit, however late a busy machine is.
 */
export function commitDelayMs(committed: object | undefined, lazyFlushMs: number): number {
  return committed === undefined ? Math.max(lazyFlushMs, FIRST_COMMIT_MS) : lazyFlushMs;
}

/** Events that were appended and are not on disk yet. */
export class Staged {
  readonly events: Appended[] = [];
  #size = 0;
  #isUrgent = false;
  #forgets = false;

  add(appended: Appended): void {
    const { event, text } = appended;
    this.events.push(appended);
    this.#size += text.length;
    this.#isUrgent ||= !mayBeLost(event);
    this.#forgets ||= event.type === "log.archived";
  }

  /** Something is among them that must be on disk before the outside is touched, or that no replay would compute again. */
  get isUrgent(): boolean {
    return this.#isUrgent;
  }
  /** True when the staged events are all that will remain of the log. */
  get forgets(): boolean {
    return this.#forgets;
  }
  /** Characters. */
  get size(): number {
    return this.#size;
  }
  /** Too many wait, or too much, or one of them since `beforeMs`. */
  isDue(beforeMs: number): boolean {
    const [oldest] = this.events;
    if (this.events.length >= MOST || this.#size >= MOST_CHARACTERS) return true;
    return oldest !== undefined && oldest.event.atMs <= beforeMs;
  }
}
