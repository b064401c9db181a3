/**
 * Who goes next of all starts that wait: priority 1 first, a level better each minute, then round robin over the fairness
 * keys, then first come. Each call costs the logarithm of what waits.
 */
import type { Placed } from "./line.ts";
import { Line } from "./line.ts";
import type { QueuedStart } from "./queued-start.ts";
import { Turns } from "./turns.ts";

export class StartOrder {
  readonly #turns = new Turns();
  readonly #line = new Line(this.#turns);
  readonly #placed = new Map<string, Placed>();
  #came = 0;

  get size(): number {
    return this.#placed.size;
  }

  /** Takes a start in; one that waits already stays where it stands. */
  add(start: QueuedStart, now: number): void {
    if (this.#placed.has(start.id)) return;
    this.#came += 1;
    const placed: Placed = { start, came: this.#came, line: undefined, level: 0 };
    this.#placed.set(start.id, placed);
    this.#turns.came(start.fairness);
    this.#line.add(placed, now);
  }

  /** It waits no longer. True when it did. */
  remove(id: string): boolean {
    const placed = this.#placed.get(id);
    if (placed) this.#gone(placed, { served: false });
    return placed !== undefined;
  }

  /** Takes out the one that goes next; `undefined` when none waits. */
  take(now: number): QueuedStart | undefined {
    const found = this.#line.first(now);
    if (found) this.#gone(found, { served: true });
    return found?.start;
  }

  /** The one that goes next; it stays. */
  next(now: number): QueuedStart | undefined {
    return this.#line.first(now)?.start;
  }

  /** 1 for the one that goes next. Where levels differ, it is an estimate; `undefined`: it does not wait. */
  position(id: string, now: number): number | undefined {
    const placed = this.#placed.get(id);
    return placed?.line && 1 + placed.line.before(placed, now);
  }

  #gone(placed: Placed, how: { readonly served: boolean }): void {
    placed.line?.remove(placed);
    this.#placed.delete(placed.start.id);
    this.#turns.left(placed.start.fairness, how);
  }
}
