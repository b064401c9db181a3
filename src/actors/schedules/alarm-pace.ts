/**
 * When alarms go off on a machine with few files. Each alarm brings an object into memory, past every admission: of many that want
 * the same second so many go off in it as there is room for, and the others in the seconds after it. Kept in memory, for the alarms that
 * this process set.
 */
const SECOND_MS = 1_000;

export class AlarmPace {
  readonly #mostASecond: number;
  readonly #now: () => number;
  /** By second, in no order. */
  readonly #taken = new Map<number, number>();
  readonly #secondOf = new Map<string, number>();
  #forgotten = 0;

  /** `mostASecond` may be `Infinity`: then each goes off when it wants. */
  constructor(mostASecond: number, now: () => number) {
    this.#mostASecond = mostASecond;
    this.#now = now;
  }

  /** When the alarm of this object is to go off, instead of the one that it has. Never before `wantedMs`. */
  at(name: string, wantedMs: number): number {
    if (this.#mostASecond === Number.POSITIVE_INFINITY) return wantedMs;
    this.#forgetPast();
    this.#give(name);
    const wanted = Math.floor(wantedMs / SECOND_MS);
    let second = wanted;
    while ((this.#taken.get(second) ?? 0) >= this.#mostASecond) second += 1;
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
