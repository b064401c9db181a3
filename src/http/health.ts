import { ENDPOINTS } from "../contract/endpoints.ts";
import { openapi } from "../contract/openapi.ts";
import { iso } from "../contract/wire.ts";
import type { App, C } from "./app.ts";
import { route } from "./route.ts";

/** Ready or not, and the description of the API. */
export function operationsRoutes(app: App): void {
  route(app, ENDPOINTS.health, health);
  route(app, ENDPOINTS.healthV1, health);
  route(app, ENDPOINTS.openapi, (c) => c.json(openapi(c.get("services").version)));
}

function health(c: C): Response {
  const { mode, model, version, catalog } = c.get("services");
  const checks = { agents: `${catalog.agents.size} registered` };
  return c.json({ status: "healthy", timestamp: iso(Date.now()), version, mode, model, checks });
}
