/**
 * When alarms go off on a machine with few files. Each alarm brings an object into memory, past every admission: of many that want
 * the same second so many go off in it as there is room for, and the others in the seconds after it. Kept in memory, for the alarms that
 * this process set.
 */
const SECOND_MS = 1_000;
/** Most alarms a second that do their work at the start of a process, of those that were due before it: all of them go off at once. */
const MOST_LATE_A_SECOND = 50;
const LATE_MS = 2_000;
/** Milliseconds after the start of a process in which alarms are put off. Later ones are late because the machine is busy. */
const AFTER_START_MS = 30_000;

export class AlarmPace {
  readonly #mostASecond: number;
  readonly #now: () => number;
  /** By second, in no order. */
  readonly #taken = new Map<number, number>();
  readonly #secondOf = new Map<string, number>();
  readonly #startedAtMs: number;
  #forgotten = 0;

  /** `mostASecond` may be `Infinity`: then each goes off when it wants. */
  constructor(mostASecond: number, now: () => number) {
    this.#mostASecond = mostASecond;
    this.#now = now;
    this.#startedAtMs = now();
  }

  /** When the alarm of this object is to go off, instead of the one that it has. Never before `wantedMs`. */
  at(name: string, wantedMs: number): number {
    return this.#mostASecond === Number.POSITIVE_INFINITY ? wantedMs : this.#take(name, wantedMs, this.#mostASecond);
  }

  /**
   * When an alarm that goes off now may do its work: now, or in a later second where it was due before this process began. Such an alarm
   * is put off once, by an alarm of this process.
   */
  mayWorkAt(name: string, wantedMs: number): number {
    const now = this.#now();
    const isLate = now - wantedMs >= LATE_MS && now - this.#startedAtMs < AFTER_START_MS;
    if (!isLate || this.#secondOf.has(name)) return now;
    return this.#take(name, now, Math.min(this.#mostASecond, MOST_LATE_A_SECOND));
  }

  /** Alarms that are to go off in the next so many seconds. */
  comingWithin(seconds: number): number {
    const first = Math.floor(this.#now() / SECOND_MS);
    return Array.from({ length: seconds }, (_, n) => this.#taken.get(first + n) ?? 0).reduce((sum, n) => sum + n, 0);
  }

  #take(name: string, wantedMs: number, most: number): number {
    this.#forgetPast();
    this.#give(name);
    const wanted = Math.floor(wantedMs / SECOND_MS);
    let second = wanted;
    while ((this.#taken.get(second) ?? 0) >= most) second += 1;
    this.#taken.set(second, (this.#taken.get(second) ?? 0) + 1);
    this.#secondOf.set(name, second);
    return second === wanted ? wantedMs : second * SECOND_MS;
  }

  #give(name: string): void {
    const second = this.#secondOf.get(name);
    if (second === undefined) return;
    this.#secondOf.delete(name);
    const left = (this.#taken.get(second) ?? 1) - 1;
    if (left > 0) this.#taken.set(second, left);
    else this.#taken.delete(second);
  }

  /** Once a minute: what has gone off. */
  #forgetPast(): void {
    const nowSecond = Math.floor(this.#now() / SECOND_MS);
    if (nowSecond - this.#forgotten < 60) return;
    this.#forgotten = nowSecond;
    for (const second of this.#taken.keys()) if (second < nowSecond) this.#taken.delete(second);
    for (const [name, second] of this.#secondOf) if (second < nowSecond) this.#secondOf.delete(name);
  }
}
