import type { SimWorld } from "../sim-world.ts";
import type { Check } from "./check.ts";
import { ofEach } from "./check.ts";

export const progressCounts: Check = {
  name: "a recovery after progress is the first one without",
  asked: "at the end",
  wrongs: ofEach(unreset),
};

/** E7: what came further since the recovery before has not died at one place again and again. */
function unreset(world: SimWorld, id: string): string[] {
  let cameFurther = false;
  return world.store(id).view.events.flatMap((event) => {
    const { type, seq } = event;
    if (type === "step.completed" || type === "tool.completed" || type === "turn.completed")
      cameFurther ||= event.data.withdrawn !== true;
    if (type !== "execution.recovered") return [];
    const isWrong = cameFurther && event.data.withoutProgress > 1;
    cameFurther = false;
    return isWrong ? [`E7: ${id} at ${seq} counts ${event.data.withoutProgress} recoveries, and had come further`] : [];
  });
}
