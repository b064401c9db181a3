/**
 * Executions share a process, and a death by memory ends all of them. One that is at work writes down when another has
 * grown beside it: its next death is laid to that one (`decide/recovery.ts`). Called by the execution after each commit.
 *
 * Each looks by itself, by a timer of its own: on Cloudflare one object may not write in another one's turn, not even
 * behind a promise that the other resolves.
 */
import type { Journal } from "../journal/journal.ts";
import { isBusy } from "../journal/next-wake.ts";
import type { World } from "../ports.ts";

/** A neighbour that takes in megabytes needs longer than this to fill an isolate. */
const LOOK_MS = 500;

export class Neighbours {
  readonly #journal: Journal;
  readonly #world: Pick<World, "growth" | "later">;
  #callOff: (() => void) | undefined;

  constructor(journal: Journal, world: Pick<World, "growth" | "later">) {
    this.#journal = journal;
    this.#world = world;
  }

  look(): void {
    const { state } = this.#journal;
    const { growth } = this.#world;
    if (!growth || !state) return;
    const isLooking = isBusy(state) && state.outgrown === undefined;
    const isOutgrown = isLooking && growth.isOutgrown();
    if (!isLooking || isOutgrown) this.#leave();
    else this.#callOff ??= this.#world.later(LOOK_MS, () => this.#again());
    if (!isOutgrown) return;
    this.#journal.dispatch({ type: "note_neighbour" }, "system");
    void this.#journal.flush();
  }

  #again(): void {
    this.#callOff = undefined;
    this.look();
  }

  #leave(): void {
    this.#callOff?.();
    this.#callOff = undefined;
  }
}
