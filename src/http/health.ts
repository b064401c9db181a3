import type { Context } from "hono";
import { ENDPOINTS } from "../contract/endpoints.ts";
import { openapi } from "../contract/openapi.ts";
import { iso } from "../contract/wire.ts";
import { route } from "./route.ts";
import type { App, Vars } from "./server.ts";

/** Ready or not, and the description of the API. */
export function operationsRoutes(app: App): void {
  route(app, ENDPOINTS.health, health);
  route(app, ENDPOINTS.healthV1, health);
  route(app, ENDPOINTS.openapi, (c) => c.json(openapi(c.get("services").version)));
}

function health(c: Context<{ Variables: Vars }>): Response {
  const { mode, model, version, catalog } = c.get("services");
  const checks = { agents: `${catalog.agents.size} registered` };
  return c.json({ status: "healthy", timestamp: iso(Date.now()), version, mode, model, checks });
}
