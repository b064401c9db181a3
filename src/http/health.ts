import { ENDPOINTS } from "../contract/endpoints.ts";
import { iso } from "../contract/wire.ts";
import { hasKeyFor } from "./access.ts";
import { answerJson } from "./answer.ts";
import type { App, C } from "./app.ts";
import { route } from "./route.ts";

/**
 * Binds the health endpoints. Any caller learns whether the deployment is ready; only an administrator learns the details,
 * because they say how the deployment is set up.
 */
export function operationsRoutes(app: App): void {
  route(app, ENDPOINTS.health, health);
  route(app, ENDPOINTS.healthV1, health);
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
