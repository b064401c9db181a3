import type { SimWorld } from "./sim-world.ts";

/**
 * What the outside says was done, beside what the logs say was begun: each thing at most as often as its tries began, and
 * nothing that no log knows of (P2 beyond the log).
 */
export function unbooked(world: SimWorld): string[] {
  const begun = new Map<string, number>();
  for (const [id, { view }] of world.stores) {
    const origins = new Map<string, string>();
    for (const event of view.events) {
      if (event.type !== "step.started" && event.type !== "tool.started") continue;
      const { key, begunIn } = event.data;
      // An entry that was taken over keeps the key under which the outside knows it.
      if (begunIn !== undefined) origins.set(key, begunIn);
      const known = `${origins.get(key) ?? id}:${key}`;
      begun.set(known, (begun.get(known) ?? 0) + 1);
    }
  }
  return [...world.outside.facts].flatMap(([key, { name, applied }]) => {
    const tries = begun.get(key) ?? 0;
    return applied <= tries ? [] : [`P2: ${name} was done ${applied} times under ${key}, and begun ${tries} times`];
  });
}
