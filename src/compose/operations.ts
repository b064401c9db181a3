/** Wires what operators ask: figures of executions, how the deployment does, one verb for many executions. */
import { backlogOf } from "../actors/platform/projector-client.ts";
import { parseRetention } from "../domain/execution/retention.ts";
import { Metrics } from "../operations/lists/metrics.ts";
import type { BulkParts } from "../operations/operator/bulk.ts";
import { Bulk } from "../operations/operator/bulk.ts";
import type { IndexHealth } from "../operations/operator/index-health.ts";
import { Overview } from "../operations/operator/overview.ts";
import { Retention } from "../operations/operator/retention.ts";
import { metricsRegistry } from "../registry/metrics.ts";
import { overviewRegistry } from "../registry/overview.ts";
import { retentionPolicy, setRetentionPolicy } from "../registry/settings/retention-policies.ts";
import { authenticatorOf } from "./access.ts";
import type { Env } from "./environment/env.ts";
import { registriesOf } from "./environment/registries.ts";
import { lastSweepOf } from "./sweep.ts";

interface Parts {
  readonly indexHealth: IndexHealth;
  readonly bulk: Omit<BulkParts, "now" | "keys">;
}

export function operationsOf(env: Env, { indexHealth, bulk }: Parts) {
  const registries = registriesOf(env);
  const now = () => Date.now();
  return {
    bulk: new Bulk({ ...bulk, keys: authenticatorOf(env), now }),
    kept: new Retention({
      read: (tenant) => retentionPolicy(env.REGISTRY, tenant),
      write: (tenant, policy) => setRetentionPolicy(env.REGISTRY, tenant, policy),
      usualMs: parseRetention(env.ERRAND_RETENTION_DAYS).ms,
    }),
    metrics: new Metrics(metricsRegistry(registries), now),
    overview: new Overview({
      index: overviewRegistry(registries),
      health: () => indexHealth.report(),
      backlog: (tenant) => backlogOf(env.PROJECTORS, tenant),
      lastSweep: () => lastSweepOf(env),
      now,
    }),
  };
}
