/** The budget of an execution on the wire: its limits, and what of them is reserved for what is under way. */
import * as z from "zod";
import type { Amount } from "../../domain/execution/budget.ts";
import type { ExecutionState } from "../../domain/execution/state.ts";

const AmountBody = z.object({
  turns: z.number().int(),
  tokens: z.number().int(),
  cost_usd: z.number(),
  children: z.number().int(),
});

export const BudgetBody = z
  .object({
    max_turns: z.number().int().optional(),
    max_tokens: z.number().int().optional(),
    max_cost_usd: z.number().optional(),
    max_children: z.number().int().optional(),
    spent: AmountBody.describe("By it and the children that have ended."),
    reserved: AmountBody.describe("For turns that are under way and for children that have not ended."),
    granted: AmountBody.optional().describe("Of a child: what its parent has set aside for it so far."),
  })
  .describe(
    "Left of a limit is what is neither spent nor reserved. Absent without limits, and while nothing is reserved.",
  );

const amountBody = ({ turns, tokens, costUsd, children }: Amount) => ({ turns, tokens, cost_usd: costUsd, children });
const isNothing = ({ turns, tokens, costUsd, children }: Amount) => turns + tokens + costUsd + children === 0;

export function budgetBody({
  limits,
  spent,
  reserved,
  granted,
}: ExecutionState): z.infer<typeof BudgetBody> | undefined {
  const { maxTurns, maxTokens, maxCostUsd, maxChildren } = limits;
  const own = {
    ...(maxTurns === undefined ? {} : { max_turns: maxTurns }),
    ...(maxTokens === undefined ? {} : { max_tokens: maxTokens }),
    ...(maxCostUsd === undefined ? {} : { max_cost_usd: maxCostUsd }),
    ...(maxChildren === undefined ? {} : { max_children: maxChildren }),
  };
  const drawn = granted === undefined || isNothing(granted) ? undefined : amountBody(granted);
  if (Object.keys(own).length === 0 && isNothing(reserved) && drawn === undefined) return undefined;
  return { ...own, spent: amountBody(spent), reserved: amountBody(reserved), ...(drawn ? { granted: drawn } : {}) };
}
