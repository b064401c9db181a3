/** Wires the models: providers by the keys that are configured, the scripted model without one. Once an isolate. */
import type { Models } from "../models/models.ts";
import { createModels } from "../models/models.ts";
import type { Env } from "./env.ts";

const models = new WeakMap<Env, Models>();

export function modelsOf(env: Env): Models {
  const known = models.get(env);
  if (known) return known;
  const made = createModels({
    anthropicKey: env.ANTHROPIC_API_KEY,
    anthropicBaseUrl: env.ANTHROPIC_BASE_URL,
    openaiKey: env.OPENAI_API_KEY,
    openaiBaseUrl: env.OPENAI_BASE_URL,
    defaultModel: env.ERRAND_MODEL,
    scriptedPaceMs: Number(env.ERRAND_SCRIPTED_PACE_MS) || 0,
  });
  models.set(env, made);
  return made;
}
