import { ENDPOINTS } from "../contract/endpoints.ts";
import { listAgents, listDefinitions } from "../operations/agents.ts";
import { answerRefusal } from "./answer.ts";
import type { App } from "./app.ts";
import { route } from "./route.ts";

export function agentRoutes(app: App): void {
  route(app, ENDPOINTS.listAgents, (c) => c.json(listAgents(c.get("services").catalog)));
  route(app, ENDPOINTS.listDefinitions, (c) => {
    const found = listDefinitions(c.get("services").catalog, c.req.param("agent_id") ?? "");
    return found.ok ? c.json(found.value) : answerRefusal(c, found);
  });
}
