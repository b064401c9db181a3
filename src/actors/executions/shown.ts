/** What a caller who was let in is shown of an execution: all of it, or without the words of its exceptions. */
import type { Principal } from "../../domain/execution/principal.ts";
import type { EffectPage, EffectQuery, EventPage, EventQuery } from "../../domain/read-models/pages.ts";
import type { ExecutionView } from "../../domain/read-models/view.ts";
import type { Crowd } from "../../domain/read-models/why.ts";
import { effectForOthers, eventForOthers, readsExceptions, viewForOthers } from "../../domain/values/exceptions.ts";
import type { DurableExecution } from "../../engine/execution/durable-execution.ts";
import { effectPage, eventPage } from "../../engine/views/pages.ts";
import { viewOf } from "../../engine/views/view.ts";

export function viewFor(caller: Principal, execution: DurableExecution, crowd?: Crowd): ExecutionView | undefined {
  const view = viewOf(execution.journal, crowd);
  return view && !mayRead(caller, execution) ? viewForOthers(view) : view;
}

export function eventsFor(caller: Principal, execution: DurableExecution, query: EventQuery): EventPage {
  const page = eventPage(execution.journal, query);
  return mayRead(caller, execution) ? page : { ...page, events: page.events.map(eventForOthers) };
}

export function effectsFor(caller: Principal, execution: DurableExecution, query: EffectQuery): EffectPage {
  const page = effectPage(execution.journal, execution.queued, query);
  return mayRead(caller, execution) ? page : { ...page, effects: page.effects.map(effectForOthers) };
}

function mayRead(caller: Principal, { state }: DurableExecution): boolean {
  return state !== undefined && readsExceptions(caller, state.origin.owner);
}
