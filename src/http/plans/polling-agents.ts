/** Routes of agents that poll: bodies in, operations, bodies out. Who may do what is decided behind them. */
import { ENDPOINTS } from "../../contract/endpoints.ts";
import { agentBody } from "../../contract/polling-agents/bodies.ts";
import {
  AgentChangeRequest,
  AgentRequest,
  AgentsQuery,
  RotateKeyRequest,
} from "../../contract/polling-agents/requests.ts";
import { route } from "../access/route.ts";
import { answerJson, answerRefusal } from "../answers/answer.ts";
import type { App, C } from "../requests/app.ts";
import { parseBody, parseQuery } from "../requests/parse.ts";

const agents = (c: C) => c.get("services").pollingAgents;
const agentIdOf = (c: C): string => c.req.param("agent_id") ?? "";

/** Agents that poll: registered, listed, read, changed, removed, given their next key. */
export function pollingAgentRoutes(app: App): void {
  route(app, ENDPOINTS.registerAgent, register);
  route(app, ENDPOINTS.listPollingAgents, list);
  route(app, ENDPOINTS.getPollingAgent, get);
  route(app, ENDPOINTS.changePollingAgent, change);
  route(app, ENDPOINTS.removePollingAgent, remove);
  route(app, ENDPOINTS.rotateAgentKey, rotateKey);
}

async function register(c: C): Promise<Response> {
  const body = await parseBody(c, AgentRequest);
  if (!body.ok) return answerRefusal(c, body);
  const registered = await agents(c).register(c.get("holder"), body.value);
  if (!registered.ok) return answerRefusal(c, registered);
  const { agent, key } = registered.value;
  return key === undefined
    ? answerJson(c, agentBody(agent))
    : answerJson(c, { ...agentBody(agent), ...keyBody(agent.id, key) }, { status: 201 });
}

function keyBody(agentId: string, key: { readonly id: string; secret: string; ratePerMin: number | null }) {
  return { agent_id: agentId, key: key.secret, key_id: key.id, rate_limit_per_min: key.ratePerMin };
}

async function list(c: C): Promise<Response> {
  const query = parseQuery(c, AgentsQuery);
  if (!query.ok) return answerRefusal(c, query);
  const page = await agents(c).list(c.get("caller"), query.value);
  if (!page.ok) return answerRefusal(c, page);
  return answerJson(c, { items: page.value.agents.map(agentBody), next_cursor: page.value.next ?? null });
}

async function get(c: C): Promise<Response> {
  const found = await agents(c).get(c.get("caller"), agentIdOf(c));
  return found.ok ? answerJson(c, agentBody(found.value)) : answerRefusal(c, found);
}

async function change(c: C): Promise<Response> {
  const body = await parseBody(c, AgentChangeRequest);
  if (!body.ok) return answerRefusal(c, body);
  const changed = await agents(c).change(c.get("caller"), agentIdOf(c), body.value);
  return changed.ok ? answerJson(c, agentBody(changed.value)) : answerRefusal(c, changed);
}

async function remove(c: C): Promise<Response> {
  const removed = await agents(c).remove(c.get("holder"), agentIdOf(c));
  return removed.ok ? new Response(null, { status: 204 }) : answerRefusal(c, removed);
}

async function rotateKey(c: C): Promise<Response> {
  const body = await parseBody(c, RotateKeyRequest);
  if (!body.ok) return answerRefusal(c, body);
  const key = await agents(c).rotateKey(c.get("holder"), agentIdOf(c), body.value);
  return key.ok ? answerJson(c, keyBody(agentIdOf(c), key.value), { status: 201 }) : answerRefusal(c, key);
}
