/** camelCase with milliseconds inside, snake_case with ISO 8601 on the wire. The change happens in this folder only. */
import type { Json } from "../domain/values/json.ts";

export function iso(ms: number): string {
  return new Date(ms).toISOString();
}

/** Fields whose content is the user's own JSON: it passes as it is. */
export const OPAQUE = new Set([
  "input",
  "output",
  "data",
  "metadata",
  "context",
  "payload",
  "response",
  "value",
  "details",
  "scratch",
  "attributes",
  "params",
]);

/** Sealed texts stay in the log. */
const HIDDEN = "sealed";

/** Writes a value of ours: names in snake_case, `…Ms` instants as ISO times under the name without `Ms`. */
export function toWire(value: unknown): Json {
  if (Array.isArray(value)) return value.map(toWire);
  if (value === null || typeof value !== "object") return (value ?? null) as Json;
  const wire: { [key: string]: Json } = {};
  for (const [name, field] of Object.entries(value)) {
    if (field === undefined || name === HIDDEN) continue;
    if (name.endsWith("AtMs") && typeof field === "number") wire[snake(name.slice(0, -2))] = iso(field);
    else wire[snake(name)] = OPAQUE.has(name) ? (field as Json) : toWire(field);
  }
  return wire;
}

function snake(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
