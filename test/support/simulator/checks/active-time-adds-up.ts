import type { ExecutionState } from "../../../../src/domain/execution/state.ts";
import { activeMs } from "../../../../src/domain/execution/state.ts";
import { evolve } from "../../../../src/domain/fold/evolve.ts";
import type { SimWorld } from "../sim-world.ts";
import type { Check } from "./check.ts";
import { ofEach } from "./check.ts";

export const activeTimeAddsUp: Check = {
  name: "active time is the sum of the stretches in which the program had something to do",
  asked: "at the end",
  wrongs: ofEach(differs),
};

/** P8: summed from event to event, and not as the states sum it. */
function differs(world: SimWorld, id: string): string[] {
  let state: ExecutionState | undefined;
  let summed = 0;
  for (const event of world.store(id).view.events) {
    const ran = state?.status === "running" && state.suspended === undefined;
    if (state && ran) summed += Math.max(0, event.atMs - state.updatedAtMs);
    state = evolve(state, event);
  }
  if (!state) return [];
  const counted = activeMs(state, state.updatedAtMs);
  return counted === summed ? [] : [`P8: ${id} was active for ${summed} ms and counts ${counted}`];
}
