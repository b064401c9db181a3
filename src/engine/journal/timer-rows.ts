/**
 * Timers: what the store has, under what is staged. Held in memory is only what the next commit writes, and what came due in
 * this process; so a flush costs the same beside five timers and beside five thousand.
 */
import type { TimerClass } from "../../domain/execution/hold.ts";
import { timerClassesThatAct, timerClassOf } from "../../domain/execution/hold.ts";
import type { ExecutionState } from "../../domain/execution/state.ts";
import { outlivesEnd } from "../../domain/execution/timer.ts";
import type { StoredTimers, Timer } from "../ports.ts";

const NEVER = Number.POSITIVE_INFINITY;
const CLASSES: readonly TimerClass[] = ["always", "gate", "other", "external"];

export class TimerRows {
  readonly #stored: StoredTimers;
  #puts = new Map<string, number>();
  #removals = new Set<string>();
  /** Came due in this process, and stand until they are acted on: not armed again at once. */
  readonly #fired = new Map<TimerClass, Set<string>>(CLASSES.map((one) => [one, new Set()]));
  /** Up to here stored timers were looked at: those that have not fired are in `#overlooked`. */
  #lookedAtMs = -1;
  readonly #overlooked = new Map<string, number>();
  /** By class, until a timer of it changes. */
  readonly #earliest = new Map<TimerClass, number>();

  constructor(stored: StoredTimers) {
    this.#stored = stored;
  }

  put(name: string, atMs: number): void {
    this.#forget(name);
    this.#puts.set(name, atMs);
    this.#removals.delete(name);
    if (atMs <= this.#lookedAtMs) this.#overlooked.set(name, atMs);
  }

  /** One that is not there is not there afterwards. */
  remove(name: string): void {
    this.#forget(name);
    this.#puts.delete(name);
    if (!this.#removals.has(name) && this.#stored.has(name)) this.#removals.add(name);
  }

  #forget(name: string): void {
    const timerClass = timerClassOf(name);
    this.#fired.get(timerClass)?.delete(name);
    this.#overlooked.delete(name);
    this.#earliest.delete(timerClass);
  }

  /** Removes timers that do not outlive the end of their execution. */
  removeEnding(): void {
    for (const name of this.all().keys()) if (!outlivesEnd(name)) this.remove(name);
  }

  /** The earliest of those that act while the execution is so, or of all; fired ones are not waited for. */
  earliest(state: ExecutionState | undefined): number {
    return Math.min(NEVER, ...classesIn(state).map((timerClass) => this.#earliestOf(timerClass)));
  }

  /**
   * The earliest instant that a program or its caller set and that acts while the execution is so: a sleep, a backoff, a limit
   * of time, an expiry, the deadline. Not what the runtime keeps house with: the end of files, heartbeats, messages.
   */
  awaited(state: ExecutionState): number {
    const own = timerClassesThatAct(state).filter((timerClass) => timerClass !== "always");
    return Math.min(state.origin.deadlineMs ?? NEVER, ...own.map((timerClass) => this.#earliestOf(timerClass)));
  }

  /** Whether one that fired stands, and acts while the execution is so. */
  hasFired(state: ExecutionState | undefined): boolean {
    return classesIn(state).some((timerClass) => (this.#fired.get(timerClass)?.size ?? 0) > 0);
  }

  #earliestOf(timerClass: TimerClass): number {
    let earliest = this.#earliest.get(timerClass);
    if (earliest === undefined) {
      earliest = Math.min(this.#staged(timerClass), this.#durable(timerClass));
      this.#earliest.set(timerClass, earliest);
    }
    return earliest;
  }

  #staged(timerClass: TimerClass): number {
    let earliest = NEVER;
    const fired = this.#fired.get(timerClass);
    for (const timers of [this.#puts, this.#overlooked])
      for (const [name, atMs] of timers)
        if (atMs < earliest && timerClassOf(name) === timerClass && !fired?.has(name)) earliest = atMs;
    return earliest;
  }

  #durable(timerClass: TimerClass): number {
    if (this.#stored.isEmpty) return NEVER;
    const changed = this.#puts.size + this.#removals.size;
    for (const { name, atMs } of this.#stored.behind(timerClass, this.#lookedAtMs, changed + 1))
      if (changed === 0 || !this.#isChanged(name)) return atMs;
    return NEVER;
  }

  #isChanged(name: string): boolean {
    return this.#puts.has(name) || this.#removals.has(name);
  }

  /** Names of those whose instant has come, earliest first; those that fired before are among them. */
  due(now: number): string[] {
    // Most looks find none: then the others are not looked at.
    if (!this.hasFired(undefined) && this.earliest(undefined) > now) return [];
    const due = [...this.all(now)].sort((a, b) => a[1] - b[1]);
    this.#lookedAtMs = Math.max(this.#lookedAtMs, now);
    for (const [name, atMs] of due)
      if (!this.#fired.get(timerClassOf(name))?.has(name)) this.#overlooked.set(name, atMs);
    this.#earliest.clear();
    return due.map(([name]) => name);
  }

  markFired(name: string): void {
    if (!this.#puts.has(name) && (this.#removals.has(name) || !this.#stored.has(name))) return;
    this.#forget(name);
    this.#fired.get(timerClassOf(name))?.add(name);
  }

  /** Up to an instant, or all of them. Reads every row: for what is about all of them. */
  all(untilMs = NEVER): Map<string, number> {
    const stored = this.#stored.isEmpty ? [] : [...this.#stored.until(untilMs)];
    const kept = stored.filter(({ name }) => !this.#isChanged(name)).map(pair);
    return new Map([...kept, ...[...this.#puts].filter(([, atMs]) => atMs <= untilMs)]);
  }

  get changes(): { readonly puts: ReadonlyMap<string, number>; readonly removals: readonly string[] } {
    return { puts: this.#puts, removals: [...this.#removals] };
  }
  get isEmpty(): boolean {
    return this.#puts.size === 0 && this.#stored.isEmpty;
  }

  /** The changes are on disk. */
  flush(): void {
    if (this.#puts.size > 0) this.#puts = new Map();
    if (this.#removals.size > 0) this.#removals = new Set();
  }
}

const pair = ({ name, atMs }: Timer): [string, number] => [name, atMs];

function classesIn(state: ExecutionState | undefined): readonly TimerClass[] {
  return state ? timerClassesThatAct(state) : CLASSES;
}
