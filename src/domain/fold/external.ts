/** What is known of activities that are finished from outside. Called by `foldEntry` and, for a beginning, by `activities.ts`. */
import type { Entry, OpenEntry, OpenExternal } from "../execution/entry.ts";
import { isOpenExternal } from "../execution/entry.ts";
import type { Event, EventData } from "../execution/event.ts";
import type { Entries } from "./entries.ts";
import { change } from "./entries.ts";

type Asked = Pick<Entry, "key" | "name" | "digest" | "startedSeq" | "attempt" | "reserve"> & {
  readonly status: "open";
};

/** Each attempt begins anew: nothing is known of its message. */
export function openedOutside(asked: Asked, data: EventData<"step.started">): OpenExternal {
  const { token = "", timeoutMs = 0, wakeAtMs: untilMs = 0, heldMs = 0, idempotent } = data;
  const time = { timeoutMs, untilMs, heldMs };
  return { ...asked, ...time, kind: "external", token, failures: 0, ...(idempotent ? { idempotent } : {}) };
}

type ExternalEvent = Extract<Event, { type: `external.${string}` }>;

export function isOfOutside(event: Event): event is ExternalEvent {
  return event.type.startsWith("external.");
}

export function foldExternal(index: Entries, event: ExternalEvent): void {
  change(index, event.data.key, (entry) => changed(entry, event));
}

function changed(entry: OpenEntry, event: ExternalEvent): OpenEntry {
  if (!isOpenExternal(entry) || entry.attempt !== event.data.attempt) return entry;
  switch (event.type) {
    case "external.sending": {
      const { instance } = event.data;
      return { ...entry, sent: "sending", ...(instance === undefined ? {} : { instance }) };
    }
    case "external.unsent": {
      const { sent: _sent, instance: _instance, ...unsent } = entry;
      return { ...unsent, failures: entry.failures + 1 };
    }
    case "external.accepted":
      return { ...entry, sent: "accepted" };
    case "external.storing":
      return { ...entry, storing: event.data.digest };
    case "external.waiting":
      return waitingAs(entry, event.data);
    case "external.extended":
      return { ...entry, untilMs: event.data.untilMs, heldMs: event.data.heldMs };
    case "external.receiver_gone":
      return { ...waitingAs(entry, { waiting: false }), gone: true };
  }
}

type Waiting = Pick<EventData<"external.waiting">, "waiting" | "untilMs">;

function waitingAs({ waitsUntilMs: _before, ...entry }: OpenExternal, { waiting, untilMs }: Waiting): OpenExternal {
  return { ...entry, waits: waiting, ...(untilMs === undefined ? {} : { waitsUntilMs: untilMs }) };
}
