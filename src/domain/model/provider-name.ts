/** Providers of models that Errand speaks to; `scripted` calls no service. */
export const PROVIDER_NAMES = ["anthropic", "openai", "scripted"] as const;
export type ProviderName = (typeof PROVIDER_NAMES)[number];
