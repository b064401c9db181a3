import { roundedUsd } from "../domain/execution/budget.ts";
import type { Usage } from "../domain/model/conversation.ts";
import type { Price, Rates } from "./catalog.ts";

const PER_TOKEN = 1 / 1_000_000;

/** Dollars of a turn: what was neither read from the cache nor written to it pays the plain input rate. */
export function costOf(price: Price | null, usage: Usage): number | null {
  if (!price) return null;
  const rates = ratesFor(price, usage.inputTokens);
  const plain = Math.max(0, usage.inputTokens - usage.cacheReadTokens - usage.cacheWriteTokens);
  const dollars =
    plain * rates.input +
    usage.cacheReadTokens * rates.cacheRead +
    usage.cacheWriteTokens * rates.cacheWrite +
    usage.outputTokens * rates.output;
  return roundedUsd(dollars * PER_TOKEN);
}

/** The most a turn can cost: all input at the dearest rate an input token can have, all output used. */
export function worstCost(price: Price | null, { inputTokens, maxTokens }: WorstCase): number | null {
  if (!price) return null;
  const rates = ratesFor(price, inputTokens);
  const input = Math.max(rates.input, rates.cacheRead, rates.cacheWrite);
  return roundedUsd((inputTokens * input + maxTokens * rates.output) * PER_TOKEN);
}

interface WorstCase {
  readonly inputTokens: number;
  readonly maxTokens: number;
}

function ratesFor(price: Price, inputTokens: number): Rates {
  return price.long && inputTokens > price.long.overTokens ? price.long.rates : price;
}
