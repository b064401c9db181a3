/**
 * Keeps what the index knows of an execution's next wake true while its status stays the same: a program that goes to sleep,
 * or begins to wait for a signal, is running as before. Nothing of it is durable: the alarm wakes the execution, the index
 * is the net beneath it.
 *
 * - The index may hold an instant that is too early for long: the sweeper finds out, at the cost of one call. What is too
 *   late, or missing, is told.
 * - Only what lasts is told: a program that waits for one signal after the other costs no row.
 */
import { isTerminal } from "../../domain/execution/status.ts";
import type { Journal } from "../journal/journal.ts";
import { isBusy } from "../journal/next-wake.ts";
import type { World } from "../ports.ts";
import { rowMessage } from "./outbox-message.ts";

/** A rest, or a stretch of work, this long is worth a row of the index. */
const LASTS_MS = 1_000;
/** One that was seen at work is looked at again after this long. */
const SEEN_AT_WORK_MS = 300_000;

export class IndexedWake {
  readonly #journal: Journal;
  readonly #world: World;
  /** What the index was told last: `null` for "none"; `undefined` while that is not known. */
  #reported: number | null | undefined;
  #looks = false;

  constructor(journal: Journal, world: World) {
    this.#journal = journal;
    this.#world = world;
  }

  /** The index has a row that says so. */
  hasHeard(owedWakeAtMs: number | undefined): void {
    this.#reported = owedWakeAtMs ?? null;
    this.look();
  }

  /**
   * What the sweeper may note, which has just seen that the execution is well. One at work wakes itself each heartbeat: it
   * is looked at again much later.
   */
  whenSeen(): number | undefined {
    const { state, owedWakeAtMs } = this.#journal;
    if (owedWakeAtMs === undefined || !state || !isBusy(state)) return owedWakeAtMs;
    return Math.max(owedWakeAtMs, this.#world.now() + SEEN_AT_WORK_MS);
  }

  /** After a commit: what the index knows is looked at in a moment, if it seems wrong now. */
  look(): void {
    if (this.#looks || !this.#isWrong()) return;
    this.#looks = true;
    this.#world.later(LASTS_MS, () => {
      this.#looks = false;
      if (this.#isWrong()) void this.#report();
    });
  }

  #isWrong(): boolean {
    const { committed, outbox, owedWakeAtMs } = this.#journal;
    if (!committed || isTerminal(committed.status) || outbox.has("registry")) return false;
    if (this.#reported === undefined) return true;
    if (owedWakeAtMs === undefined) return this.#reported !== null;
    if (this.#reported === null || this.#reported > owedWakeAtMs) return true;
    return this.#reported < owedWakeAtMs && !isBusy(committed);
  }

  async #report(): Promise<void> {
    try {
      const message = rowMessage(this.#journal);
      const refusal = message && (await this.#world.deliver(message));
      if (message && !refusal) this.hasHeard(message.owedWakeAtMs);
    } catch (error) {
      // The next commit looks again; until then the alarm is all there is.
      this.#world.log("warn", "the index was not told of a wake", { error: String(error) });
    }
  }
}
