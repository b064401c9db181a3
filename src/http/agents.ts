import { ENDPOINTS } from "../contract/endpoints.ts";
import { listDefinitions } from "../operations/agents.ts";
import { answerJson, answerRefusal } from "./answer.ts";
import type { App } from "./app.ts";
import { route } from "./route.ts";

export function agentRoutes(app: App): void {
  route(app, ENDPOINTS.listAgents, async (c) => answerJson(c, await c.get("services").agents.list()));
  route(app, ENDPOINTS.getAgent, async (c) => {
    const found = await c.get("services").agents.one(c.req.param("agent_id") ?? "");
    return found.ok ? answerJson(c, found.value) : answerRefusal(c, found);
  });
  route(app, ENDPOINTS.listDefinitions, (c) => {
    const found = listDefinitions(c.get("services").catalog, c.req.param("agent_id") ?? "");
    return found.ok ? answerJson(c, found.value) : answerRefusal(c, found);
  });
}
