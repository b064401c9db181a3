/**
 * What an execution is by its parent: its place, its share of the budget, its deadline. The same for a child that the
 * parent's program called and for one that came by itself, naming the parent in a header.
 */
import { LAST_INSTANT_MS } from "../values/numbers.ts";
import type { Amount, BudgetLimits } from "./budget.ts";
import { isLimited, NOTHING, tighter } from "./budget.ts";
import type { Origin } from "./origin.ts";
import { limitedAbove } from "./slot-needs.ts";
import type { ExecutionState } from "./state.ts";

/** So many executions stand above one at most. */
export const MAX_DEPTH = 100;

/** Active time an execution may take when its function says nothing: a week. */
const DEFAULT_TIMEOUT_MS = 168 * 3_600_000;

export interface Slice {
  readonly limits: BudgetLimits;
  /** Set aside with the parent before the child begins; more is drawn when it is needed. */
  readonly grant: Amount;
}

/** Active time that an execution may take: what was asked for it, else what its function says. */
export function timeoutMsOf(definition: number | undefined, asked?: number): number {
  return Math.min(asked ?? definition ?? DEFAULT_TIMEOUT_MS, LAST_INSTANT_MS);
}

/** What a child is given of its parent's budget when it asks for these limits. */
export function sliceOf(asked: BudgetLimits, { limits: above }: Pick<ExecutionState, "limits">): Slice {
  const { maxTurns = 0, maxTokens = 0, maxCostUsd = 0, maxChildren = 0 } = asked;
  const grant = { ...NOTHING, turns: maxTurns, tokens: maxTokens, costUsd: maxCostUsd, children: maxChildren };
  // A child that is paid from a limit in dollars has one too: a model without a price is refused there as well.
  const priced = above.maxCostUsd === undefined ? asked : tighter(asked, { maxCostUsd: above.maxCostUsd });
  // Where the parent's limits ask a person, those of its children do.
  const limits = above.onExceeded === undefined ? priced : tighter(priced, { onExceeded: above.onExceeded });
  return { limits, grant };
}

/** What a parent sets aside for a child: its slice, and the child itself. */
export function shareOf(grant: Amount): Amount {
  return { ...grant, children: grant.children + 1 };
}

export function depthBeneath({ origin }: Pick<ExecutionState, "origin">): number {
  return (origin.depth ?? 0) + 1;
}

/** A child's origin with what it has from its parent. Its own deadline counts where it is the earlier one. */
export function beneath(parent: ExecutionState, own: Origin, { limits, grant }: Slice): Origin {
  const deadlines = [own.deadlineMs, parent.origin.deadlineMs].filter((atMs) => atMs !== undefined);
  return {
    ...own,
    parentId: parent.origin.id,
    owned: true,
    depth: depthBeneath(parent),
    limits: tighter(own.limits, limits),
    ...limitedAbove(parent),
    ...(isLimited(parent) ? { granted: grant } : {}),
    ...(deadlines.length === 0 ? {} : { deadlineMs: Math.min(...deadlines) }),
  };
}
