/** What children and their budgets ask of a parent. Every call is safe to repeat. Called only by `decide`. */
import type { Amount } from "../execution/budget.ts";
import { exceededLimit, isLimited, isNothing, minus, NOTHING, uncovered } from "../execution/budget.ts";
import type { AdoptChild, ChildFinished, ChildWaiting } from "../execution/child-command.ts";
import { depthBeneath, MAX_DEPTH, shareOf, sliceOf } from "../execution/child-origin.ts";
import type { Entry } from "../execution/entry.ts";
import { isAdopted } from "../execution/entry.ts";
import type { NewEvent } from "../execution/event.ts";
import { awaitsRequested } from "../execution/hold.ts";
import type { ExecutionState } from "../execution/state.ts";
import { isTerminal } from "../execution/status.ts";
import { openChildren } from "../fold/children-below.ts";
import type { EntryIndex } from "../fold/entry-index.ts";
import type { Wait } from "../fold/open-entries.ts";
import { waitOf } from "../fold/open-entries.ts";
import { refuse } from "../values/fault.ts";
import { asksAboutBudget, beyondLimit } from "./budget.ts";
import type { Decided, LiveView } from "./decided.ts";
import { accepted, restAfter, wakeUp } from "./decided.ts";
import { afterDecomposition } from "./work-decompose.ts";

/** The code of a child's end when its start was refused for good: it never was. */
export const CHILD_REFUSED = "child_refused";

const NOT_COVERED_YET = "the parent's own grant does not cover this yet";

export function childFinished(view: LiveView, command: ChildFinished): Decided {
  const { state } = view;
  const index = view.index();
  const entry = index.entries.get(index.keyOfChild.get(command.childId) ?? "");
  const { childId, outcome, status, usage, goesOnBelow = false } = command;
  if (!entry) return accepted();
  if (entry.status === "done") {
    const rests = index.goingOn.has(childId) && !goesOnBelow;
    return rests ? accepted({ type: "child.rested", data: { childId } }) : accepted();
  }
  if (command.unstarted && (entry.withdrawn || state.status === "cancelled")) return accepted();
  const below = goesOnBelow ? { goesOnBelow } : {};
  const told = entry.kind === "child" && entry.used ? { used: entry.used } : {};
  const data = { key: entry.key, childId, outcome, status, usage, release: entry.reserve, ...told, ...below };
  // The program never asked for an adopted child, and no longer asks for one that lost its race.
  const wake = isAdopted(entry) || entry.withdrawn ? ofAdopted(view, waitOf(entry)) : wakeUp(state, "child_finished");
  return accepted({ type: "child.finished", data }, ...wake, ...afterDecomposition(view, entry, command));
}

/** Its own end is what it was; only what came by itself beneath it is cancelled, once. */
export function passCancelOn(view: LiveView): Decided {
  const index = view.index();
  const isOver = index.cancelPassedOn || (index.goingOn.size === 0 && openChildren(index).length === 0);
  return isOver || !isTerminal(view.state.status) ? accepted() : accepted({ type: "cancel.passed_on", data: {} });
}

/** A descendant began or ceased to wait for a person: while nothing else goes on, the parent waits with it. */
export function childWaiting(view: LiveView, { childId, waiting, seq }: ChildWaiting): Decided {
  const index = view.index();
  const entry = index.entries.get(index.keyOfChild.get(childId) ?? "");
  // An outbox message that was overtaken by a newer one says what is so no longer.
  if (entry?.kind !== "child" || entry.status === "done" || seq <= (entry.childSeq ?? 0)) return accepted();
  const event: NewEvent = { type: "child.waiting", data: { childId, waiting, childSeq: seq } };
  const [before, after] = [waitOf(entry), waitOf({ ...entry, childWaiting: waiting })];
  if (entry.withdrawn) return accepted(event);
  return accepted(event, ...(entry.adopted ? ofAdopted(view, before, after) : restAfter(view, before, after)));
}

/** What the outside works at waits with the children that it started itself. No program waits for them. */
function ofAdopted(view: LiveView, before: Wait | undefined, after?: Wait): NewEvent[] {
  const { external } = view.index().open.counts;
  return external > 0 && before !== "withdrawn" ? restAfter(view, before, after) : [];
}

/**
 * A child that came by itself, naming us as its parent. It is taken on as `ctx.call` takes one: it counts, its share is set
 * aside before it begins, and it draws on us. A refusal is the child's: this execution goes on.
 */
export function adoptChild(view: LiveView, command: AdoptChild): Decided {
  const { state } = view;
  const { childId, target, digest, asked = {} } = command;
  const { keyOfChild, entries } = view.index();
  const known = entries.get(keyOfChild.get(childId) ?? "");
  if (known && !wasRefused(known)) return accepted();
  if (isTerminal(state.status)) return linkChild(state, command);
  if (depthBeneath(state) > MAX_DEPTH)
    return refuse("parent_refused", `${MAX_DEPTH} executions stand above it already, and no more may`);
  const { limits, grant } = sliceOf(asked, state);
  const share = shareOf(grant);
  const limit = exceededLimit(state, share);
  if (limit) return refuse("parent_refused", `the parent's budget ${limit} has not enough left for it`);
  if (!isNothing(uncovered(state, share))) return refuse("unavailable", NOT_COVERED_YET);
  const key = known ? `adopted:${childId}:${state.seq + 1}` : `adopted:${childId}`;
  const data = { key, name: target, childId, target, digest, input: null, limits, grant, adopted: true };
  return accepted({ type: "child.started", data }, ...ofAdopted(view, undefined, "adopted_child"));
}

/** It may ask again: nothing of it was ever there. */
function wasRefused(entry: Entry): boolean {
  return entry.status === "done" && entry.ok === false && entry.errorCode === CHILD_REFUSED;
}

/** Beneath an end there is a place in the tree, as long as no budget would have to pay for it. */
function linkChild(state: ExecutionState, { childId, target }: AdoptChild): Decided {
  const ended = `the parent execution has ended (${state.status})`;
  if (state.status === "cancelled") return refuse("parent_refused", ended);
  if (isLimited(state)) return refuse("parent_refused", `${ended}, and its budget with it`);
  return accepted({ type: "child.linked", data: { childId, target } });
}

/** What of a draw is not in the log yet. A child that asks again after a crash may ask for another amount under the same id. */
export function stillToRequest(index: EntryIndex, { drawId, amount }: { drawId: string; amount: Amount }): Amount {
  return minus(amount, index.draws.get(drawId) ?? NOTHING);
}

/** What the child has spent since its last draw, its own children included. */
export function usedSince(
  index: EntryIndex,
  { childId, used }: { childId: string; used?: Amount | undefined },
): Amount {
  const entry = index.entries.get(index.keyOfChild.get(childId) ?? "");
  return used && entry?.kind === "child" ? minus(used, entry.used ?? NOTHING) : NOTHING;
}

/** The child asks again until a person has decided: it is answered with events that draw nothing, or with this refusal. */
function askFirst(view: LiveView, amount: Amount, now: number): Decided {
  const { state } = view;
  const asks = (state.status === "running" || state.status === "waiting") && !awaitsRequested(state);
  const events = asks ? beyondLimit(view, amount, now) : undefined;
  return events ? accepted(...events) : refuse("unavailable", "a person is asked to raise the parent's budget");
}

export function drawBudget(
  view: LiveView,
  command: { childId: string; drawId: string; amount: Amount; used?: Amount | undefined },
  now: number,
): Decided {
  const { state } = view;
  const index = view.index();
  const amount = stillToRequest(index, command);
  if (isNothing(amount)) return accepted();
  if (isTerminal(state.status)) return refuse("parent_refused", "the parent execution has ended");
  const child = index.entries.get(index.keyOfChild.get(command.childId) ?? "");
  if (!child) return refuse("not_found", "no such child here");
  if (child.status === "done") return refuse("parent_refused", "this child has ended, and its share was given back");
  const limit = exceededLimit(state, amount);
  if (limit && asksAboutBudget(state)) return askFirst(view, amount, now);
  if (limit) return refuse("budget_exceeded", `${limit}: the parent's budget is spent`);
  if (!isNothing(uncovered(state, amount))) return refuse("unavailable", NOT_COVERED_YET);
  const { childId, drawId } = command;
  const used = usedSince(index, command);
  const told = isNothing(used) ? {} : { used };
  return accepted({ type: "budget.drawn", data: { childId, drawId, amount, ...told } });
}
