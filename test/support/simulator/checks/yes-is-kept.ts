import type { SimWorld } from "../sim-world.ts";
import type { Check } from "./check.ts";

export const yesIsKept: Check = {
  name: "what was answered with yes stands in the log",
  asked: "at the end",
  wrongs: unkept,
};

/** What was answered with yes stands in the log. */
function unkept(world: SimWorld): string[] {
  return world.acknowledged.flatMap(({ id, seq, type }) => {
    const is = world.store(id).view.events[seq - 1]?.type;
    return is === type ? [] : [`X1: ${id} said yes to ${type} at ${seq}, and its log holds ${is ?? "nothing"} there`];
  });
}
