import type { SimWorld } from "../sim-world.ts";
import type { Check } from "./check.ts";
import { ofEach } from "./check.ts";

export const triesWait: Check = {
  name: "no try begins before the wait after the one before it is over",
  asked: "at the end",
  wrongs: ofEach(hastyTries),
};

/** Tries that began before the wait after the one before was over (P8). */
function hastyTries(world: SimWorld, id: string): string[] {
  const waits = new Map<string, number>();
  return world.store(id).view.events.flatMap(({ type, atMs, data }) => {
    const failed = type === "step.failed" || type === "tool.failed" || type === "turn.failed";
    if (failed && data.retryAtMs !== undefined) waits.set(data.key, data.retryAtMs);
    if (type !== "step.started" && type !== "tool.started" && type !== "turn.started") return [];
    const untilMs = waits.get(data.key) ?? 0;
    waits.delete(data.key);
    return atMs >= untilMs ? [] : [`P8: "${data.key}" of ${id} began try ${data.attempt} before its wait was over`];
  });
}
