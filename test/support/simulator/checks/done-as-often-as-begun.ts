import type { SimWorld } from "../sim-world.ts";
import type { Check } from "./check.ts";
import { factKeys } from "./fact-keys.ts";

export const doneAsOftenAsBegun: Check = {
  name: "nothing is done outside more often than the logs began it",
  asked: "at the end",
  wrongs: repeated,
};

/** Each thing was done at most as often as its tries began, and nothing that no log knows of (P2 beyond the log). */
function repeated(world: SimWorld): string[] {
  const begun = new Map<string, number>();
  for (const [id, { view }] of world.stores) {
    const keys = factKeys(id, view.events);
    for (const event of view.events) {
      if (event.type !== "step.started" && event.type !== "tool.started") continue;
      const known = keys.get(event.data.key) ?? "";
      begun.set(known, (begun.get(known) ?? 0) + 1);
    }
  }
  return [...world.outside.facts].flatMap(([key, { name, applied }]) => {
    const tries = begun.get(key) ?? 0;
    return applied <= tries ? [] : [`P2: ${name} was done ${applied} times under ${key}, and begun ${tries} times`];
  });
}
