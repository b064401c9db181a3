/** Wires the models: providers by the keys that are configured, the scripted model without one. Once an isolate. */
import { PROVIDER_NAMES } from "../domain/model/provider-name.ts";
import type { Models } from "../models/models.ts";
import { createModels } from "../models/models.ts";
import type { Configured } from "../models/usual.ts";
import { isProviderReachable as isReachable } from "../models/usual.ts";
import type { Env } from "./environment/env.ts";

const models = new WeakMap<Env, Models>();

export function modelsOf(env: Env): Models {
  const known = models.get(env);
  if (known) return known;
  const made = createModels({
    ...configuredIn(env),
    anthropicBaseUrl: env.ANTHROPIC_BASE_URL,
    scriptedPaceMs: Number(env.ERRAND_SCRIPTED_PACE_MS) || 0,
  });
  models.set(env, made);
  return made;
}

/** Whether models of this provider can be asked here. */
export function isProviderReachable(env: Env, provider: string): boolean {
  const known = PROVIDER_NAMES.find((name) => name === provider);
  return known !== undefined && isReachable(configuredIn(env), known);
}

function configuredIn(env: Env): Configured {
  return {
    anthropicKey: env.ANTHROPIC_API_KEY,
    openaiKey: env.OPENAI_API_KEY,
    openaiBaseUrl: env.OPENAI_BASE_URL,
    defaultModel: env.ERRAND_MODEL,
  };
}
