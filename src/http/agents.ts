import { ENDPOINTS } from "../contract/endpoints.ts";
import { listAgents } from "../operations/agents.ts";
import type { App } from "./app.ts";
import { route } from "./route.ts";

export function agentRoutes(app: App): void {
  route(app, ENDPOINTS.listAgents, (c) => c.json(listAgents(c.get("services").catalog)));
}
