/**
 * How fast a shard begins executions while it accepts starts. On one machine the queue and new objects share a processor and a disk: a
 * burst is accepted first, and what waits goes on at a part of its own rate.
 *
 * - Its own rate, of begins when nothing is accepted, is measured.
 * - Starts that come faster by half than that are a burst: one execution begins each third of its own rate.
 * - Starts that come slower take nothing from it: executions begin as when nothing is accepted, and no queue grows.
 * - A start that comes alone begins at once. Where several in a row each came soon after the one before, fewer begin for a look:
 *   a caller that was slowed by them sends its starts faster then, and they are a burst.
 */
export interface PaceParts {
  /** Whether starts are being stored now. */
  readonly stores: () => boolean;
  readonly now: () => number;
  readonly pause: (ms: number) => Promise<void>;
}

/** The callers have stopped when nothing was accepted for so long. */
const ACCEPTING_MS = 100;

/** In a burst one begins in the time in which so many would begin otherwise. */
const SHARE = 3;
/** Longer than what one commit of many callers takes. */
const LOOK_MS = 100;
/** One look may fall into a pause of the callers that has another cause. */
const CALM_LOOKS = 3;
/** No burst: so long is not looked again. */
const OPEN_MS = 2_000;
/** A start comes alone when so many could have begun since the one before was accepted. */
const NEAR = 2;
/** Starts in a row that did not come alone, from which on there is a burst. */
const PRESSED = 16;
/** A queue of starts that come hardly faster than executions begin is shorter when nothing is held back. */
const FASTER = 1.5;
/** Of one begin, until it has been measured. */
const USUAL_MS = 8;
const LONGEST_TURN_MS = 100;
/** Begins that are measured together. */
const MEASURED = 32;

export class DrainPace {
  readonly #parts: PaceParts;
  #accepted = 0;
  #acceptedAtMs = Number.NEGATIVE_INFINITY;
  /** Starts in a row that did not come alone, since a lone one or since executions begin as when nothing is accepted. */
  #pressed = { count: 0, fromMs: 0 };
  /** The look that goes on. */
  #look: { readonly fromMs: number; readonly accepted: number } | undefined;
  #calmLooks = 0;
  #turnAtMs = Number.NEGATIVE_INFINITY;
  #openUntilMs = Number.NEGATIVE_INFINITY;
  /** Milliseconds from one begin to the next when nothing is accepted. */
  #measuredMs: number | undefined;
  /** Used until that is known: the least that was seen of begins beside others, and the time from one start to the next that did not come alone. */
  #leastMs = Number.POSITIVE_INFINITY;
  #pressedMs = 0;
  #stretch: { readonly fromMs: number; count: number } | undefined;

  constructor(parts: PaceParts) {
    this.#parts = parts;
  }

  /** Another start came. `isIdle`: all that were accepted before it have begun. */
  asked(isIdle: boolean): void {
    const sinceMs = this.#parts.now() - this.#acceptedAtMs;
    if (isIdle && sinceMs > this.#ownMs * NEAR) return this.#countAnew();
    this.#pressed.count += 1;
    if (this.#pressed.count === PRESSED) this.#pressedMs = (this.#parts.now() - this.#pressed.fromMs) / PRESSED;
  }

  /** Counts a start that was accepted. */
  accepted(): void {
    this.#accepted += 1;
    this.#acceptedAtMs = this.#parts.now();
  }

  get isAccepting(): boolean {
    const { stores, now } = this.#parts;
    return stores() || now() - this.#acceptedAtMs < ACCEPTING_MS;
  }

  get #ownMs(): number {
    const leastMs = Number.isFinite(this.#leastMs) ? this.#leastMs : USUAL_MS;
    return this.#measuredMs ?? Math.max(leastMs, this.#pressedMs);
  }

  /** True: no start came alone of late. */
  get isPressed(): boolean {
    return this.#pressed.count >= PRESSED;
  }

  /** True: no burst came when it was looked last. */
  get isOpen(): boolean {
    return this.#parts.now() < this.#openUntilMs;
  }

  /** Resolves when one more may begin in a burst; after a rest at once. */
  async turn(): Promise<void> {
    const { now, pause } = this.#parts;
    this.#stretch = undefined;
    const leftMs = this.#turnAtMs + Math.min(LONGEST_TURN_MS, this.#ownMs * SHARE) - now();
    if (leftMs > 0) await pause(leftMs);
    this.#turnAtMs = now();
    this.#look ??= { fromMs: this.#turnAtMs, accepted: this.#accepted };
    const lookedMs = this.#turnAtMs - this.#look.fromMs;
    if (lookedMs < LOOK_MS) return;
    const rate = (this.#accepted - this.#look.accepted) / lookedMs;
    const isBurst = rate * this.#ownMs > FASTER;
    this.#calmLooks = isBurst ? 0 : this.#calmLooks + 1;
    this.#look = undefined;
    if (this.#calmLooks < CALM_LOOKS) return;
    this.#calmLooks = 0;
    this.#countAnew();
    this.#openUntilMs = this.#turnAtMs + OPEN_MS;
  }

  #countAnew(): void {
    this.#pressed = { count: 0, fromMs: this.#parts.now() };
  }

  /** An execution began in so long, one of so many that were under way. */
  took(ms: number, underWay: number): void {
    this.#leastMs = Math.min(this.#leastMs, ms / underWay);
  }

  /** Counts begins while nothing is accepted and others wait. */
  begun(count: number): void {
    const nowMs = this.#parts.now();
    this.#look = undefined;
    this.#calmLooks = 0;
    if (this.#stretch) this.#stretch.count += count;
    this.#stretch ??= { fromMs: nowMs, count: 0 };
    const { fromMs, count: measured } = this.#stretch;
    if (measured < MEASURED) return;
    this.#measuredMs = (nowMs - fromMs) / measured;
    this.#stretch = { fromMs: nowMs, count: 0 };
  }

  /** Nothing waits that may begin now. */
  rests(): void {
    this.#look = undefined;
    this.#stretch = undefined;
  }
}
