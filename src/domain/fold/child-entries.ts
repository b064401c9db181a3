/** What children and their budgets leave in the index of entries. Called by `foldEntry`. */
import type { Amount } from "../execution/budget.ts";
import { NOTHING, plus } from "../execution/budget.ts";
import { endOf, linkedChild } from "../execution/entry.ts";
import type { Event } from "../execution/event.ts";
import type { Entries } from "./entries.ts";
import { change, finish, opening, put } from "./entries.ts";

export interface ChildEntries {
  readonly keyOfChild: Map<string, string>;
  /** Children that have ended while executions that came by themselves go on beneath them. */
  readonly goingOn: Set<string>;
  /** Those beneath this one were cancelled after its end. */
  cancelPassedOn: boolean;
  readonly draws: Map<string, Amount>;
}

type Index = Entries & ChildEntries;
type Of<T extends string> = Extract<Event, { type: T }>;

export function noChildren(): ChildEntries {
  return { keyOfChild: new Map(), goingOn: new Set(), cancelPassedOn: false, draws: new Map() };
}

export function foldChild(
  index: Index,
  event: Of<`child.${string}` | "cancel.passed_on" | "budget.drawn" | "budget.granted">,
): void {
  switch (event.type) {
    case "child.started": {
      const { key, name, digest, childId, grant, adopted } = event.data;
      index.keyOfChild.set(childId, key);
      put(index, { ...opening(event), key, kind: "child", name, digest, childId, reserve: grant, adopted });
      break;
    }
    case "child.linked":
      link(index, event);
      break;
    case "child.waiting": {
      const { childId, waiting, childSeq = 0 } = event.data;
      change(index, keyOfChild(index, childId), (entry) =>
        entry.kind === "child" ? { ...entry, childWaiting: waiting, childSeq } : entry,
      );
      break;
    }
    case "child.finished":
      finish(index, event, endOf(event.data.outcome));
      if (event.data.goesOnBelow) index.goingOn.add(event.data.childId);
      break;
    case "child.rested":
      index.goingOn.delete(event.data.childId);
      break;
    case "cancel.passed_on":
      index.cancelPassedOn = true;
      break;
    case "budget.drawn":
      drawn(index, event.data);
      break;
    case "budget.granted":
      index.draws.set(event.data.drawId, event.data.amount);
      break;
  }
}

/** Adds a child that only has its place beneath us: nothing is waited for, and nothing is paid. */
function link(index: Index, { seq, data }: Of<"child.linked">): void {
  const entry = linkedChild({ ...data, seq });
  index.keyOfChild.set(entry.childId, entry.key);
  put(index, entry);
}

function drawn(index: Index, data: Of<"budget.drawn">["data"]): void {
  index.draws.set(data.drawId, plus(index.draws.get(data.drawId) ?? NOTHING, data.amount));
  const key = keyOfChild(index, data.childId);
  change(index, key, (entry) => ({ ...entry, reserve: plus(entry.reserve, data.amount) }));
  const { used } = data;
  if (!used) return;
  change(index, key, (entry) =>
    entry.kind === "child" ? { ...entry, used: plus(entry.used ?? NOTHING, used) } : entry,
  );
}

function keyOfChild(index: Index, childId: string): string {
  return index.keyOfChild.get(childId) ?? "";
}
