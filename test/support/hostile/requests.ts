/** Every request that a stranger can make of the endpoint table and of another's names. */
import * as z from "zod";
import type { Endpoint } from "../../../src/contract/endpoint.ts";
import { ENDPOINTS } from "../../../src/contract/endpoints.ts";
import type { Sent } from "../workers/deployment.ts";
import type { Marked } from "./canaries.ts";

export interface Try {
  readonly name: string;
  readonly method: string;
  readonly path: string;
  readonly sent: Omit<Sent, "key">;
}

type Names = Marked["names"];

const ROWS = Object.values(ENDPOINTS) as readonly Endpoint[];
const SOCKETS: ReadonlySet<string> = new Set(["stream", "planStream", "feed", "memorySocket"]);

const HOSTILE_MANIFEST = {
  ...{ version: "6.6.6", description: "hostile", capabilities: ["hostile"] },
  ...{ skills_available: ["hostile"], reasoning_mode: "oneshot" },
};

/** A body for each call that takes one, as right as it can be. A new call with a body has to say one here. */
const BODIES: Readonly<Record<string, (names: Names) => unknown>> = {
  execute: () => ({ input: { claim: "c", amount: 1 } }),
  executeAsync: () => ({ input: { claim: "c", amount: 1 } }),
  callReasoner: () => ({ input: { claim: "c", amount: 1 } }),
  callSkill: () => ({ input: { claim: "c", amount: 1 } }),
  requestApprovalOfAgent: () => ({ approval_request_id: "hostile" }),
  workflowEvent: () => ({ execution_id: "hostile", parent_execution_id: "hostile", status: "running" }),
  reportLogs: () => ({ message: "hostile" }),
  awaiterStatus: () => ({ status: "waiting" }),
  noteByHeader: () => ({ message: "hostile" }),
  noteByHeaderUi: () => ({ message: "hostile" }),
  reportStatus: () => ({ status: "succeeded", result: "hostile" }),
  cancel: () => ({ reason: "hostile" }),
  pause: () => ({}),
  resume: () => ({}),
  restart: () => ({ reason: "hostile" }),
  signal: () => ({ data: "hostile" }),
  signals: () => ({ signals: [{ name: "go", data: "hostile" }] }),
  addNote: () => ({ message: "hostile" }),
  retryWebhook: () => ({ delivery: 1 }),
  retryWebhookUi: () => ({}),
  resolve: () => ({ option: "failed" }),
  approve: ({ gate }) => ({ decision: "approved", approval_request_id: gate }),
  requestApproval: () => ({ approval_request_id: "hostile" }),
  approveByWebhook: ({ gate }) => ({ decision: "approved", approval_request_id: gate }),
  approvalResponseWebhook: ({ gate }) => ({ requestId: gate, decision: "approved" }),
  batchStatus: ({ id, chosen_id }) => ({ execution_ids: [id, chosen_id] }),
  createKey: ({ tenant }) => ({ name: "hostile", scopes: ["read"], tenant }),
  createToken: ({ id }) => ({ execution_id: id }),
  cancelRun: () => ({}),
  cancelWorkflow: () => ({}),
  moveTenant: () => ({ registry: 0 }),
  registerAgent: () => ({ id: "hostile", name: "hostile" }),
  changePollingAgent: () => ({ name: "hostile" }),
  rotateAgentKey: () => ({}),
  decomposeTask: () => ({ task: { task_id: "t", title: "hostile" } }),
  createPlan: () => ({ goal: "hostile", tasks: [{ id: "t", title: "hostile" }] }),
  validatePlan: () => ({ goal: "hostile", tasks: [{ id: "t", title: "hostile" }] }),
  startPlan: () => ({ plan_id: "hostile" }),
  changePlanExecution: () => ({ status: "CANCELLED" }),
  resolveTask: () => ({ option: "skip_task" }),
  reportEvents: () => ({ agent_id: "hostile", event_type: "heartbeat" }),
  ...ofMemory(),
  validateManifest: () => ({ manifest: "name: hostile" }),
  runAgent: () => ({ manifest: "name: hostile" }),
  runAgentAsync: () => ({ manifest: "name: hostile" }),
  setNotifications: () => ({ url: "https://h.example.com/hostile" }),
  setRetention: () => ({ succeeded: 0.001 }),
  bulk: () => ({ action: "cancel", filter: { all: true } }),
  putExperiment: () => ({ versions: [{ version: "1.0.0", weight: 1 }] }),
  putAgent: ({ stored_id }) => ({ ...HOSTILE_MANIFEST, name: stored_id }),
  createSchedule: () => ({ target: "approvals.demo", input: { claim: "c", amount: 1 }, every: "1h", paused: true }),
  changeSchedule: () => ({ every: "2h" }),
  pauseSchedule: () => ({}),
  resumeSchedule: () => ({}),
  registerNode: () => ({ id: "hostile", base_url: "https://agents.example.com" }),
  registerNodeShort: () => ({ id: "hostile", base_url: "https://agents.example.com" }),
  registerServerless: () => ({ invocation_url: "http://127.0.0.1" }),
  heartbeat: () => ({ status: "offline" }),
  renewLease: () => ({ phase: "offline" }),
  bulkNodeStatus: ({ id }) => ({ node_ids: [id] }),
  shutdownNode: () => ({}),
  moveNode: () => ({ lifecycle_status: "offline" }),
  moveNodeByPost: () => ({ lifecycle_status: "offline" }),
  weighNode: () => ({ traffic_weight: 0 }),
  acknowledgeAction: () => ({ action_id: "hostile", status: "succeeded" }),
  claimActions: ({ id }) => ({ node_id: id }),
  setQueue: () => ({ limit: null }),
};

/** What is written is the stranger's own, under a name of its own; what is asked for is the owner's by its name. */
function ofMemory(): typeof BODIES {
  const own = { key: "hostile", scope: "session", scope_id: "hostile" };
  const hers = ({ session_id }: Names) => ({ key: "hostile", scope: "session", scope_id: session_id });
  return {
    setMemory: () => ({ ...own, data: "hostile" }),
    getMemory: hers,
    deleteMemory: hers,
    setVector: () => ({ ...own, embedding: [1] }),
    putVector: () => ({ ...own, embedding: [1] }),
    searchVectors: ({ session_id }) => ({ query_embedding: [1], scope: "session", scope_id: session_id }),
    deleteVector: hers,
    deleteVectorNamespace: ({ session_id }) => ({ namespace: "hostile", scope: "session", scope_id: session_id }),
  };
}

function bodyOf({ id, body }: Endpoint, names: Names): { readonly body?: unknown } {
  if (!body) return {};
  const make = BODIES[id];
  if (!make) throw new Error(`${id} takes a body: say in test/support/hostile/requests.ts what a stranger would send`);
  return { body: make(names) };
}

/** What a placeholder of a path may be filled with: everything of the owner's that has a name. */
function valuesFor(placeholder: string, names: Names): readonly string[] {
  if (placeholder === "target") return ["approvals.demo", `${names.stored_id}.run`];
  if (placeholder === "name") return ["go", names.file];
  if (placeholder === "agent_id") return ["approvals", names.stored_id];
  if (placeholder === "node_id") return [names.id, names.chosen_id];
  if (placeholder === "version") return ["1"];
  return [...new Set([names[placeholder as keyof Names] ?? names.id, ...Object.values(names)])];
}

/** Each row with each name in each place of its path; the other places of it hold what belongs there. */
export function byPath(names: Names): readonly Try[] {
  return ROWS.flatMap((row) => {
    const placeholders = [...row.path.matchAll(/\{(\w+)\}/g)].map(([, name = ""]) => name);
    const paths = placeholders.flatMap((name) =>
      valuesFor(name, names).map((value) => firstPath(row, names, { [name]: value })),
    );
    return [...new Set([firstPath(row, names), ...paths])].map((path) => tryOf(row, path, names));
  });
}

/** Each query parameter of each row with each name that it takes, or with one that it refuses; and as a cursor. */
export function byQuery(names: Names): readonly Try[] {
  return ROWS.flatMap((row) => {
    const shape: Readonly<Record<string, z.core.$ZodType>> = row.query instanceof z.ZodObject ? row.query.shape : {};
    const cursors = [`${Date.now() + 60_000}~${names.id}`, `${Date.now() + 60_000}~${names.chosen_id}`];
    return Object.entries(shape).flatMap(([parameter, schema]) => {
      const taken = Object.values(names).filter((name) => z.safeParse(schema, name).success);
      const values = parameter === "cursor" ? cursors : taken.length > 0 ? taken : [names.id];
      return values.map((value) =>
        tryOf(row, `${firstPath(row, names)}?${parameter}=${encodeURIComponent(value)}`, names),
      );
    });
  });
}

const HEADERS = [
  "x-run-id",
  "x-workflow-id",
  "x-parent-execution-id",
  "x-session-id",
  "x-actor-id",
  "x-execution-id",
  "idempotency-key",
  "last-event-id",
];
/** They mean something to other servers and to proxies. */
const FOREIGN_HEADERS = [
  "x-http-method-override",
  "x-original-url",
  "x-rewrite-url",
  "x-forwarded-host",
  "x-forwarded-for",
  "mf-original-url",
  "x-tenant",
  "x-user",
];

/** Without the tenant's, which is the same for every test: a stranger that calls a run so would be told of its own. */
function ownNames({ tenant: _tenant, ...names }: Names): string[] {
  return Object.values(names);
}

/** Each header that means something here with each name, and each that does elsewhere with some; on reads and on starts. */
export function byHeader(names: Names): readonly Try[] {
  const rows = ROWS.filter(({ id }) =>
    ["executeAsync", "listExecutions", "getExecution", "restart", "noteByHeader"].includes(id),
  );
  const path = `/api/v1/executions/${names.id}`;
  const caller = { tenant: names.tenant, subject: "olga", scopes: ["admin"] };
  const headers: readonly (readonly [string, readonly string[]])[] = [
    ...HEADERS.map((header) => [header, [...ownNames(names), path]] as const),
    ...FOREIGN_HEADERS.map((header) => [header, [names.id, names.actor_id, path]] as const),
    ["x-errand-subscription", [JSON.stringify({ caller, after: 0, deltas: true })]],
  ];
  return rows.flatMap((row) =>
    headers.flatMap(([header, values]) =>
      values.map((value) => {
        const one = tryOf(row, firstPath(row, names), names);
        const sent = { ...one.sent, headers: { ...one.sent.headers, [header]: value } };
        return { ...one, name: `${one.name} with ${header}: ${value.slice(0, 60)}`, sent };
      }),
    ),
  );
}

/** One path written in other ways, of which some server, router or proxy takes it for the same. */
export function byPathTrick(names: Names): readonly Try[] {
  const { id } = names;
  const paths = [
    `//api/v1/executions/${id}`,
    `/api//v1/executions/${id}`,
    `/api/v1/executions//${id}`,
    `/api/v1/executions/${id}/`,
    `/api/v1/./executions/${id}`,
    `/api/v1/agents/../executions/${id}`,
    `/api/v1/agents/%2e%2e/executions/${id}`,
    `/api/v1/agents/..%2fexecutions/${id}`,
    `/api/v1/executions%2f${id}`,
    `/api/v1%2fexecutions/${id}`,
    `/health/..;/api/v1/executions/${id}`,
    `/docs/..%2fapi/v1/executions/${id}`,
    `/API/V1/EXECUTIONS/${id}`,
    `/api/v1/Executions/${id}`,
    `/api/v1/executions/${id}%00`,
    `/api/v1/executions/${id}%20`,
    `/api/v1/executions/${id};a=b`,
    `/api/v1/executions/${id}.json`,
    `/api/v1/executions/${id}#`,
    `/api/v1/executions/${id}?`,
    `/api/v1/executions/${encodeURIComponent(id).replaceAll("e", "%65")}`,
    `/api/v1/executions/%65xec_${id.slice(5)}`,
    `/api/v1/executions/x%2f..%2f${id}`,
    `/api/v1/executions/${id}/files/..%2f..%2f${id}`,
    `/api/v1/executions/${id}/files/%2e%2e`,
    `/api/v1/executions/active/${id}`,
    `/api/executions/${id}`,
    `/api/v1/../v1/executions/${id}`,
    `http://localhost/api/v1/executions/${id}`,
  ];
  return paths.flatMap((path) =>
    ["GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE", "PROPFIND"].map((method) => ({
      name: `${method} ${path}`,
      method,
      path,
      sent: {},
    })),
  );
}

function firstPath(row: Endpoint, names: Names, set: Readonly<Record<string, string>> = {}): string {
  return row.path.replaceAll(/\{(\w+)\}/g, (_match, name: string) =>
    encodeURIComponent(set[name] ?? valuesFor(name, names)[0] ?? "x"),
  );
}

function tryOf(row: Endpoint, path: string, names: Names): Try {
  const headers = SOCKETS.has(row.id) ? { upgrade: "websocket" } : {};
  return { name: `${row.method} ${path}`, method: row.method, path, sent: { headers, ...bodyOf(row, names) } };
}
