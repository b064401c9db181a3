/**
 * The models that are known by name: who serves them, how much they read, what they cost. A model that is not listed
 * still works; its price is `null`, and under a budget in dollars it is refused.
 *
 * Prices are US dollars per million tokens of the first-party API, without batch or fast mode; cache writes live 5 min.
 * Source: platform.claude.com/docs/en/about-claude/pricing and the pages docs/en/models/…/overview, as stored in October
 * and November 2026; read 2026-11-20. Claude Sonnet 5.5 reads its cache for $0.10 since 2026-10-07 ($0.20 before), and
 * Claude Haiku 5.5 costs five times as much for prompts over 100,000 tokens: release notes of kurofune/claudit v1.9.2,
 * checked against the pricing page on 2026-10-24, and the overview of Haiku 5.5. GPT-6.1 Sol: release notes of
 * TheKrush/PromptFuel v1.0.22 and merefield/codexometer v0.18.4, and docs.laozhang.ai's announcement of 2026-10-13, which
 * agree with each other on OpenAI's pricing page; over 272,000 tokens twice for input, one and a half times for output.
 */

import type { ProviderName } from "../domain/model/provider-name.ts";

export interface Rates {
  readonly input: number;
  readonly output: number;
  readonly cacheRead: number;
  readonly cacheWrite: number;
}

export interface Price extends Rates {
  /** A request that reads more tokens than this pays these rates for all of it. */
  readonly long?: { readonly overTokens: number; readonly rates: Rates };
}

export interface CatalogEntry {
  readonly provider: ProviderName;
  /** `null`: the price is not known. An unknown price is never zero. */
  readonly price: Price | null;
  /** Tokens the model can read at most; `null` when unknown. */
  readonly contextWindow: number | null;
}

/** The current Sonnet: released 2026-09-28. */
export const DEFAULT_MODEL = "claude-sonnet-5-5";
/** OpenAI's model of the same class: released 2026-09-29. */
export const DEFAULT_OPENAI_MODEL = "gpt-6.1-sol";
/** Names the scripted provider, which calls no service. */
export const SCRIPTED_MODEL = "scripted";

type Row = readonly [input: number, output: number, cacheRead: number, cacheWrite: number];
const rates = ([input, output, cacheRead, cacheWrite]: Row): Rates => ({ input, output, cacheRead, cacheWrite });
const MILLION = 1_000_000;
const claude = (price: Price | null, contextWindow: number | null = MILLION): CatalogEntry => ({
  provider: "anthropic",
  price,
  contextWindow,
});
const OPUS_4_5_TO_5 = rates([5, 25, 0.5, 6.25]);
const SONNET_4 = rates([3, 15, 0.3, 3.75]);

const HAIKU_5_5: Price = {
  ...rates([0.1, 0.5, 0.01, 0.125]),
  long: { overTokens: 100_000, rates: rates([0.5, 2.5, 0.05, 0.625]) },
};

const GPT_6_1_SOL: Price = {
  ...rates([2, 10, 0.1, 2.5]),
  long: { overTokens: 272_000, rates: rates([4, 15, 0.2, 5]) },
};

const CATALOG: ReadonlyMap<string, CatalogEntry> = new Map([
  ["claude-sonnet-5-5", claude(rates([2, 10, 0.1, 2.5]))],
  ["claude-opus-5-5", claude(rates([4, 20, 0.2, 5]))],
  ["claude-haiku-5-5", claude(HAIKU_5_5)],
  ["claude-fable-5-1", claude(rates([10, 50, 0.25, 12.5]))],
  ["claude-fable-5", claude(rates([10, 50, 1, 12.5]))],
  ["claude-opus-5", claude(OPUS_4_5_TO_5)],
  ["claude-opus-4-8", claude(OPUS_4_5_TO_5)],
  ["claude-opus-4-7", claude(OPUS_4_5_TO_5)],
  ["claude-opus-4-6", claude(OPUS_4_5_TO_5)],
  ["claude-opus-4-5", claude(OPUS_4_5_TO_5, 200_000)],
  ["claude-sonnet-5", claude(rates([2, 10, 0.2, 2.5]))],
  ["claude-sonnet-4-6", claude(SONNET_4)],
  ["claude-sonnet-4-5", claude(SONNET_4, 200_000)],
  ["claude-haiku-4-5", claude(rates([1, 5, 0.1, 1.25]), 200_000)],
  [DEFAULT_OPENAI_MODEL, { provider: "openai", price: GPT_6_1_SOL, contextWindow: null }],
  [SCRIPTED_MODEL, { provider: "scripted", price: rates([0, 0, 0, 0]), contextWindow: null }],
]);

/**
 * A dated snapshot (`claude-haiku-4-5-20251001`, `gpt-6.1-sol-2026-09-29`) is its model; any other `claude-` is Anthropic's,
 * the rest is not.
 */
export function catalogEntry(model: string): CatalogEntry {
  const entry = CATALOG.get(model) ?? CATALOG.get(model.replace(/-20\d\d-?\d\d-?\d\d$/, ""));
  if (entry) return entry;
  if (model.startsWith("claude-")) return claude(null, null);
  return { provider: "openai", price: null, contextWindow: null };
}
