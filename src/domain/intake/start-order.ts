/**
 * Who goes next of all starts that wait: priority 1 first, a level better each minute, then round robin over the fairness
 * keys, then first come. A start under a limit that is full is passed over, and no other one waits behind it.
 *
 * - A start that is passed over stands aside with the first of its queues that was full, until `freed` says that this one
 *   has room again. So what waits under a full limit costs the others nothing.
 * - Each call costs the logarithm of what waits, and one look at each queue that was freed and is not known to be full.
 */
import type { Placed } from "./line.ts";
import { Line } from "./line.ts";
import type { QueuedStart } from "./queued-start.ts";
import { levelAt } from "./queued-start.ts";
import { Turns } from "./turns.ts";

export type IsFull = (queue: string) => boolean;

const NONE_FULL: IsFull = () => false;

export class StartOrder {
  readonly #turns = new Turns();
  readonly #ready = new Line(this.#turns);
  /** Those that stand aside, by the queue that was full. */
  readonly #aside = new Map<string, Line>();
  /** Of these queues: those that may have room. */
  readonly #freed = new Set<string>();
  readonly #placed = new Map<string, Placed>();
  #came = 0;

  get size(): number {
    return this.#placed.size;
  }

  has(id: string): boolean {
    return this.#placed.has(id);
  }

  /** Takes a start in; one that waits already stays where it stands. */
  add(start: QueuedStart, now: number): void {
    if (this.#placed.has(start.id)) return;
    this.#came += 1;
    const placed: Placed = { start, came: this.#came, line: undefined, level: 0 };
    this.#placed.set(start.id, placed);
    this.#turns.came(start.fairness);
    this.#ready.add(placed, now);
  }

  /** Called when a queue has room again, or more of it. */
  freed(queue: string): void {
    if (this.#aside.has(queue)) this.#freed.add(queue);
  }

  /** It waits no longer. True when it did. */
  remove(id: string): boolean {
    const placed = this.#placed.get(id);
    if (placed) this.#gone(placed, { served: false });
    return placed !== undefined;
  }

  /** Takes out the one that goes next; `undefined` when none may go. */
  take(now: number, isFull = NONE_FULL): QueuedStart | undefined {
    const found = this.#next(now, isFull);
    if (found) this.#gone(found, { served: true });
    return found?.start;
  }

  /** The one that goes next; it stays. */
  next(now: number, isFull = NONE_FULL): QueuedStart | undefined {
    return this.#next(now, isFull)?.start;
  }

  /** 1 for the one that goes next. Where limits are full, or levels differ, it is an estimate; `undefined`: it does not wait. */
  position(id: string, now: number): number | undefined {
    const placed = this.#placed.get(id);
    return placed?.line && 1 + placed.line.before(placed, now);
  }

  #next(now: number, isFull: IsFull): Placed | undefined {
    let best = this.#firstFree(this.#ready, now, isFull);
    for (const queue of this.#freed) {
      const line = this.#aside.get(queue);
      const first = line && !isFull(queue) ? this.#firstFree(line, now, isFull) : undefined;
      if (line?.size === 0) this.#aside.delete(queue);
      if (!first) this.#freed.delete(queue);
      else if (!best || this.#isBefore(first, best, now)) best = first;
    }
    return best;
  }

  /** Sets aside what may not go, until one comes that may. */
  #firstFree(line: Line, now: number, isFull: IsFull): Placed | undefined {
    for (let placed = line.first(now); placed; placed = line.first(now)) {
      const full = placed.start.queues?.find(isFull);
      if (full === undefined) return placed;
      line.remove(placed);
      this.#lineOf(full).add(placed, now);
    }
    return undefined;
  }

  #lineOf(queue: string): Line {
    const line = this.#aside.get(queue) ?? new Line(this.#turns);
    this.#aside.set(queue, line);
    return line;
  }

  #isBefore(a: Placed, b: Placed, now: number): boolean {
    const [levelOfA, levelOfB] = [levelAt(a.start, now), levelAt(b.start, now)];
    if (levelOfA !== levelOfB) return levelOfA < levelOfB;
    const [turnOfA, turnOfB] = [this.#turns.of(a.start.fairness), this.#turns.of(b.start.fairness)];
    return turnOfA === turnOfB ? a.came < b.came : turnOfA < turnOfB;
  }

  #gone(placed: Placed, how: { readonly served: boolean }): void {
    placed.line?.remove(placed);
    this.#placed.delete(placed.start.id);
    this.#turns.left(placed.start.fairness, how);
  }
}
