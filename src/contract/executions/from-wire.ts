/** The inverse of `wire.ts` for events: what a reader got from the wire becomes what `evolve` folds. */
import type { Event } from "../../domain/execution/event.ts";
import { EVENT_DATA, isEventType } from "../../domain/execution/event.ts";
import { OPAQUE } from "../wire.ts";
import type { EventBody } from "./event-body.ts";

/**
 * `fromWire(eventBody(event))` equals `event`. A type that this code does not know yet passes as it is: `evolve` lets it
 * go by. Throws a ZodError when the data of a known type does not fit.
 */
export function fromWire({ seq, type, at, actor, v, data }: EventBody): Event {
  const raw = { seq, type, atMs: Date.parse(at), actor, v, data: fieldsFromWire(data) };
  const known = isEventType(type) ? { ...raw, data: EVENT_DATA[type].parse(raw.data) } : raw;
  return known as unknown as Event;
}

function fieldsFromWire(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(fieldsFromWire);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, field]) => {
      if (name.endsWith("_at") && typeof field === "string") return [`${camel(name)}Ms`, Date.parse(field)];
      return [camel(name), OPAQUE.has(name) ? field : fieldsFromWire(field)];
    }),
  );
}

function camel(name: string): string {
  return name.replace(/_([a-z])/g, (_match, letter: string) => letter.toUpperCase());
}
