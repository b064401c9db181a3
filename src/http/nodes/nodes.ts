/** Agents that run elsewhere: parse, call one operation, answer under the names that their SDKs read. */
import { ENDPOINTS } from "../../contract/endpoints.ts";
import { leaseBody, nodeBody, statusBody, versionsBody } from "../../contract/nodes/body.ts";
import {
  ActionAckRequest,
  BulkStatusRequest,
  ClaimRequest,
  HeartbeatRequest,
  LeaseRequest,
  LifecycleRequest,
  NodesQuery,
  RegisterRequest,
  RegisterServerlessRequest,
  ShutdownRequest,
  WeightRequest,
} from "../../contract/nodes/requests.ts";
import { problemOf } from "../../contract/problem.ts";
import { iso } from "../../contract/wire.ts";
import type { Registration } from "../../domain/node/node.ts";
import type { NodeChange } from "../../domain/node/node-command.ts";
import type { Beat } from "../../domain/node/presence.ts";
import type { Refusal, Result } from "../../domain/values/fault.ts";
import { nodeCursorOf } from "../../operations/nodes/nodes.ts";
import { route } from "../access/route.ts";
import { answerJson, answerProblem } from "../answers/answer.ts";
import type { App, C } from "../requests/app.ts";
import { parseBody, parseQuery } from "../requests/parse.ts";

const nodes = (c: C) => c.get("services").nodes;
const now = () => ({ timestamp: iso(Date.now()) });
const nodeId = (c: C) => c.req.param("node_id") ?? "";

export function nodeRoutes(app: App): void {
  route(app, ENDPOINTS.registerNode, register);
  route(app, ENDPOINTS.registerNodeShort, register);
  route(app, ENDPOINTS.registerServerless, registerServerless);
  route(app, ENDPOINTS.bulkNodeStatus, bulkStatus);
  route(app, ENDPOINTS.listNodes, list);
  route(app, ENDPOINTS.getNode, async (c) => {
    const found = await nodes(c).one(c.get("caller"), nodeId(c));
    return found.ok ? answerJson(c, versionsBody(found.value)) : answerNodeRefusal(c, found);
  });
  route(app, ENDPOINTS.removeNode, async (c) =>
    answerDone(c, await nodes(c).remove(c.get("caller"), nodeId(c)), { message: "node removed" }),
  );
  route(app, ENDPOINTS.heartbeat, heartbeat);
  route(app, ENDPOINTS.renewLease, renewLease);
  route(app, ENDPOINTS.nodeStatus, status);
  route(app, ENDPOINTS.shutdownNode, shutdown);
  route(app, ENDPOINTS.startNode, (c) => change(c, { type: "start" }, "Node start initiated"));
  route(app, ENDPOINTS.stopNode, (c) => change(c, { type: "stop" }, "Node stop initiated"));
  route(app, ENDPOINTS.endMonitoring, (c) => change(c, { type: "unwatch" }, "monitoring ended"));
  route(app, ENDPOINTS.moveNode, move);
  route(app, ENDPOINTS.moveNodeByPost, move);
  route(app, ENDPOINTS.weighNode, weigh);
  route(app, ENDPOINTS.acknowledgeAction, acknowledge);
  route(app, ENDPOINTS.claimActions, claim);
}

/** SDKs read `error` as a text: of a node that is not there it is this one. */
export function answerNodeRefusal(c: C, refusal: Refusal, error?: string): Response {
  const problem = problemOf(refusal, c.get("requestId"));
  const word = error ?? (refusal.code === "not_found" ? "node not found" : problem.error);
  return answerProblem(c, { ...problem, error: word });
}

async function register(c: C): Promise<Response> {
  const body = await parseBody(c, RegisterRequest);
  if (!body.ok) return answerNodeRefusal(c, body);
  const registered = await nodes(c).register(c.get("caller"), body.value);
  return registered.ok
    ? answerJson(c, registeredBody(registered.value), { status: 201 })
    : answerNodeRefusal(c, registered);
}

async function registerServerless(c: C): Promise<Response> {
  const body = await parseBody(c, RegisterServerlessRequest);
  if (!body.ok) return answerNodeRefusal(c, body);
  const registered = await nodes(c).registerServerless(c.get("caller"), body.value.invocation_url);
  if (!registered.ok) return answerNodeRefusal(c, registered);
  const { id, version, deployment, invocationUrl, reasoners, skills } = registered.value.record;
  const node = {
    ...{ id, version, deployment_type: deployment, invocation_url: invocationUrl },
    ...{ reasoners_count: reasoners.length, skills_count: skills.length },
  };
  return answerJson(c, { ...registeredBody(registered.value), node }, { status: 201 });
}

function registeredBody({ record: { id, baseUrl, more } }: Registration) {
  const sent = Object(more.callback_discovery) as Readonly<Record<string, unknown>>;
  const { mode, preferred } = sent;
  return {
    success: true,
    message: "Node registered successfully",
    node_id: id,
    resolved_base_url: baseUrl,
    callback_discovery: {
      ...sent,
      mode: typeof mode === "string" && mode !== "" ? mode : "auto",
      preferred: typeof preferred === "string" && preferred !== "" ? preferred : baseUrl,
      resolved: baseUrl,
      submitted_at: iso(Date.now()),
    },
  };
}

async function list(c: C): Promise<Response> {
  const query = parseQuery(c, NodesQuery);
  if (!query.ok) return answerNodeRefusal(c, query);
  const page = await nodes(c).list(c.get("caller"), query.value);
  if (!page.ok) return answerNodeRefusal(c, page);
  const { limit: _limit, cursor: _cursor, ...filters } = query.value;
  return answerJson(c, {
    nodes: page.value.nodes.map(nodeBody),
    count: page.value.nodes.length,
    filters,
    next_cursor: nodeCursorOf(page.value.next),
  });
}

async function heartbeat(c: C): Promise<Response> {
  const said = await parseBody(c, HeartbeatRequest);
  if (!said.ok) return answerNodeRefusal(c, said);
  const { status: lifecycle, version, health_score, instance_id } = said.value;
  const beat = { lifecycle, healthScore: health_score, instanceId: instance_id };
  const heard = await nodes(c).heard(c.get("caller"), nodeId(c), { version: version ?? undefined, beat });
  return answerDone(c, heard, { message: "heartbeat received", ...now() });
}

async function renewLease(c: C): Promise<Response> {
  const body = await parseBody(c, LeaseRequest);
  if (!body.ok) return answerNodeRefusal(c, body);
  const { phase: lifecycle, version, health_score } = body.value;
  const beat = { lifecycle, healthScore: health_score ?? undefined, instanceId: undefined };
  return answerLease(c, await nodes(c).heard(c.get("caller"), nodeId(c), { version: version ?? undefined, beat }));
}

const SEEN: Beat = { lifecycle: undefined, healthScore: undefined, instanceId: undefined };

async function acknowledge(c: C): Promise<Response> {
  const body = await parseBody(c, ActionAckRequest);
  if (!body.ok) return answerNodeRefusal(c, body);
  return answerLease(c, await nodes(c).heard(c.get("caller"), nodeId(c), { version: undefined, beat: SEEN }));
}

async function claim(c: C): Promise<Response> {
  const body = await parseBody(c, ClaimRequest);
  if (!body.ok) return answerNodeRefusal(c, body);
  const { node_id, wait_seconds: wait } = body.value;
  const heard = await nodes(c).heard(c.get("caller"), node_id, { version: undefined, beat: SEEN });
  return answerLease(c, heard, { items: [], next_poll_after: wait });
}

function answerLease(c: C, heard: Result<null>, more: object = {}): Response {
  return heard.ok ? answerJson(c, { ...more, ...leaseBody(Date.now()) }) : answerNodeRefusal(c, heard);
}

/** Python sends no body at all. */
async function shutdown(c: C): Promise<Response> {
  const body = await parseBody(c, ShutdownRequest);
  if (!body.ok) return answerNodeRefusal(c, body);
  const goes = { type: "lifecycle", lifecycle: "offline", version: body.value.version ?? undefined } as const;
  const done = await nodes(c).change(c.get("caller"), nodeId(c), goes);
  if (!done.ok) return answerNodeRefusal(c, done);
  const lease = { lease_seconds: 0, next_lease_renewal: iso(Date.now()), message: "shutdown acknowledged" };
  return answerJson(c, lease, { status: 202 });
}

async function move(c: C): Promise<Response> {
  const body = await parseBody(c, LifecycleRequest);
  if (!body.ok) return answerNodeRefusal(c, body);
  const { lifecycle_status: lifecycle } = body.value;
  const done = await nodes(c).change(c.get("caller"), nodeId(c), { type: "lifecycle", lifecycle, version: undefined });
  const message = "Lifecycle status updated successfully";
  return answerDone(c, done, { message, ...{ lifecycle_status: lifecycle }, ...now() });
}

async function weigh(c: C): Promise<Response> {
  const body = await parseBody(c, WeightRequest);
  if (!body.ok) return answerNodeRefusal(c, body);
  const version = c.req.param("version") ?? "";
  const { traffic_weight: weight } = body.value;
  const done = await nodes(c).change(c.get("caller"), nodeId(c), { type: "weigh", version, weight });
  return answerDone(c, done, { message: "weight set", ...{ version, traffic_weight: weight } });
}

const WORDS = { start: "starting", stop: "stopping", unwatch: undefined } as const;

async function change(c: C, said: NodeChange & { readonly type: keyof typeof WORDS }, message: string) {
  const word = WORDS[said.type];
  const more = { node_id: nodeId(c), ...(word === undefined ? {} : { status: word }) };
  return answerDone(c, await nodes(c).change(c.get("caller"), nodeId(c), said), { message, ...more });
}

function answerDone(c: C, done: Result<null>, said: { readonly message: string }): Response {
  return done.ok ? answerJson(c, { success: true, ...said }) : answerNodeRefusal(c, done);
}

async function status(c: C): Promise<Response> {
  const found = await nodes(c).one(c.get("caller"), nodeId(c));
  if (!found.ok) return answerNodeRefusal(c, found);
  return answerJson(c, { success: true, node_id: nodeId(c), status: statusBody(found.value[0]) });
}

async function bulkStatus(c: C): Promise<Response> {
  const body = await parseBody(c, BulkStatusRequest);
  if (!body.ok) return answerNodeRefusal(c, body);
  const states = await nodes(c).states(c.get("caller"), body.value.node_ids);
  const unknown = states.filter(({ known }) => known === undefined).map(({ id }) => `Node ${id}: node not found`);
  const results = states.map(({ id, known }) => [
    id,
    known ? statusBody({ record: { version: known.version }, state: known.state }) : { error: "node not found" },
  ]);
  const answer = {
    success: unknown.length === 0,
    results: Object.fromEntries(results),
    total_requested: states.length,
    successful: states.length - unknown.length,
    failed: unknown.length,
    ...(unknown.length === 0 ? {} : { errors: unknown }),
  };
  return answerJson(c, answer, { status: unknown.length === 0 ? 200 : 207 });
}
