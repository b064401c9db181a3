import * as z from "zod";
import type { Event } from "../../domain/execution/event.ts";
import { iso, toWire } from "../wire.ts";

/** One event on the wire. Unknown types must be tolerated by every reader. */
export const EventBody = z.object({
  seq: z.number().int().describe("Starts at 1, has no gaps."),
  type: z.string().describe("Past tense, dotted by subject: step.completed"),
  at: z.iso.datetime(),
  actor: z.string().describe("program, system, or the subject of the caller"),
  v: z.number().int(),
  data: z.record(z.string(), z.unknown()),
});
export type EventBody = z.infer<typeof EventBody>;

export function eventBody({ seq, type, atMs, actor, v, data }: Event): EventBody {
  return { seq, type, at: iso(atMs), actor, v, data: toWire(data) as Record<string, unknown> };
}

export const EventPage = z.object({
  items: z.array(EventBody),
  next_after: z
    .number()
    .int()
    .nullable()
    .describe("Pass as `after` for the next page; null when the log was read to its end. A page ends at about 1 MiB."),
});
