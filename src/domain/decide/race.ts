/** Decides what happens to the entries of the branches that lost a race. Called by `decide` only. */
import type { Entry } from "../execution/entry.ts";
import { approvalIdOf, childIdOf } from "../execution/entry.ts";
import type { NewEvent } from "../execution/event.ts";
import type { Decided, LiveView } from "./decided.ts";
import { accepted } from "./decided.ts";

/**
 * Withdraws what is open under these keys, and gives back a signal that one of them took and no program was handed. What
 * has ended otherwise stays as it ended.
 */
export function withdraw(view: LiveView, { keys }: { readonly keys: readonly string[] }): Decided {
  const { entries } = view.index();
  const events = keys.flatMap((key) => {
    const entry = entries.get(key);
    return entry && !entry.withdrawn ? withdrawn(view, entry) : [];
  });
  return accepted(...events);
}

function withdrawn(view: LiveView, entry: Entry): NewEvent[] {
  const { key, kind, name } = entry;
  const base = { key, kind, name };
  if (entry.status === "done") {
    const taken = entry.kind === "signal" && entry.ok ? entry.valueSeq : undefined;
    return taken === undefined ? [] : [{ type: "entry.withdrawn", data: { ...base, signalSeq: taken } }];
  }
  // The approval of the program, or the one that asks what became of an effect.
  const gateId = approvalIdOf(entry);
  const childId = childIdOf(entry);
  const mark = view.index().approvals.get(gateId ?? "");
  const approval = mark && mark.decision === undefined ? { gateId, openedSeq: mark.openedSeq } : {};
  return [{ type: "entry.withdrawn", data: { ...base, ...approval, ...(childId === undefined ? {} : { childId }) } }];
}
