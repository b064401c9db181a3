/** Commands between a parent and its children. */
import type { Json } from "../values/json.ts";
import type { Amount, BudgetLimits } from "./budget.ts";
import type { Outcome } from "./entry.ts";

export interface StartChild {
  readonly type: "start_child";
  readonly key: string;
  readonly name: string;
  readonly childId: string;
  readonly target: string;
  readonly digest: string;
  readonly input: Json;
  readonly limits: BudgetLimits;
  readonly grant: Amount;
  readonly timeoutMs?: number;
  readonly follows?: string;
  readonly elsewhere?: true;
}

export interface ChildFinished {
  readonly type: "child_finished";
  readonly childId: string;
  readonly status: string;
  readonly outcome: Outcome;
  readonly usage: Amount;
  /** Its start was refused for good. Where it is cancelled too, the answer to the cancel says how it ended. */
  readonly unstarted?: true;
  /** Executions that came by themselves go on beneath it; the command is dispatched again when they have ended. */
  readonly goesOnBelow?: boolean;
}

/** The parent's cancel comes after this execution's own end. */
export interface PassCancelOn {
  readonly type: "pass_cancel_on";
}

export interface ChildWaiting {
  readonly type: "child_waiting";
  readonly childId: string;
  readonly waiting: boolean;
  /** Where in the child's log it became so: of two outbox messages the newer one counts, whichever arrives last. */
  readonly seq: number;
}

/** A child that comes by itself asks to be taken on. It is told the parent's state, and makes itself a child by it. */
export interface AdoptChild {
  readonly type: "adopt_child";
  readonly childId: string;
  readonly target: string;
  readonly digest: string;
  /** What it asked for itself: set aside with the parent, as `ctx.call` does. */
  readonly asked?: BudgetLimits;
}
