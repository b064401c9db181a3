import type { World } from "../ports.ts";

interface CommitSubscriber {
  readonly committed: () => void;
  readonly rested: () => void;
}

/** Calls that wait for the next commit of an execution, each for a time of its own. */
export class CommitSubscribers {
  readonly #world: Pick<World, "later">;
  readonly #subscribers = new Set<CommitSubscriber>();

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
        this.#subscribers.delete(subscriber);
        resolve();
      };
      const rested = () => {
        if (timeoutMs <= 0) committed();
        else callOff ??= this.#world.later(timeoutMs, committed);
      };
      const subscriber: CommitSubscriber = { committed, rested };
      this.#subscribers.add(subscriber);
      if (resting) rested();
    });
  }

  committed(): void {
    for (const { committed } of [...this.#subscribers]) committed();
  }

  /** The program waits for something outside: from now on time counts. */
  rested(): void {
    for (const { rested } of [...this.#subscribers]) rested();
  }
}
