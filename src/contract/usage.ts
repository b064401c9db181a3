/** What was spent, as every body says it. */
import * as z from "zod";
import { roundedUsd } from "../domain/execution/budget.ts";

const Count = z.number().int().min(0);

export const Usage = z.object({
  turns: Count.describe("Turns of models that brought an answer."),
  tokens: Count.describe("input_tokens and output_tokens together."),
  input_tokens: Count.describe("All that models read; what came from their cache and went into it is part of it."),
  output_tokens: Count,
  cache_read_tokens: Count,
  cache_write_tokens: Count,
  cost_usd: z.number().min(0),
});
export type Usage = z.infer<typeof Usage>;

type Tokens = number | null | undefined;
interface Spent {
  readonly turns: number;
  readonly tokens: number;
  readonly costUsd: number;
  readonly inputTokens?: Tokens;
  readonly outputTokens?: Tokens;
  readonly cacheReadTokens?: Tokens;
  readonly cacheWriteTokens?: Tokens;
}

export function usageBody(spent: Spent): Usage {
  return usageOfAll([spent]);
}

/** Of all of them together. */
export function usageOfAll(all: readonly Spent[]): Usage {
  const sum = (of: (spent: Spent) => Tokens) => all.reduce((total, spent) => total + (of(spent) ?? 0), 0);
  return {
    turns: sum(({ turns }) => turns),
    tokens: sum(({ tokens }) => tokens),
    input_tokens: sum(({ inputTokens }) => inputTokens),
    output_tokens: sum(({ outputTokens }) => outputTokens),
    cache_read_tokens: sum(({ cacheReadTokens }) => cacheReadTokens),
    cache_write_tokens: sum(({ cacheWriteTokens }) => cacheWriteTokens),
    cost_usd: roundedUsd(sum(({ costUsd }) => costUsd)),
  };
}
