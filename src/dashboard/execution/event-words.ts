/** One line that says what an event is about. Pure. */
import type { Event } from "../../domain/execution/event.ts";

/** Fields that name what an event is about, the telling one first. */
const TELLING = ["name", "target", "message", "reason", "limit", "resolution", "key"] as const;

export function eventWords(event: Event): string {
  const [subject = "", verb = ""] = event.type.split(".");
  return `${subject} ${verb.replaceAll("_", " ")}${about(event)}`;
}

/** What comes after the type: the name of the step, the error, the reason. */
export function aboutEvent(event: Event): string {
  return about(event).replace(/^: /, "");
}

function about({ type, data }: Event): string {
  const fields = new Map<string, unknown>(Object.entries(data));
  const error = fields.get("error");
  const message = typeof error === "object" && error !== null && "message" in error ? String(error.message) : undefined;
  // The key of an attempt says no more than its type.
  if (type.startsWith("attempt.") && typeof fields.get("n") === "number")
    fields.set("key", `attempt ${fields.get("n")}`);
  const found = TELLING.map((name) => fields.get(name)).find((value) => typeof value === "string" && value !== "");
  const parts = [found, message].filter((part) => part !== undefined);
  return parts.length === 0 ? "" : `: ${parts.join(" – ").slice(0, 300)}`;
}
