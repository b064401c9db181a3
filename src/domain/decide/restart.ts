/** A new execution that follows an old one: what the old one allows, and what the new one takes over. Called only by `decide`. */
import type { ImportResults, RestartCommand, ReuseEntry } from "../execution/command.ts";
import type { NewEvent } from "../execution/event.ts";
import { isTerminal } from "../execution/status.ts";
import { refuse } from "../values/fault.ts";
import type { Decided, LiveView } from "./decided.ts";
import { accepted, illegal, wakeUp } from "./decided.ts";
import { family } from "./finish-entry.ts";
import { isLegal } from "./legal-moves.ts";

/**
 * Only what has ended is followed: two that do the same work at once would do it twice. A program that changed cannot go on
 * by itself (E3): restarting it ends it.
 */
export function restart(view: LiveView, { type: _type, ...data }: RestartCommand): Decided {
  const { state } = view;
  const known = view.index().successors.get(data.id);
  if (known) {
    if (known.digest === data.digest) return accepted();
    return refuse("idempotency_mismatch", "this execution was restarted under the same key, with another request");
  }
  if (!isLegal("restart", view))
    return refuse("invalid_state", `an execution that is ${state.status} cannot be restarted: cancel it first`);
  if (data.from !== undefined && !view.index().entries.has(data.from))
    return refuse("invalid_input", `from: no entry of this execution has the key "${data.from}": its events name them`);
  const end: NewEvent[] = isTerminal(state.status)
    ? []
    : [{ type: "execution.cancelled", data: { reason: "restarted", by: data.by } }];
  return accepted(...end, { type: "successor.started", data });
}

/** One page of what the source offers. A page that came twice, or late, adds nothing. */
export function importResults({ state }: LiveView, { type: _type, offset, ...page }: ImportResults): Decided {
  if (isTerminal(state.status)) return illegal(state, "take anything over");
  if (state.inherits?.offset !== offset || !state.origin.restartedFrom) return accepted();
  return accepted({ type: "journal.inherited", data: { from: state.origin.restartedFrom.id, ...page } });
}

/** What is offered becomes the entry's result. It costs nothing: it was paid for where it was done. */
export function reuseEntry(view: LiveView, { key }: ReuseEntry): Decided {
  const { state } = view;
  if (isTerminal(state.status)) return illegal(state, "go on");
  const { entries, offers } = view.index();
  const offer = offers.get(key);
  if (!offer?.answered) return refuse("invalid_state", `nothing is offered under "${key}"`);
  if (entries.has(key)) return accepted();
  const { kind, name, from, simulated } = offer;
  return accepted(...wakeUp(state, "went_on"), {
    type: `${family(kind)}.completed`,
    data: { key, kind, name, attempt: 1, reusedFrom: from, ...(simulated ? { simulated } : {}) },
  });
}
