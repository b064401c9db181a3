import type { Event } from "./event.ts";

/** Tells a turn that a model answered which asks nobody. */
export function isSimulated(type: Event["type"], data: object): boolean {
  if (type !== "turn.completed" || !("output" in data)) return "simulated" in data && data.simulated === true;
  const { output } = data;
  return typeof output === "object" && output !== null && "simulated" in output && output.simulated === true;
}
