/** Wires what operators set of queues, as starts know it. */

import type { PlaceParts } from "../operations/executions/start-places.ts";
import { QueueRuleCache } from "../operations/operator/queue-rules.ts";
import { queueRules } from "../registry/settings/queues.ts";
import type { Env } from "./environment/env.ts";

type RulesInForce = PlaceParts["rules"] & Pick<QueueRuleCache, "forget">;

const NO_LIMITS: RulesInForce = { of: () => undefined, forget: () => {} };

const caches = new WeakMap<object, QueueRuleCache>();

/** One memory an isolate. A Worker without limiters holds no limits: it reads no rules, and its starts are in no queue. */
export function queueRulesOf(env: Pick<Env, "LIMITERS" | "REGISTRY">): RulesInForce {
  if (!env.LIMITERS) return NO_LIMITS;
  const known = caches.get(env);
  if (known) return known;
  const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
  const made = new QueueRuleCache({ read: (tenant) => queueRules(env.REGISTRY, tenant), now: () => Date.now(), pause });
  caches.set(env, made);
  return made;
}
