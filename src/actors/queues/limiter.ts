/**
 * The limiter of one queue, without a platform: it answers executions that ask for slots, tells those that waited, and asks
 * those that hold one whether they still do.
 *
 * - What it says is on disk before it says it: a slot is a record that outlives any death of this process.
 * - An execution gives its slot back with a message. If that message is lost, the limiter finds out by asking: an execution
 *   that has ended, is at rest or does not exist holds no slot.
 * - An execution that waited is told until it has taken its slot, or refuses it.
 */
import type { Asked, QueueRule, SlotRecord } from "../../domain/intake/slot-book.ts";
import { FIRST_CHECK_MS, SlotBook } from "../../domain/intake/slot-book.ts";
import type { QueueReport } from "../../domain/read-models/queue-place.ts";
import type { Backoff } from "../../domain/values/backoff.ts";
import { backoffMs } from "../../domain/values/backoff.ts";
import { mapBounded } from "../../operations/bounded.ts";

/** `unknown`: it could not be asked now. */
export type Heard = "yes" | "no" | "unknown";

export interface LimiterParts {
  readonly now: () => number;
  readonly load: () => { readonly records: readonly SlotRecord[]; readonly rule: QueueRule };
  /** All or nothing, with the alarm; an absent alarm leaves the one that stands. */
  readonly commit: (change: {
    readonly put: readonly SlotRecord[];
    readonly removed: readonly string[];
    readonly alarmAtMs: number | undefined;
  }) => void;
  /** Tells an execution that it has the slot. */
  readonly tell: (id: string, epoch: number) => Promise<Heard>;
  /** Asks an execution whether it holds, or is about to take, the slot. */
  readonly check: (id: string, epoch: number) => Promise<Heard>;
  /** Whether an operator has set something, so that the queue is kept while nothing is in it. */
  readonly isSet: () => boolean;
  /** A round ended in the middle: its alarm has to repeat it. */
  readonly failed: (error: unknown) => void;
}

/** A queue that holds nothing is forgotten when nothing was heard of it for so long. */
const QUIET_MS = 60_000;
/** Waits between two checks that the holder of a slot still needs it. */
const CHECKS: Backoff = { initialMs: FIRST_CHECK_MS, factor: 2, maxMs: 3_600_000, jitter: false };
/** Waits between two tries to reach an execution. */
const AGAIN: Backoff = { initialMs: 5_000, factor: 2, maxMs: 300_000, jitter: false };

export class Limiter {
  readonly #parts: LimiterParts;
  #book: SlotBook | undefined;
  #round: Promise<void> | undefined;
  #again = false;
  /** When its alarm goes off, as far as this process knows. */
  #armedAtMs = Number.POSITIVE_INFINITY;
  /** When an execution spoke last; a process that has heard none was idle for long enough. */
  #heardAtMs = Number.NEGATIVE_INFINITY;

  constructor(parts: LimiterParts) {
    this.#parts = parts;
  }

  /** True when it has a slot now. `rule`: as the definition, or an operator, says at this moment. */
  ask(asked: Asked, rule?: QueueRule): boolean {
    const book = this.#opened();
    this.#heardAtMs = this.#parts.now();
    const isNews = rule !== undefined && (rule.limit !== book.rule.limit || rule.paused !== book.rule.paused);
    if (isNews) this.#configure(rule);
    const granted = book.ask(asked, this.#parts.now());
    this.#commit();
    return granted;
  }

  giveBack(id: string, upToEpoch: number): void {
    this.#heardAtMs = this.#parts.now();
    this.#opened().giveBack(id, upToEpoch, this.#heardAtMs);
    this.#commit();
  }

  configure(rule: QueueRule): void {
    this.#opened();
    this.#configure(rule);
    this.#commit();
  }

  report(id?: string): QueueReport {
    const book = this.#opened();
    const { waiting, running, oldestAtMs, rule } = book;
    const position = id === undefined ? undefined : book.position(id, this.#parts.now());
    return { waiting, running, limit: rule.limit, paused: rule.paused ?? false, oldestAtMs, position };
  }

  /** Nothing is in the queue, and nothing has to be kept of it. */
  get isIdle(): boolean {
    return this.#isFree && this.#parts.now() >= this.#heardAtMs + QUIET_MS;
  }

  /** All that it kept has gone from the disk. */
  forgot(): void {
    this.#book = undefined;
    this.#armedAtMs = Number.POSITIVE_INFINITY;
  }

  /** Called by its alarm. Tells and asks all that are due, until none is. Never rejects; its alarm repeats it. */
  round(): Promise<void> {
    this.#armedAtMs = Number.POSITIVE_INFINITY;
    return this.#goRound();
  }

  #goRound(): Promise<void> {
    this.#again = true;
    this.#round ??= this.#rounds()
      .catch((error: unknown) => this.#parts.failed(error))
      .finally(() => {
        this.#round = undefined;
      });
    return this.#round;
  }

  async #rounds(): Promise<void> {
    while (this.#again) {
      this.#again = false;
      const book = this.#opened();
      const now = this.#parts.now();
      book.grantMore(now);
      const due = book.due(now);
      await mapBounded(due, (record) => this.#look(record));
      this.#again ||= due.length > 0;
    }
    this.#commit();
  }

  async #look({ id, epoch, untold, checks = 0 }: SlotRecord): Promise<void> {
    const heard = await this.#heard(untold ? this.#parts.tell(id, epoch) : this.#parts.check(id, epoch));
    const book = this.#opened();
    const now = this.#parts.now();
    if (heard === "no") book.giveBack(id, epoch, now);
    else {
      const isKnown = heard === "yes";
      const wait = isKnown ? backoffMs(CHECKS, untold ? 1 : checks + 1) : backoffMs(AGAIN, checks + 1);
      const next = isKnown && untold ? 0 : checks + 1;
      book.looked(id, epoch, { checkAtMs: now + wait, checks: next, told: isKnown });
    }
    this.#commit();
  }

  async #heard(asked: Promise<Heard>): Promise<Heard> {
    try {
      return await asked;
    } catch {
      return "unknown";
    }
  }

  get #isFree(): boolean {
    const { running, waiting } = this.#opened();
    return running + waiting === 0 && !this.#parts.isSet();
  }

  #configure(rule: QueueRule): void {
    this.#book?.configure(rule, this.#parts.now());
  }

  #opened(): SlotBook {
    if (this.#book) return this.#book;
    const { records, rule } = this.#parts.load();
    this.#book = new SlotBook(records, rule, this.#parts.now());
    return this.#book;
  }

  /**
   * Writes what changed, and arms the alarm where it is to go off earlier. A commit that throws leaves a memory that says
   * what the disk does not: it is read anew.
   */
  #commit(): void {
    const book = this.#opened();
    const change = book.takeChanges();
    const idleAtMs = this.#isFree ? Math.max(this.#heardAtMs + QUIET_MS, this.#parts.now()) : Number.POSITIVE_INFINITY;
    const dueAtMs = book.nextCheckAtMs ?? idleAtMs;
    const alarmAtMs = dueAtMs < this.#armedAtMs ? dueAtMs : undefined;
    try {
      if (change.put.length + change.removed.length > 0 || alarmAtMs !== undefined)
        this.#parts.commit({ ...change, alarmAtMs });
      this.#armedAtMs = alarmAtMs ?? this.#armedAtMs;
    } catch (error) {
      this.#book = undefined;
      throw error;
    }
    const now = this.#parts.now();
    if (!this.#round && change.put.some(({ checkAtMs = Number.POSITIVE_INFINITY }) => checkAtMs <= now))
      void this.#goRound();
    else this.#again ||= change.put.some(({ untold }) => untold === true);
  }
}
