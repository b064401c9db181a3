/**
 * The one log. An event says what happened, in the past tense; it is never changed and never removed. The journal, the
 * registry and the socket all read these. `data` is camelCase here; the contract writes it in snake_case on the wire.
 *
 * - `seq` starts at 1 and has no gaps. A reader tolerates types it does not know. `v` grows when a shape changes.
 * - Each family of events has a file of its own in `events/`; a new family is one more line below and in `event-traits.ts`.
 * How an event becomes text and is read back: `event-text.ts`.
 */
import type { z } from "zod";
import { ACTIVITIES_DATA } from "./events/activities.ts";
import { APPROVALS_DATA } from "./events/approvals.ts";
import { ATTEMPTS_DATA } from "./events/attempts.ts";
import { BUDGETS_DATA } from "./events/budgets.ts";
import { CHILDREN_DATA } from "./events/children.ts";
import { EXTERNAL_DATA } from "./events/external.ts";
import { LIFECYCLE_DATA } from "./events/lifecycle.ts";
import { NOTES_DATA } from "./events/notes.ts";
import { RESTARTS_DATA } from "./events/restarts.ts";
import { RETENTION_DATA } from "./events/retention.ts";
import { SIGNALS_DATA } from "./events/signals.ts";
import { SLOTS_DATA } from "./events/slots.ts";
import { WEBHOOKS_DATA } from "./events/webhooks.ts";
import { WORK_DATA } from "./events/work.ts";

export const EVENT_VERSION = 1;

export const EVENT_DATA = {
  ...LIFECYCLE_DATA,
  ...ACTIVITIES_DATA,
  ...ATTEMPTS_DATA,
  ...APPROVALS_DATA,
  ...SIGNALS_DATA,
  ...CHILDREN_DATA,
  ...EXTERNAL_DATA,
  ...BUDGETS_DATA,
  ...RESTARTS_DATA,
  ...NOTES_DATA,
  ...RETENTION_DATA,
  ...SLOTS_DATA,
  ...WEBHOOKS_DATA,
  ...WORK_DATA,
} as const;

export type EventType = keyof typeof EVENT_DATA;
export type EventData<T extends EventType> = z.infer<(typeof EVENT_DATA)[T]>;

/** An event before the log gave it a number and a time. */
export type NewEvent = { [T in EventType]: { readonly type: T; readonly data: EventData<T> } }[EventType];

export interface Envelope {
  readonly seq: number;
  readonly atMs: number;
  /** Who made it happen: `program`, `system`, or the subject of the caller. */
  readonly actor: string;
  readonly v: number;
}
export type Event = { [T in EventType]: Envelope & { readonly type: T; readonly data: EventData<T> } }[EventType];

export function isEventType(type: string): type is EventType {
  return Object.hasOwn(EVENT_DATA, type);
}
