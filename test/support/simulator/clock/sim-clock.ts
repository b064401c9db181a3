/**
 * The time of the little platform. What passes, and what the clock on the wall shows, are two things: the wall clock may be
 * set back or forward, and what was planned in so many milliseconds comes after that many all the same.
 */

interface Later {
  /** Of the time that has passed. */
  readonly dueMs: number;
  readonly owner: string;
  readonly alive: () => boolean;
  readonly run: () => void;
  /** Planned by the engine, and not by a program or the outside. */
  readonly isEngine: boolean;
}

export class SimClock {
  #passedMs = 0;
  #shiftMs: number;
  #latestMs = 0;
  #laters: Later[] = [];

  constructor(beginsAtMs: number) {
    this.#shiftMs = beginsAtMs;
  }

  /** What the wall clock shows. */
  get now(): number {
    return this.#passedMs + this.#shiftMs;
  }
  /** Time passes until the wall clock shows this. */
  set now(atMs: number) {
    this.#passedMs += atMs - this.now;
  }

  /** The latest that it has ever shown. */
  get latestMs(): number {
    return Math.max(this.#latestMs, this.now);
  }

  /** Somebody sets the wall clock. */
  step(ms: number): void {
    this.#latestMs = this.latestMs;
    this.#shiftMs += ms;
  }

  /** How much will have passed when the wall clock shows this; now, where it does already. */
  whenShown(atMs: number): number {
    return Math.max(this.#passedMs, atMs - this.#shiftMs);
  }

  passTo(passedMs: number): void {
    this.#passedMs = Math.max(this.#passedMs, passedMs);
  }

  plan(delayMs: number, later: Omit<Later, "dueMs">): () => void {
    const planned = { ...later, dueMs: this.#passedMs + delayMs };
    this.#laters.push(planned);
    return () => {
      this.#laters = this.#laters.filter((other) => other !== planned);
    };
  }

  /** Of instants on the wall clock the one that comes first, and when that is. */
  earliest(instants: Iterable<readonly [string, number | undefined]>): { id: string; dueMs: number } | undefined {
    let first: { id: string; dueMs: number } | undefined;
    for (const [id, atMs] of instants) {
      const dueMs = atMs === undefined ? Number.POSITIVE_INFINITY : this.whenShown(atMs);
      if (dueMs < (first?.dueMs ?? Number.POSITIVE_INFINITY)) first = { id, dueMs };
    }
    return first;
  }

  /** The earliest plan; of several the one that was made first. */
  get next(): Later | undefined {
    let first: Later | undefined;
    for (const later of this.#laters) if (!first || later.dueMs < first.dueMs) first = later;
    return first;
  }

  take(later: Later): void {
    this.#laters = this.#laters.filter((other) => other !== later);
    this.passTo(later.dueMs);
  }

  hasPlans(owner: string): boolean {
    return this.#laters.some((later) => later.owner === owner);
  }

  /** Its process is gone, and with it what it had planned; or, of a living one, what the engine had planned. */
  forget(owner: string, whose: "all" | "the engine's"): void {
    this.#laters = this.#laters.filter(
      (later) => later.owner !== owner || (whose === "the engine's" && !later.isEngine),
    );
  }
}
