/** Writes an appointment as an .ics file: the same subtask always writes the same one. */
import ical from "ical-generator";
import * as z from "zod";
import type { Action } from "../../../agent/index.ts";
import type { Workspace } from "../workspace.ts";

const EventParams = z.object({
  title: z.string().min(1).max(500),
  start: z.iso.datetime({ offset: true }),
  duration_minutes: z.number().int().min(1).max(10_080).default(60),
  location: z.string().max(500).optional(),
  description: z.string().max(20_000).optional(),
  attendees: z.array(z.email()).max(100).default([]),
});

export function scheduleCalendarEvent(workspace: Workspace, organizer: string): Action<typeof EventParams> {
  return {
    input: EventParams,
    idempotent: true,
    run: async ({ title, start, duration_minutes, location, description, attendees }, { idempotencyKey, say }) => {
      const from = new Date(start);
      const end = new Date(from.getTime() + duration_minutes * 60_000);
      const calendar = ical({ prodId: { company: "errand", product: "larry" }, name: title });
      const event = calendar.createEvent({
        ...{ id: idempotencyKey, start: from, end, stamp: from, summary: title },
        ...(location === undefined ? {} : { location }),
        ...(description === undefined ? {} : { description }),
        organizer: { name: "Larry", email: organizer },
      });
      for (const email of attendees) event.createAttendee({ email, rsvp: true });
      const path = `calendar/${idempotencyKey.replaceAll(/[^\w.-]/g, "_")}.ics`;
      await workspace.write(path, calendar.toString());
      say(`Scheduled "${title}" at ${from.toISOString()}`);
      return { event_file: path, uid: idempotencyKey, start: from.toISOString(), end: end.toISOString(), attendees };
    },
  };
}
