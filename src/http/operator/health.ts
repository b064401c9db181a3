/** How the deployment and its executions do: health, metrics and the overview. Knows no database: it asks the services. */
import { ENDPOINTS } from "../../contract/endpoints.ts";
import type { Metric } from "../../contract/metrics.ts";
import { METRICS_TYPE, metricsText } from "../../contract/metrics.ts";
import { figureMetrics, MetricsQuery, metricsBody } from "../../contract/operator/figures.ts";
import { overviewBody } from "../../contract/operator/overview.ts";
import { iso } from "../../contract/wire.ts";
import type { Principal } from "../../domain/execution/principal.ts";
import { callerFor, hasKeyFor } from "../access/access.ts";
import { route } from "../access/route.ts";
import { answerJson, answerRefusal } from "../answers/answer.ts";
import type { App, C } from "../requests/app.ts";
import { parseQuery } from "../requests/parse.ts";

/**
 * Binds the health endpoints. Any caller learns whether the deployment is ready; only an administrator learns the details,
 * because they say how the deployment is set up.
 */
export function operationsRoutes(app: App): void {
  route(app, ENDPOINTS.health, health);
  route(app, ENDPOINTS.healthV1, health);
  route(app, ENDPOINTS.ready, ready);
  route(app, ENDPOINTS.readyV1, ready);
  route(app, ENDPOINTS.prometheus, prometheus);
  route(app, ENDPOINTS.metrics, metrics);
  route(app, ENDPOINTS.operations, operations);
}

async function isReady(c: C): Promise<boolean> {
  const { indexHealth, encryption } = c.get("services");
  return encryption.ok && (await indexHealth.report()).trouble === undefined;
}

async function ready(c: C): Promise<Response> {
  const is = await isReady(c);
  const body = { status: is ? "ready" : "not_ready", timestamp: iso(Date.now()) };
  return answerJson(c, body, { status: is ? 200 : 503, headers: { "cache-control": "no-store" } });
}

async function metrics(c: C): Promise<Response> {
  const query = parseQuery(c, MetricsQuery);
  if (!query.ok) return answerRefusal(c, query);
  return answerJson(c, metricsBody(await c.get("services").metrics.measure(c.get("caller"), query.value)));
}

async function operations(c: C): Promise<Response> {
  const looked = await c.get("services").overview.look(c.get("caller"));
  return answerJson(c, overviewBody(looked), { headers: { "cache-control": "no-store" } });
}

async function prometheus(c: C): Promise<Response> {
  const { version, agents, indexHealth } = c.get("services");
  const index = await indexHealth.report();
  const all: Metric[] = [
    { name: "errand_ready", help: "1 when requests may be sent here.", values: [[{}, Number(await isReady(c))]] },
    { name: "errand_build_info", help: "The version that answers.", values: [[{ version }, 1]] },
  ];
  const admin = await callerFor(c, "admin");
  if (admin) {
    const percent = index.usage.map(({ registry, percent: full }) => [{ registry: String(registry) }, full] as const);
    all.push(
      { name: "errand_agents", help: "Agents of the code.", values: [[{}, agents.count]] },
      { name: "errand_index_parked_rows", help: "Rows that the index would not take.", values: [[{}, index.parked]] },
      { name: "errand_index_percent", help: "How full a database of the index is.", values: percent },
      ...(await figures(c, admin)),
    );
  }
  return new Response(metricsText(all), { headers: { "content-type": METRICS_TYPE, "cache-control": "no-store" } });
}

/** Scraped while the index is away, the gauges of the index are left out, and the others are told. */
async function figures(c: C, admin: Principal): Promise<readonly Metric[]> {
  return c
    .get("services")
    .metrics.lastDay(admin)
    .then(figureMetrics, () => []);
}

async function health(c: C): Promise<Response> {
  const index = await c.get("services").indexHealth.report();
  const { mode, model, version, agents, encryption, retention } = c.get("services");
  const checks = {
    agents: `${agents.count} registered`,
    storage: index.trouble === undefined ? "ready" : `not ready: the registry cannot be used: ${index.trouble}`,
    parked: `${index.parked} rows that the registry would not take`,
    databases: index.usage.map(
      ({ registry, percent, warns }) =>
        `${registry === 0 ? "REGISTRY" : `REGISTRY_${registry}`}: ${percent} % full${warns ? "; bind another one and move tenants there" : ""}`,
    ),
    encryption: encryption.ok ? encryption.value : `not ready: ${encryption.detail}`,
    retention,
  };
  const ready = encryption.ok && index.trouble === undefined;
  const body = { status: ready ? "healthy" : "unhealthy", timestamp: iso(Date.now()), version };
  const report = (await hasKeyFor(c, "admin")) ? { mode, model, checks } : {};
  return answerJson(c, { ...body, ...report }, { status: ready ? 200 : 503 });
}
