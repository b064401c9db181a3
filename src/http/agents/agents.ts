import { ENDPOINTS } from "../../contract/endpoints.ts";
import { AgentQuery } from "../../contract/manifests/requests.ts";
import { NamesQuery } from "../../contract/query-values.ts";
import type { Result } from "../../domain/values/fault.ts";
import { route } from "../access/route.ts";
import { answerJson, answerRefusal } from "../answers/answer.ts";
import type { App, C } from "../requests/app.ts";
import { parseQuery } from "../requests/parse.ts";

export function agentRoutes(app: App): void {
  route(app, ENDPOINTS.listAgents, async (c) => {
    const query = parseQuery(c, NamesQuery);
    return query.ok
      ? answerPage(c, await c.get("services").agents.list(c.get("caller"), query.value))
      : answerRefusal(c, query);
  });
  route(app, ENDPOINTS.getAgent, async (c) => {
    const query = parseQuery(c, AgentQuery);
    if (!query.ok) return answerRefusal(c, query);
    const { version } = query.value;
    const found = await c.get("services").agents.one(c.get("caller"), c.req.param("agent_id") ?? "", version);
    return found.ok ? answerJson(c, found.value) : answerRefusal(c, found);
  });
  route(app, ENDPOINTS.listDefinitions, (c) => {
    const query = parseQuery(c, NamesQuery);
    if (!query.ok) return answerRefusal(c, query);
    return answerPage(c, c.get("services").agents.definitions(c.req.param("agent_id") ?? "", query.value));
  });
}

function answerPage(
  c: C,
  page: Result<{ readonly items: readonly object[]; readonly nextCursor: string | null }>,
): Response {
  if (!page.ok) return answerRefusal(c, page);
  return answerJson(c, { items: page.value.items, next_cursor: page.value.nextCursor });
}
