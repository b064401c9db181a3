/**
 * What each event means to those who look at some events only: a new one does not compile until its family says who has a
 * case for it, and then not until that reader has the case. `evolve` has one for every event.
 */
import type { Event, EventType } from "./event.ts";
import { ACTIVITIES_TRAITS } from "./events/activities.ts";
import { APPROVALS_TRAITS } from "./events/approvals.ts";
import { ATTEMPTS_TRAITS } from "./events/attempts.ts";
import { BUDGETS_TRAITS } from "./events/budgets.ts";
import { CHILDREN_TRAITS } from "./events/children.ts";
import { EXTERNAL_TRAITS } from "./events/external.ts";
import { LIFECYCLE_TRAITS } from "./events/lifecycle.ts";
import { NOTES_TRAITS } from "./events/notes.ts";
import { RESTARTS_TRAITS } from "./events/restarts.ts";
import { RETENTION_TRAITS } from "./events/retention.ts";
import { SIGNALS_TRAITS } from "./events/signals.ts";
import { SLOTS_TRAITS } from "./events/slots.ts";
import type { Trait, TraitsOf } from "./events/traits.ts";
import { WEBHOOKS_TRAITS } from "./events/webhooks.ts";
import { WORK_TRAITS } from "./events/work.ts";

const TRAITS = {
  ...LIFECYCLE_TRAITS,
  ...ACTIVITIES_TRAITS,
  ...ATTEMPTS_TRAITS,
  ...APPROVALS_TRAITS,
  ...SIGNALS_TRAITS,
  ...CHILDREN_TRAITS,
  ...EXTERNAL_TRAITS,
  ...BUDGETS_TRAITS,
  ...RESTARTS_TRAITS,
  ...NOTES_TRAITS,
  ...RETENTION_TRAITS,
  ...SLOTS_TRAITS,
  ...WEBHOOKS_TRAITS,
  ...WORK_TRAITS,
} as const satisfies TraitsOf<Readonly<Record<EventType, unknown>>>;

type TypesWith<T extends Trait> = {
  [Type in EventType]: (typeof TRAITS)[Type][T] extends true ? Type : never;
}[EventType];

/** One written by newer code has none. */
export function has<T extends Trait>(event: Event, trait: T): event is Extract<Event, { type: TypesWith<T> }> {
  return Object.hasOwn(TRAITS, event.type) && TRAITS[event.type][trait];
}
