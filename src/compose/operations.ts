/** Wires what operators ask: figures of executions, and how the deployment does. */
import { backlogOf } from "../actors/platform/projector-client.ts";
import type { IndexHealth } from "../operations/index-health.ts";
import { Metrics } from "../operations/metrics.ts";
import { Overview } from "../operations/overview.ts";
import { metricsRegistry } from "../registry/metrics.ts";
import { overviewRegistry } from "../registry/overview.ts";
import type { Env } from "./env.ts";
import { registriesOf } from "./registries.ts";
import { lastSweepOf } from "./sweep.ts";

export function operationsOf(env: Env, { indexHealth }: { readonly indexHealth: IndexHealth }) {
  const registries = registriesOf(env);
  const now = () => Date.now();
  return {
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
