import type { Event } from "../../../../src/domain/execution/event.ts";

/** Under which key the outside knows the effects of an execution: an entry that was taken over keeps its first. */
export function factKeys(id: string, events: readonly Event[]): ReadonlyMap<string, string> {
  const keys = new Map<string, string>();
  for (const event of events) {
    if (event.type !== "step.started" && event.type !== "tool.started") continue;
    const { key, begunIn } = event.data;
    if (begunIn !== undefined || !keys.has(key)) keys.set(key, `${begunIn ?? id}:${key}`);
  }
  return keys;
}
