import type { World } from "./ports.ts";

interface Watcher {
  readonly committed: () => void;
  readonly rested: () => void;
}

/** Those who wait for the next commit of an execution, each for a time of its own. */
export class CommitWatchers {
  readonly #world: Pick<World, "later">;
  readonly #watchers = new Set<Watcher>();

  constructor(world: Pick<World, "later">) {
    this.#world = world;
  }

  /**
   * Resolves at the next commit, or after `timeoutMs` at rest. While the program computes (`resting` is false) there is no timer:
   * one costs as much as a row, and most programs that are waited for end in that very breath.
   */
  next(timeoutMs: number, { resting }: { readonly resting: boolean }): Promise<void> {
    return new Promise((resolve) => {
      let callOff: (() => void) | undefined;
      const committed = () => {
        callOff?.();
        this.#watchers.delete(watcher);
        resolve();
      };
      const rested = () => {
        if (timeoutMs <= 0) committed();
        else callOff ??= this.#world.later(timeoutMs, committed);
      };
      const watcher: Watcher = { committed, rested };
      this.#watchers.add(watcher);
      if (resting) rested();
    });
  }

  committed(): void {
    for (const { committed } of [...this.#watchers]) committed();
  }

  /** The program waits for something outside: from now on time counts. */
  rested(): void {
    for (const { rested } of [...this.#watchers]) rested();
  }
}
