/**
 * What an execution may spend. All limits are optional and are checked *before* the spend: the worst case is reserved
 * in the transaction of the intent, the result settles it (P4). Children draw on their parent's reservation.
 *
 * - spent + reserved never passes a limit. Settling gives back exactly what was reserved.
 */
import * as z from "zod";

const Numbers = z.object({
  maxTurns: z.number().int().min(0).optional(),
  maxTokens: z.number().int().min(0).optional(),
  maxCostUsd: z.number().min(0).optional(),
  /** Milliseconds of active time: waiting, blocked, paused and sleeping do not count. */
  maxDurationMs: z.number().positive().optional(),
  /** Recoveries without progress in between. */
  maxRecoveries: z.number().int().min(0).optional(),
  maxChildren: z.number().int().min(0).optional(),
});
/** What happens where a limit is met: the execution fails, which is the default, or a person is asked to raise it. */
export const OnExceeded = z.enum(["fail", "pause"]);
export const BudgetLimits = Numbers.extend({ onExceeded: OnExceeded.optional() });
export type BudgetLimits = z.infer<typeof BudgetLimits>;

export const DEFAULT_MAX_RECOVERIES = 5;

const LIMITS = Numbers.keyof().options;

/** Both limits at once: of each dimension the smaller one, and to fail before to ask. */
export function tighter(a: BudgetLimits, b: BudgetLimits = {}): BudgetLimits {
  const limits: BudgetLimits = { ...a };
  for (const name of LIMITS) {
    const both = [a[name], b[name]].filter((limit) => limit !== undefined);
    if (both.length > 0) limits[name] = Math.min(...both);
  }
  const met = [a.onExceeded, b.onExceeded];
  const onExceeded = met.includes("fail") ? "fail" : met.find((one) => one !== undefined);
  return onExceeded === undefined ? limits : { ...limits, onExceeded };
}

const Tokens = z.number().int().min(0).exactOptional();

/**
 * An amount of what can be spent. Tokens are input plus output; cost is in US dollars. What the tokens were is told beside it,
 * absent where it is zero: no limit counts it. Tokens read from the cache or written to it are parts of the input.
 */
export const Amount = z.object({
  turns: z.number().int().min(0).default(0),
  tokens: z.number().int().min(0).default(0),
  costUsd: z.number().min(0).default(0),
  children: z.number().int().min(0).default(0),
  inputTokens: Tokens,
  outputTokens: Tokens,
  cacheReadTokens: Tokens,
  cacheWriteTokens: Tokens,
});
export type Amount = z.infer<typeof Amount>;

export const NOTHING: Amount = { turns: 0, tokens: 0, costUsd: 0, children: 0 };

export interface Budget {
  readonly limits: BudgetLimits;
  readonly spent: Amount;
  readonly reserved: Amount;
  /** Spent by children that have not ended, a part of what is reserved; absent for nothing. */
  readonly usedBelow?: Amount | undefined;
  /** What the parent granted so far; absent for a root, which draws on no parent. */
  readonly granted?: Amount | undefined;
}

const DIMENSIONS = ["turns", "tokens", "costUsd", "children"] as const;
type Dimension = (typeof DIMENSIONS)[number];
const LIMIT_OF = { turns: "maxTurns", tokens: "maxTokens", costUsd: "maxCostUsd", children: "maxChildren" } as const;
/** A limit on what is spent, or on active time. */
export type LimitName = (typeof LIMIT_OF)[Dimension] | "maxDurationMs";
const DETAILS = ["inputTokens", "outputTokens", "cacheReadTokens", "cacheWriteTokens"] as const;
type Details = Pick<Amount, (typeof DETAILS)[number]>;
/** Sums of dollars in floating point may miss by this much; far below the price of one token. */
const EPSILON = 1e-9;
/** Decimals of a dollar that are kept: the cheapest token that is listed costs 10^-8. */
const USD_UNITS = 1e10;

/** Without the noise of floating point (0.1 + 0.2 is 0.3). Larger sums stay larger. */
export function roundedUsd(dollars: number): number {
  const units = dollars * USD_UNITS;
  return units < Number.MAX_SAFE_INTEGER ? Math.round(units) / USD_UNITS : dollars;
}

function combine(a: Amount, b: Amount, op: (x: number, y: number) => number): Amount {
  return {
    turns: op(a.turns, b.turns),
    tokens: op(a.tokens, b.tokens),
    costUsd: roundedUsd(op(a.costUsd, b.costUsd)),
    children: op(a.children, b.children),
  };
}

export const plus = (a: Amount, b: Amount): Amount => combineAll(a, b, (x, y) => x + y);
export const minus = (a: Amount, b: Amount): Amount => combineAll(a, b, (x, y) => Math.max(0, x - y));

function combineAll(a: Amount, b: Amount, op: (x: number, y: number) => number): Amount {
  const details: { -readonly [Name in keyof Details]: Details[Name] } = {};
  for (const name of DETAILS) details[name] = op(a[name] ?? 0, b[name] ?? 0);
  return { ...combine(a, b, op), ...withoutZeros(details) };
}

/** What a try that brought no reply may have cost at most: a failed try is no turn. */
export function withoutTurn(reserve: Amount): Amount {
  return { ...reserve, turns: 0 };
}

/** The tokens of an amount as its optional fields. */
export function withoutZeros(details: Details): Details {
  const kept: { -readonly [Name in keyof Details]: Details[Name] } = {};
  for (const name of DETAILS) {
    const count = details[name];
    if (count) kept[name] = count;
  }
  return kept;
}

/** The limit that `amount` more would pass, or `undefined` when all of it fits. */
export function exceededLimit(budget: Budget, amount: Amount): (typeof LIMIT_OF)[Dimension] | undefined {
  for (const dimension of DIMENSIONS) {
    const limit = budget.limits[LIMIT_OF[dimension]];
    if (limit === undefined || amount[dimension] === 0) continue;
    if (budget.spent[dimension] + budget.reserved[dimension] + amount[dimension] > limit + EPSILON)
      return LIMIT_OF[dimension];
  }
  return undefined;
}

/** How much of this limit `amount` more lacks. */
export function missingOf(budget: Budget, limit: LimitName, amount: Amount): number {
  const dimension = DIMENSIONS.find((one) => LIMIT_OF[one] === limit);
  if (!dimension) return 0;
  return budget.spent[dimension] + budget.reserved[dimension] + amount[dimension] - (budget.limits[limit] ?? 0);
}

/** Whether it counts whole things. */
export function isCounted(limit: LimitName): boolean {
  return limit !== "maxCostUsd";
}

const NEAR = 0.8;

/** What an execution and its children have spent, of open ones as far as they told. */
export function usedBy({ spent, usedBelow }: Pick<Budget, "spent" | "usedBelow">): Amount {
  return usedBelow ? plus(spent, usedBelow) : spent;
}

/** Limits of which 80 % and more are spent. */
export function nearedLimits(
  budget: Pick<Budget, "limits" | "spent" | "usedBelow">,
): { readonly limit: LimitName; readonly spent: number; readonly of: number }[] {
  const { limits } = budget;
  const spent = usedBy(budget);
  return DIMENSIONS.flatMap((dimension) => {
    const of = limits[LIMIT_OF[dimension]];
    if (of === undefined || of === 0 || spent[dimension] < NEAR * of - EPSILON) return [];
    return [{ limit: LIMIT_OF[dimension], spent: spent[dimension], of }];
  });
}

/** What must still be drawn from the parent before `amount` may be reserved; all zero when the grant covers it. */
export function uncovered(budget: Budget, amount: Amount): Amount {
  const { granted } = budget;
  if (!granted) return NOTHING;
  const committed = plus(plus(budget.spent, budget.reserved), amount);
  return combine(committed, granted, (need, have) => Math.max(0, need - have));
}

export function isNothing(amount: Amount): boolean {
  return DIMENSIONS.every((dimension) => amount[dimension] <= EPSILON);
}

/** True when this execution, or one above it, has a limit on what can be reserved. */
export function isLimited({ limits, granted }: Pick<Budget, "limits" | "granted">): boolean {
  return granted !== undefined || DIMENSIONS.some((dimension) => limits[LIMIT_OF[dimension]] !== undefined);
}
