/**
 * Writes what is held to the index when it takes writes again: one writer, oldest first, woken by the projector's alarm.
 *
 * - A page is removed only after the index has it; a crash between the two writes it once more, which changes nothing.
 * - A failed attempt waits twice as long as the last one, up to an hour; each attempt costs one write.
 */
import type { Backoff } from "../../domain/values/backoff.ts";
import { backoffMs } from "../../domain/values/backoff.ts";
import type { WriteParts } from "./halving-write.ts";
import { halvingWrite } from "./halving-write.ts";
import type { HeldEntries } from "./held-entries.ts";

export interface CatchUpParts<Entry> extends WriteParts<Entry> {
  readonly held: HeldEntries<Entry>;
  readonly now: () => number;
  /** Resolves when the alarm is set. */
  readonly setAlarm: (atMs: number) => Promise<void>;
  /** Attempts that failed in a row, in storage: the object is evicted between two attempts. */
  readonly failures: { get(): number; set(count: number): void };
}

const BACKOFF: Backoff = { initialMs: 1_000, factor: 2, maxMs: 3_600_000, jitter: false };
/** New entries show that the tenant is at work: then the index is looked at this often, even if the backoff is longer. */
const WHILE_BUSY_MS = 60_000;
/** The alarm's call is given back after so long, and goes on with the next one (the platform ends a call after 15 min). */
const LONGEST_RUN_MS = 60_000;

export class CatchUp<Entry> {
  readonly #parts: CatchUpParts<Entry>;
  #alarmAtMs = Number.POSITIVE_INFINITY;

  constructor(parts: CatchUpParts<Entry>) {
    this.#parts = parts;
  }

  /** Stores entries for later; false when there is no more room. */
  hold(entries: readonly Entry[]): boolean {
    if (!this.#parts.held.hold(entries)) return false;
    const wait = Math.min(this.#wait(), WHILE_BUSY_MS);
    const atMs = this.#parts.now() + wait;
    if (atMs < this.#alarmAtMs) void this.#setAlarm(atMs).catch(() => {});
    return true;
  }

  /** The projector's alarm. */
  async run(): Promise<void> {
    this.#alarmAtMs = Number.POSITIVE_INFINITY;
    const { held, now } = this.#parts;
    const end = now() + LONGEST_RUN_MS;
    for (let page = held.oldest(); page; page = held.oldest()) {
      const left = page.entries.length === 0 ? [] : await halvingWrite(page.entries, this.#parts);
      if (left.length > 0) {
        this.#parts.failures.set(this.#parts.failures.get() + 1);
        return this.#setAlarm(now() + this.#wait());
      }
      if (this.#parts.failures.get() > 0) this.#parts.failures.set(0);
      held.remove(page);
      if (now() > end) return this.#setAlarm(now());
    }
  }

  #wait(): number {
    return backoffMs(BACKOFF, this.#parts.failures.get() + 1);
  }

  #setAlarm(atMs: number): Promise<void> {
    this.#alarmAtMs = atMs;
    return this.#parts.setAlarm(atMs);
  }
}
