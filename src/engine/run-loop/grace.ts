import type { World } from "../ports.ts";

/** A bounded wait for what no event announces: it begins when it is first asked about, and its end wakes the run loop. */
export class Grace {
  readonly #world: Pick<World, "now" | "later">;
  readonly #ms: number;
  readonly #wake: () => void;
  #sinceMs: number | undefined;
  #callOff: (() => void) | undefined;
  /** Its time has passed in this process, even if the clock was set meanwhile. */
  #hasPassed = false;

  constructor(world: Pick<World, "now" | "later">, ms: number, wake: () => void) {
    this.#world = world;
    this.#ms = ms;
    this.#wake = wake;
  }

  /** True until the bound is over. */
  lasts(): boolean {
    const now = this.#world.now();
    this.#sinceMs ??= now;
    const left = this.#sinceMs + this.#ms - now;
    if (left <= 0 || this.#hasPassed) return false;
    this.#callOff ??= this.#world.later(Math.min(left, this.#ms), () => {
      this.#callOff = undefined;
      this.#hasPassed = true;
      this.#wake();
    });
    return true;
  }

  /** What was waited for came, or nothing waits any more: the next wait has all of its time. */
  over(): void {
    this.#sinceMs = undefined;
    this.#hasPassed = false;
    this.#callOff?.();
    this.#callOff = undefined;
  }
}
