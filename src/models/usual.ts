/** Which model answers a turn that names none. Known without a request to a provider, so the launcher can say it too. */
import type { ProviderName } from "../domain/model/provider-name.ts";
import type { CatalogEntry } from "./catalog.ts";
import { catalogEntry, DEFAULT_MODEL, DEFAULT_OPENAI_MODEL, SCRIPTED_MODEL } from "./catalog.ts";

export interface Configured {
  readonly anthropicKey?: string | undefined;
  readonly openaiKey?: string | undefined;
  readonly openaiBaseUrl?: string | undefined;
  /** For requests that name no model. Default: the current Sonnet with Anthropic's key, else OpenAI's default. */
  readonly defaultModel?: string | undefined;
}

export interface Chosen extends CatalogEntry {
  readonly model: string;
}

export interface Usual {
  readonly model: string;
  readonly provider: ProviderName;
  /** False: the model's provider has no key here, and each turn that names no model fails. */
  readonly reachable: boolean;
}

/** Returns the model for a request that names `asked`. Without any provider it is the scripted model for every name. */
export function chooseModel(configured: Configured, asked?: string): Chosen {
  const { anthropicKey, defaultModel } = configured;
  const fallback = defaultModel || (anthropicKey ? DEFAULT_MODEL : DEFAULT_OPENAI_MODEL);
  const model = isAlone(configured) ? SCRIPTED_MODEL : (asked ?? fallback);
  return { model, ...catalogEntry(model) };
}

export function usualModel(configured: Configured): Usual {
  const { model, provider } = chooseModel(configured);
  return { model, provider, reachable: isReachable(configured, provider) };
}

/** Whether turns of this provider can be asked. Where no provider has a key the scripted model answers for all. */
export function isProviderReachable(configured: Configured, provider: ProviderName): boolean {
  return isAlone(configured) || isReachable(configured, provider);
}

function isReachable(configured: Configured, provider: ProviderName): boolean {
  switch (provider) {
    case "anthropic":
      return Boolean(configured.anthropicKey);
    case "openai":
      return speaksOpenAi(configured);
    case "scripted":
      return true;
  }
}

function isAlone(configured: Configured): boolean {
  return !configured.anthropicKey && !speaksOpenAi(configured);
}

/** A server of one's own may need no key. */
function speaksOpenAi({ openaiKey, openaiBaseUrl }: Configured): boolean {
  return Boolean(openaiKey || openaiBaseUrl);
}
