/**
 * What each event means to those who look at some events only: a new one does not compile until its line says who has a case
 * for it, and then not until that reader has the case. `evolve` has one for every event.
 */
import type { Event, EventType } from "./event.ts";

/**
 * `timer`: it sets or clears timers. `lost`: its loss in a crash may mean only computing it again. `value`: it holds what an
 * entry ended with. `input`: it holds what an entry was asked. `index`: the index of entries changes by it.
 */
type Trait = "timer" | "lost" | "value" | "input" | "index";

const TRAITS = {
  "execution.created": ["timer", "lost"],
  "input.parsed": ["lost", "index"],
  "execution.queued": ["lost"],
  "execution.started": ["lost"],
  "execution.waiting": [],
  "execution.suspended": [],
  "execution.blocked": [],
  "execution.paused": [],
  "execution.resumed": [],
  "execution.recovered": [],
  "execution.succeeded": [],
  "execution.failed": [],
  "execution.cancelled": [],
  "execution.timed_out": [],
  "step.started": ["timer", "input", "index"],
  "step.completed": ["timer", "lost", "value", "index"],
  "step.failed": ["timer", "value", "index"],
  "tool.started": ["timer", "input", "index"],
  "tool.completed": ["timer", "lost", "value", "index"],
  "tool.failed": ["timer", "value", "index"],
  "turn.started": ["timer", "input", "index"],
  "turn.completed": ["timer", "lost", "value", "index"],
  "turn.failed": ["timer", "value", "index"],
  "attempt.started": ["lost", "index"],
  "attempt.completed": ["lost", "index"],
  "attempt.rejected": ["lost", "index"],
  "entry.withdrawn": ["timer", "index"],
  "gate.opened": ["timer", "index"],
  "gate.decided": ["timer", "value", "index"],
  "gate.expired": ["timer", "value", "index"],
  "effect.probing": ["index"],
  "effect.in_doubt": ["index"],
  "effect.resolved": ["index"],
  "child.started": ["index"],
  "child.linked": ["index"],
  "child.waiting": ["index"],
  "child.finished": ["value", "index"],
  "child.rested": ["index"],
  "cancel.passed_on": ["index"],
  "budget.drawn": ["index"],
  "budget.granted": ["index"],
  "budget.exceeded": [],
  "successor.started": ["index"],
  "journal.inherited": ["value", "input", "index"],
  "signal.received": ["value", "index"],
  "files.expired": [],
  "log.archived": [],
  "note.added": ["lost", "index"],
  "neighbour.grew": [],
  "progress.reported": ["lost", "index"],
} as const satisfies Readonly<Record<EventType, readonly Trait[]>>;

type TypesWith<T extends Trait> = {
  [Type in EventType]: T extends (typeof TRAITS)[Type][number] ? Type : never;
}[EventType];

/** One written by newer code has none. */
export function has<T extends Trait>(event: Event, trait: T): event is Extract<Event, { type: TypesWith<T> }> {
  const traits: readonly Trait[] = Object.hasOwn(TRAITS, event.type) ? TRAITS[event.type] : [];
  return traits.includes(trait);
}
