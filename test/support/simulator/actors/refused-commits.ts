/** The harm of commits that throw while their object lives, and what a platform does with the objects that are given up. */
import type { DurableExecution } from "../../../../src/engine/execution/durable-execution.ts";
import { LOOK_AGAIN_MS } from "../../../../src/engine/journal/storage-trouble.ts";
import type { Commit, World } from "../../../../src/engine/ports.ts";
import type { SimStore } from "./sim-store.ts";

/** Once: its second try helps. Twice: the object is given up. More: so are those that come after it, but for the third. */
const MOST_REFUSALS = [1, 2, 2, 4];

/** How many commits pass, and how many are refused then, of a draw in [0, 1). */
export function refusalsOf(draw: number): { readonly room: number; readonly times: number } {
  return { room: Math.floor(draw * 1_000) % 3, times: MOST_REFUSALS[Math.floor(draw * 10_000) % 4] ?? 1 };
}

export class RefusedCommits {
  readonly #trace: string[];
  readonly #crash: (id: string) => void;
  /** How often in a row each object was given up: its process counts. */
  readonly #givenUp = new Map<string, number>();
  /** Whose alarm's handler has not returned. */
  readonly #ringing = new Set<string>();

  constructor(trace: string[], crash: (id: string) => void) {
    this.#trace = trace;
    this.#crash = crash;
  }

  /** After `room` commits so many are refused. */
  refuse(id: string, store: SimStore, { room, times }: { readonly room: number; readonly times: number }): void {
    const onRefusal = ({ events }: Commit) => {
      this.#trace.push(`FULL ${id}: ${events.map(({ event }) => event.type).join()}`);
    };
    store.failAfter({ room, times, onRefusal });
  }

  /** What the world of an object has that is read from its rows now. */
  worldOf(id: string, { view }: SimStore, alive: () => boolean): Pick<World, "giveUp" | "givenUp"> {
    const count = view.state && this.#givenUp.get(id);
    const giveUp = () => {
      if (!alive()) return;
      this.#trace.push(`GIVEN UP ${id}`);
      this.#givenUp.set(id, (this.#givenUp.get(id) ?? 0) + 1);
      this.#crash(id);
    };
    return count === undefined ? { giveUp } : { giveUp, givenUp: count };
  }

  committed(id: string): void {
    this.#givenUp.delete(id);
  }

  /** An hour has passed for an object that stands still: when it is read anew it may try to end again. */
  lookAgain(id: string, store: SimStore, now: number): void {
    this.#givenUp.set(id, 3);
    store.putOff(now + LOOK_AGAIN_MS);
  }

  /** Until the alarm's handler returns the platform keeps the alarm, and rings again when the object goes in the middle. */
  ring(id: string, actor: DurableExecution): void | Promise<void> {
    const written = actor.onAlarm();
    if (written === undefined) return;
    this.#ringing.add(id);
    return written.then(() => void this.#ringing.delete(id));
  }

  rings(id: string): boolean {
    return this.#ringing.has(id);
  }

  /** Its process is gone. */
  died(id: string): void {
    this.#ringing.delete(id);
  }
}
