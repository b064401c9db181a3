import type { SimWorld } from "../sim-world.ts";
import type { Check } from "./check.ts";
import { factKeys } from "./fact-keys.ts";

export const answersWereGiven: Check = {
  name: "what a log holds as an answer of the outside is its answer",
  asked: "at the end",
  wrongs: undone,
};

/** What a log holds as the answer of the outside was its answer, and was done. */
function undone(world: SimWorld): string[] {
  return [...world.stores].flatMap(([id, { view }]) => {
    const keys = factKeys(id, view.events);
    return view.events.flatMap((event) => {
      if (event.type !== "step.completed" && event.type !== "tool.completed") return [];
      const { key, kind, output, reusedFrom } = event.data;
      if (reusedFrom !== undefined || (kind !== "effect" && kind !== "tool") || !isAnswer(output)) return [];
      const fact = world.outside.facts.get(keys.get(key) ?? "");
      if (fact && fact.applied > 0 && fact.answer === output) return [];
      return [
        `${id} holds ${JSON.stringify(output)} for "${key}", and the outside has ${JSON.stringify(fact ?? null)}`,
      ];
    });
  });
}

/** The outside answers with the name of what was done and a "!". */
function isAnswer(output: unknown): output is string {
  return typeof output === "string" && output.endsWith("!") && !output.includes(" ");
}
