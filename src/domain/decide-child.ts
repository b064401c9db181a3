/** What children and their budgets ask of a parent. Every call is safe to repeat. Called only by `decide`. */
import type { Amount } from "./budget.ts";
import { exceededLimit, isNothing, minus, NOTHING, shortfall } from "./budget.ts";
import type { ChildFinished, ChildWaiting } from "./command.ts";
import type { Decided, LiveView } from "./decided.ts";
import { accepted, restEvents, wakeUp } from "./decided.ts";
import type { EntryIndex } from "./entry-index.ts";
import { emptyIndex, foldEntry } from "./entry-index.ts";
import type { NewEvent } from "./event.ts";
import { refuse } from "./fault.ts";
import { isTerminal } from "./status.ts";

export function childFinished(view: LiveView, command: ChildFinished): Decided {
  const { state } = view;
  const index = view.index();
  const entry = index.entries.get(index.keyOfChild.get(command.childId) ?? "");
  if (!entry || entry.status === "done") return accepted();
  const { childId, outcome, status, usage } = command;
  const data = { key: entry.key, childId, outcome, status, usage, release: entry.reserve };
  // An adopted child wakes nobody: the program never asked for it.
  const wake = entry.adopted || isTerminal(state.status) ? [] : wakeUp(state, "child_finished");
  return accepted({ type: "child.finished", data }, ...wake);
}

/** A descendant began or ceased to wait for a person: while nothing else goes on, the parent waits with it. */
export function childWaiting(view: LiveView, { childId, waiting, seq }: ChildWaiting): Decided {
  const { state } = view;
  const index = view.index();
  const entry = index.entries.get(index.keyOfChild.get(childId) ?? "");
  // A letter that was overtaken by a newer one says what is so no longer.
  if (!entry || entry.status === "done" || seq <= (entry.childSeq ?? 0)) return accepted();
  const told: NewEvent = { type: "child.waiting", data: { childId, waiting, childSeq: seq } };
  const resting = state.suspended !== undefined || state.status === "waiting";
  if (!resting || entry.adopted) return accepted(told);
  const after = { ...emptyIndex(), entries: new Map(index.entries), open: index.open, keyOfChild: index.keyOfChild };
  foldEntry(after, { ...told, seq: state.seq + 1, atMs: state.updatedAtMs, actor: "system", v: 1 });
  return accepted(told, ...restEvents(state, after));
}

/** A child that came by itself, naming us as its parent: is there still room for it? */
export function adoptChild(view: LiveView, command: { childId: string; target: string; digest: string }): Decided {
  const { state } = view;
  if (view.index().keyOfChild.has(command.childId)) return accepted();
  if (state.status === "cancelled") return refuse("parent_refused", "the parent execution was cancelled");
  if (isTerminal(state.status)) return accepted();
  const limit = exceededLimit(state, { ...NOTHING, children: 1 });
  if (limit) return refuse("parent_refused", `the parent's budget ${limit} is spent`);
  const { childId, target, digest } = command;
  const data = {
    key: `adopted:${childId}`,
    name: target,
    childId,
    target,
    digest,
    input: null,
    limits: {},
    grant: NOTHING,
    adopted: true,
  };
  return accepted({ type: "child.started", data });
}

/** What of a draw is not in the log yet. A child that asks again after a crash may ask for another amount under the same id. */
export function stillToDraw(index: EntryIndex, { drawId, amount }: { drawId: string; amount: Amount }): Amount {
  return minus(amount, index.draws.get(drawId) ?? NOTHING);
}

export function drawBudget(view: LiveView, command: { childId: string; drawId: string; amount: Amount }): Decided {
  const { state } = view;
  const index = view.index();
  const amount = stillToDraw(index, command);
  if (isNothing(amount)) return accepted();
  if (isTerminal(state.status)) return refuse("parent_refused", "the parent execution has ended");
  const child = index.entries.get(index.keyOfChild.get(command.childId) ?? "");
  if (!child) return refuse("not_found", "no such child here");
  if (child.status === "done") return refuse("parent_refused", "this child has ended, and its share was given back");
  const limit = exceededLimit(state, amount);
  if (limit) return refuse("budget_exceeded", `${limit}: the parent's budget is spent`);
  if (!isNothing(shortfall(state, amount)))
    return refuse("unavailable", "the parent's own grant does not cover this yet");
  const { childId, drawId } = command;
  return accepted({ type: "budget.drawn", data: { childId, drawId, amount } });
}
