/**
 * The books of the outside beside the logs, after a schedule: what was done, what was answered, what was said yes to. Neither
 * may know of something that the other does not.
 */
import type { Event } from "../../../../src/domain/execution/event.ts";
import { canonicalJson } from "../../../../src/domain/values/json.ts";
import type { SimWorld } from "../sim-world.ts";

/** Everything that the logs and the outside say differently of. */
export function unbooked(world: SimWorld): string[] {
  return [...undone(world), ...repeated(world), ...unkept(world), ...misheard(world)];
}

/** Under which key the outside knows the effects of an execution: an entry that was taken over keeps its first. */
function factKeys(id: string, events: readonly Event[]): ReadonlyMap<string, string> {
  const keys = new Map<string, string>();
  for (const event of events) {
    if (event.type !== "step.started" && event.type !== "tool.started") continue;
    const { key, begunIn } = event.data;
    if (begunIn !== undefined || !keys.has(key)) keys.set(key, `${begunIn ?? id}:${key}`);
  }
  return keys;
}

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

/** What was answered with yes stands in the log. */
function unkept(world: SimWorld): string[] {
  return world.acknowledged.flatMap(({ id, seq, type }) => {
    const is = world.store(id).view.events[seq - 1]?.type;
    return is === type ? [] : [`X1: ${id} said yes to ${type} at ${seq}, and its log holds ${is ?? "nothing"} there`];
  });
}

/** What a parent holds as the end of a child is that child's end. */
function misheard(world: SimWorld): string[] {
  return [...world.stores].flatMap(([id, { view }]) =>
    view.events.flatMap((event) => {
      if (event.type !== "child.finished") return [];
      const { childId, status, outcome } = event.data;
      const child = world.stores.get(childId)?.view;
      // One that was refused for good never was.
      if (!child?.state || (!outcome.ok && outcome.error.code === "child_refused")) return [];
      const end = child.events[(child.state.resultSeq ?? 0) - 1];
      const isSame =
        status === child.state.status &&
        (end?.type !== "execution.succeeded" ||
          (outcome.ok && canonicalJson(outcome.value) === canonicalJson(end.data.output)));
      return isSame ? [] : [`${id} heard that its child ${childId} ${status}, and it is ${child.state.status}`];
    }),
  );
}
