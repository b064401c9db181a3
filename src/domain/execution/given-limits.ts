import * as z from "zod";
import { numberOf } from "../values/numbers.ts";
import type { BudgetLimits } from "./budget.ts";
import { OnExceeded } from "./budget.ts";

const whole = numberOf({ min: 0, whole: true, max: Number.MAX_SAFE_INTEGER, unlimited: true }).optional();

/**
 * Limits as a definition or a program gives them. `Infinity` says that there is none: such a limit is left out, but for the
 * recoveries, whose absence means a default.
 */
export const GivenLimits = z
  .strictObject({
    maxTurns: whole,
    maxTokens: whole,
    maxCostUsd: numberOf({ min: 0, unlimited: true }).optional(),
    maxDurationMs: numberOf({ min: 0, above: true, unlimited: true }).optional(),
    maxRecoveries: whole.transform((most) => (most === undefined ? most : Math.min(most, Number.MAX_SAFE_INTEGER))),
    maxChildren: whole,
    onExceeded: OnExceeded.optional(),
  })
  .transform((given): BudgetLimits => {
    const stated = Object.entries(given).filter(
      ([, limit]) => limit !== undefined && limit !== Number.POSITIVE_INFINITY,
    );
    return Object.fromEntries(stated);
  });
