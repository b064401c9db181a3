/** What a caller who was let in is shown of an execution: all of it, or without the words of its exceptions. */
import type { Caller } from "../../domain/caller.ts";
import { effectForOthers, eventForOthers, readsExceptions, viewForOthers } from "../../domain/exceptions.ts";
import type { EffectPage, EffectQuery, EventPage, EventQuery } from "../../domain/pages.ts";
import type { ExecutionView } from "../../domain/view.ts";
import type { Crowd } from "../../domain/why.ts";
import type { DurableExecution } from "../../engine/durable-execution.ts";
import { effectPage, eventPage } from "../../engine/pages.ts";
import { viewOf } from "../../engine/view.ts";

export function viewFor(caller: Caller, execution: DurableExecution, crowd?: Crowd): ExecutionView | undefined {
  const view = viewOf(execution.journal, crowd);
  return view && !mayRead(caller, execution) ? viewForOthers(view) : view;
}

export function eventsFor(caller: Caller, execution: DurableExecution, query: EventQuery): EventPage {
  const page = eventPage(execution.journal, query);
  return mayRead(caller, execution) ? page : { ...page, events: page.events.map(eventForOthers) };
}

export function effectsFor(caller: Caller, execution: DurableExecution, query: EffectQuery): EffectPage {
  const page = effectPage(execution.journal, execution.queued, query);
  return mayRead(caller, execution) ? page : { ...page, effects: page.effects.map(effectForOthers) };
}

function mayRead(caller: Caller, { state }: DurableExecution): boolean {
  return state !== undefined && readsExceptions(caller, state.origin.owner);
}
