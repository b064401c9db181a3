/** What children and their budgets change in the state of their parent. Called only by `evolve`. */
import type { Amount } from "../execution/budget.ts";
import { isNothing, minus, NOTHING, plus } from "../execution/budget.ts";
import type { Event } from "../execution/event.ts";
import type { ExecutionState } from "../execution/state.ts";
import { unreachable } from "../values/json.ts";
import { progressed } from "./active-clock.ts";
import { withResult } from "./restart.ts";

/** Nothing is absent. */
const asUsed = (usedBelow: Amount) => (isNothing(usedBelow) ? {} : { usedBelow });

type ChildEvent = Extract<Event, { type: `child.${string}` | "cancel.passed_on" | "budget.drawn" | "budget.granted" }>;

const TYPES: readonly Event["type"][] = [
  "child.started",
  "child.linked",
  "child.waiting",
  "child.finished",
  "child.rested",
  "cancel.passed_on",
  "budget.drawn",
  "budget.granted",
] satisfies ChildEvent["type"][];

export function isOfChildren(event: Event): event is ChildEvent {
  return TYPES.includes(event.type);
}

export function foldChild(state: ExecutionState, event: ChildEvent): ExecutionState {
  switch (event.type) {
    case "child.started": {
      const spent = plus(state.spent, { ...NOTHING, children: 1 });
      const reserved = plus(state.reserved, event.data.grant);
      return { ...state, openChildren: state.openChildren + 1, spent, reserved };
    }
    case "child.linked":
    case "child.waiting":
      return state;
    case "child.finished": {
      const spent = plus(state.spent, event.data.usage);
      const reserved = minus(state.reserved, event.data.release);
      const { usedBelow = NOTHING, ...rest } = state;
      const used = asUsed(minus(usedBelow, event.data.used ?? NOTHING));
      const openChildren = Math.max(0, state.openChildren - 1);
      const below = event.data.goesOnBelow ? { goingOn: (state.goingOn ?? 0) + 1 } : {};
      return progressed(
        withResult({ ...rest, openChildren, spent, reserved, ...used, ...below }, event.data),
        event.atMs,
      );
    }
    case "child.rested":
      return { ...state, goingOn: Math.max(0, (state.goingOn ?? 0) - 1) };
    case "cancel.passed_on":
      return state;
    case "budget.drawn": {
      const used = asUsed(plus(state.usedBelow ?? NOTHING, event.data.used ?? NOTHING));
      return { ...state, reserved: plus(state.reserved, event.data.amount), ...used };
    }
    case "budget.granted":
      return { ...state, granted: plus(state.granted ?? NOTHING, event.data.amount) };
  }
  return unreachable(event);
}
