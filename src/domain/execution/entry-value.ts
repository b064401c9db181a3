/** What an entry ended with, out of the event that holds it: the index keeps no values. */
import type { Json } from "../values/json.ts";
import { unreachable } from "../values/json.ts";
import type { Entry, Outcome } from "./entry.ts";
import type { Event } from "./event.ts";
import { has } from "./event-traits.ts";

export interface EntryValue {
  readonly outcome: Outcome;
  /** What the entry left on the scratchpad. */
  readonly scratch?: Json | undefined;
}

/** The number of the event that `valueIn` reads; `undefined` while the entry is not done. */
export function valueSeqOf(entry: Entry): number | undefined {
  if (entry.status !== "done") return undefined;
  return entry.ok ? (entry.valueSeq ?? entry.doneSeq) : entry.doneSeq;
}

/** Parts of the event itself, not copies of them. `undefined` when the event ends no entry of this key. */
export function valueIn(event: Event, key: string): EntryValue | undefined {
  if (!has(event, "value")) return undefined;
  switch (event.type) {
    case "step.completed":
    case "tool.completed":
    case "turn.completed":
      return event.data.stored
        ? { outcome: { ok: true, value: null, stored: event.data.stored } }
        : value(event.data.output, event.data.scratch);
    case "step.failed":
    case "tool.failed":
    case "turn.failed":
      return { outcome: { ok: false, error: event.data.error } };
    case "gate.decided":
      return value(event.data.verdict as Json);
    case "gate.expired":
      return value({ decision: "expired" });
    case "child.finished":
      return { outcome: event.data.outcome };
    case "signal.received":
      return value(event.data.data);
    case "journal.inherited": {
      const offer = event.data.offers.find((offered) => offered.key === key);
      return offer && value(offer.output, offer.scratch);
    }
  }
  return unreachable(event);
}

function value(output: Json = null, scratch?: Json): EntryValue {
  return { outcome: { ok: true, value: output }, ...(scratch === undefined ? {} : { scratch }) };
}

/** What an entry, or an offer, was asked. A part of the event itself. */
export function inputIn(event: Event, key: string): Json | undefined {
  if (!has(event, "input")) return undefined;
  switch (event.type) {
    case "step.started":
    case "tool.started":
    case "turn.started":
      return event.data.input;
    case "journal.inherited":
      return event.data.offers.find((offered) => offered.key === key)?.input;
  }
  return unreachable(event);
}
