/**
 * Every row of the endpoint table, asked by everybody: one table of expectations for all. A new endpoint without an
 * expectation fails here.
 */
import { applyD1Migrations } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, inject, test } from "vitest";
import type { Endpoint } from "../../src/contract/endpoint.ts";
import { ENDPOINTS } from "../../src/contract/endpoints.ts";
import { Scope } from "../../src/domain/execution/principal.ts";
import type { Kind } from "../support/access/kinds-of-keys.ts";
import { HEARD, KINDS } from "../support/access/kinds-of-keys.ts";
import type { Got } from "../support/workers/deployment.ts";
import { Deployment, ROOT_KEY } from "../support/workers/deployment.ts";

interface Expected {
  readonly needs: Scope | "open" | "signature";
  /** What its owner hears, and an administrator of the same tenant. */
  readonly owner: number;
  /** What somebody else with every scope but admin hears, of the same tenant or (even as its admin) of another one. */
  readonly others: number;
  /** What a colleague with the scope `approve` hears, where that is something else: approvals are the whole tenant's. */
  readonly colleague?: number;
  /** A key with one of these scopes does as well. */
  readonly or?: Scope | readonly Scope[];
  /** What the owner's key with the scope `agent` alone hears: this execution was dispatched to no node. */
  readonly node?: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** Its agent is one whose manifest Olga stored. */
  readonly stored?: true;
}

const row = (needs: Expected["needs"], owner: number, others: number): Expected => ({ needs, owner, others });
/** The same, of a call that a node makes for what it works on. */
const worked = (needs: Scope, owner: number, others: number): Expected => ({
  ...row(needs, owner, others),
  ...{ or: "agent", node: 404 },
});
const socket = { upgrade: "websocket" };
/** The execution stands in a header. */
const NAMED = { "x-execution-id": "{id}" };
const SESSION = { scope: "session", scope_id: "{session_id}" };
const MANIFEST = {
  ...{ name: "table.agent", version: "1.0.0", description: "Of the table.", capabilities: ["Stands in a table"] },
  ...{ skills_available: ["none"], reasoning_mode: "oneshot" },
};
const PLAN = { goal: "g", tasks: [{ id: "t", title: "T" }] };
/** Waits for a person at once. */
const input = { input: { claim: "c", amount: 10 } };
/** No effect is in doubt and nothing is paused: 409 is what only somebody who may see the execution hears. */
const EXPECTED: Readonly<Record<string, Expected>> = {
  home: row("open", 200, 200),
  health: row("open", 200, 200),
  healthV1: row("open", 200, 200),
  ready: row("open", 200, 200),
  readyV1: row("open", 200, 200),
  prometheus: row("open", 200, 200),
  openapi: row("open", 200, 200),
  metrics: row("read", 200, 200),
  operations: row("admin", 200, 200),
  getRetention: row("admin", 200, 200),
  /** Each has an address of their own. */
  getNotifications: { ...row("read", 200, 200), or: "approve" },
  setNotifications: { ...row("execute", 200, 200), or: "approve", body: { url: "https://h.example.com" } },
  removeNotifications: { ...row("execute", 204, 204), or: "approve" },
  setRetention: { ...row("admin", 200, 200), body: { failed: 365 } },
  // Of others it finds nothing.
  bulk: { ...row("execute", 200, 200), body: { action: "pause", filter: { all: true }, dry_run: true } },
  docs: row("open", 200, 200),
  listSessions: row("read", 200, 200),
  getSession: row("read", 200, 404),
  // Each caller's threads are its own: whose are whose is in threads.test.ts.
  listThreads: row("read", 404, 404),
  /** There is no agent "x": who talks where is in chats.test.ts. */
  chatSocket: { ...row("read", 400, 400), headers: socket },
  getThread: row("read", 404, 404),
  forgetThread: row("execute", 404, 404),
  /** A colleague finds the approval in it. */
  listApprovals: { ...row("read", 200, 200), or: "approve", colleague: 200 },
  batchStatus: { ...row("read", 200, 200), body: { execution_ids: ["{id}"] } },
  listAgents: row("read", 200, 200),
  // A node starts nothing but children.
  execute: { ...worked("execute", 202, 202), node: 403, body: input },
  executeAsync: { ...worked("execute", 202, 202), node: 403, body: input },
  callReasoner: { ...worked("execute", 202, 202), node: 403, body: input },
  // It is no skill.
  callSkill: { ...worked("execute", 404, 404), node: 403, body: input },
  getExecution: worked("read", 200, 404),
  listExecutions: row("read", 200, 200),
  countAttribute: row("read", 200, 200),
  listEvents: worked("read", 200, 404),
  stream: { ...worked("read", 101, 404), headers: socket },
  planStream: { ...row("read", 101, 404), headers: socket },
  uiEvents: row("read", 200, 200),
  feed: { ...row("read", 101, 101), headers: socket },
  /** It was started without files; who may read real ones is in files.test.ts. */
  getFile: row("read", 404, 404),
  /** It is still kept. */
  getArchive: row("admin", 409, 404),
  getAgent: row("read", 200, 200),
  listDefinitions: row("read", 200, 200),
  getConversation: row("read", 200, 404),
  getLog: row("read", 200, 404),
  getTrace: row("read", 200, 404),
  listEffects: row("read", 200, 404),
  checkInvariants: row("read", 200, 404),
  reportLogs: { ...worked("execute", 202, 404), body: { message: "seen" } },
  listLogs: worked("read", 200, 404),
  // It waits for its approval, and no node works at it: nothing changes.
  awaiterStatus: { ...worked("execute", 200, 404), body: { status: "waiting" } },
  // A word about the execution itself, which is known.
  workflowEvent: { ...worked("execute", 200, 404), body: { execution_id: "{id}", status: "running" } },
  noteByHeader: { ...worked("execute", 200, 404), body: { message: "seen" }, headers: NAMED },
  noteByHeaderUi: { ...worked("execute", 200, 404), body: { message: "seen" }, headers: NAMED },
  // Nothing of it is worked at by a node.
  reportStatus: { ...worked("execute", 409, 404), body: { status: "succeeded" } },
  cancel: { ...row("execute", 200, 404), body: {} },
  pause: { ...row("execute", 200, 404), body: {} },
  resume: { ...row("execute", 409, 404), body: {} },
  /** It has not ended yet. */
  restart: { ...row("execute", 409, 404), body: {} },
  signal: { ...row("execute", 202, 404), body: { data: 1 } },
  signals: { ...row("execute", 202, 404), body: { signals: [{ name: "s", data: 1 }] } },
  addNote: { ...worked("execute", 201, 404), body: { message: "seen" } },
  listNotes: worked("read", 200, 404),
  getWebhooks: row("read", 200, 404),
  /** It was started without a webhook. */
  retryWebhook: { ...row("execute", 409, 404), body: {} },
  retryWebhookUi: { ...row("execute", 409, 404), body: {} },
  resolve: { ...row("approve", 409, 404), body: { option: "retry" } },
  approvalStatus: { ...worked("read", 200, 404), or: ["approve", "agent"], colleague: 200 },
  approvalStatusOfAgent: { ...worked("read", 200, 404), or: ["approve", "agent"], colleague: 200 },
  approve: { ...row("approve", 200, 404), colleague: 200, body: { decision: "approved" } },
  // An approval is open already.
  requestApproval: { ...worked("execute", 409, 404), body: { approval_request_id: "asked-by-the-table" } },
  // No key opens it, and no webhook secret is configured here.
  approvalResponseWebhook: { ...row("signature", 503, 503), body: { requestId: "{gate}", decision: "approved" } },
  requestApprovalOfAgent: { ...worked("execute", 409, 404), body: { approval_request_id: "asked-by-the-table" } },
  approveByWebhook: {
    ...row("approve", 200, 404),
    colleague: 200,
    body: { decision: "approved", approval_request_id: "{gate}" },
  },
  createKey: { ...row("admin", 201, 201), body: { name: "made", scopes: ["read"] } },
  listKeys: row("admin", 200, 200),
  revokeKey: row("admin", 200, 404),
  listTenants: row("admin", 200, 200),
  // Only the root key moves tenants.
  moveTenant: { ...row("admin", 404, 404), body: { registry: 0 } },
  // Each tenant has queues of its own.
  listQueues: row("read", 200, 200),
  setQueue: { ...row("admin", 400, 400), body: { limit: null } },
  /** No agent has this name. */
  pauseQueue: row("admin", 400, 400),
  resumeQueue: row("admin", 400, 400),
  getRun: row("read", 200, 404),
  getWorkflow: row("read", 200, 404),
  runDag: row("read", 200, 404),
  workflowDag: row("read", 200, 404),
  workflowDagForUi: row("read", 200, 404),
  cancelRun: { ...row("execute", 200, 404), body: {} },
  cancelWorkflow: { ...row("execute", 200, 404), body: {} },
  activeRuns: row("read", 200, 200),
  /** A registration without an id is refused for its body; who may register which id is in nodes-owners.test.ts. */
  registerNode: { ...row("agent", 400, 400), body: {} },
  registerNodeShort: { ...row("agent", 400, 400), body: {} },
  registerServerless: { ...row("agent", 400, 400), body: {} },
  listNodes: { ...row("read", 200, 200), or: "agent" },
  discoverCapabilities: { ...row("read", 200, 200), or: "agent" },
  bulkNodeStatus: { ...row("read", 207, 207), or: "agent", body: { node_ids: ["nobody"] } },
  /** There is no node "x". */
  getNode: { ...row("read", 404, 404), or: "agent" },
  nodeStatus: { ...row("read", 404, 404), or: "agent" },
  removeNode: row("agent", 404, 404),
  heartbeat: { ...row("agent", 404, 404), body: { status: "ready" } },
  renewLease: { ...row("agent", 404, 404), body: { phase: "ready" } },
  shutdownNode: { ...row("agent", 404, 404), body: {} },
  startNode: row("agent", 404, 404),
  stopNode: row("agent", 404, 404),
  moveNode: { ...row("agent", 404, 404), body: { lifecycle_status: "ready" } },
  moveNodeByPost: { ...row("agent", 404, 404), body: { lifecycle_status: "ready" } },
  endMonitoring: row("agent", 404, 404),
  weighNode: { ...row("agent", 404, 404), body: { traffic_weight: 1 } },
  acknowledgeAction: { ...row("agent", 404, 404), body: { action_id: "a", status: "succeeded" } },
  claimActions: { ...row("agent", 404, 404), body: { node_id: "x" } },
  createToken: { ...worked("read", 201, 404), body: { execution_id: "{id}" } },
  // Each caller's schedule is its own; whose are whose is in schedules.test.ts. There is no schedule "x".
  createSchedule: {
    ...row("execute", 201, 201),
    body: { target: "approvals.demo", ...input, every: "1h", paused: true },
  },
  listSchedules: row("read", 200, 200),
  getSchedule: row("read", 404, 404),
  changeSchedule: { ...row("execute", 404, 404), body: {} },
  deleteSchedule: row("execute", 404, 404),
  pauseSchedule: { ...row("execute", 404, 404), body: {} },
  resumeSchedule: { ...row("execute", 404, 404), body: {} },
  triggerSchedule: row("execute", 404, 404),
  listFirings: row("read", 404, 404),
  nextInstants: row("read", 404, 404),
  // Each caller's session of this name is its own; whose memory is whose is in memory.test.ts.
  setMemory: { ...row("execute", 200, 200), or: "agent", body: { key: "k", data: 1, ...SESSION } },
  getMemory: { ...row("read", 404, 404), or: "agent", body: { key: "none", ...SESSION } },
  deleteMemory: { ...row("execute", 204, 204), or: "agent", body: { key: "k", ...SESSION } },
  listMemory: { ...row("read", 400, 400), or: "agent" },
  setVector: { ...row("execute", 200, 200), or: "agent", body: { key: "k", embedding: [1], ...SESSION } },
  putVector: { ...row("execute", 200, 200), or: "agent", body: { key: "k", embedding: [1], ...SESSION } },
  searchVectors: { ...row("read", 200, 200), or: "agent", body: { query_embedding: [1], ...SESSION } },
  deleteVector: { ...row("execute", 204, 204), or: "agent", body: { key: "k", ...SESSION } },
  deleteVectorNamespace: { ...row("execute", 204, 204), or: "agent" },
  getVector: { ...row("read", 404, 404), or: "agent" },
  deleteVectorByPath: { ...row("execute", 204, 204), or: "agent" },
  memorySocket: { ...row("read", 101, 101), or: "agent", headers: socket },
  memoryEvents: { ...row("read", 200, 200), or: "agent" },
  /** Each makes one more; who may change which is in polling-agents.test.ts. There is no agent "approvals". */
  registerAgent: { ...row("execute", 201, 201), or: "agent", node: 403, body: { name: "Larry" } },
  listPollingAgents: { ...row("read", 200, 200), or: "agent" },
  getPollingAgent: { ...row("read", 404, 404), or: "agent" },
  changePollingAgent: { ...row("execute", 404, 404), or: "agent", body: { is_active: false } },
  removePollingAgent: { ...row("execute", 404, 404), or: "agent" },
  rotateAgentKey: { ...row("execute", 404, 404), or: "agent", body: {} },
  decomposeTask: { ...row("execute", 404, 404), or: "agent", body: { task: { task_id: "t", title: "T" } } },
  createPlan: { ...row("execute", 201, 201), body: PLAN },
  validatePlan: { ...row("execute", 200, 200), body: PLAN },
  listSkills: row("read", 200, 200),
  validateManifest: { ...row("execute", 200, 200), body: { manifest: MANIFEST } },
  // No manifest is sent: runs of one are in manifests.test.ts.
  runAgent: { ...row("execute", 404, 404), body: {} },
  runAgentAsync: { ...row("execute", 404, 404), body: {} },
  /** It is no run of a manifest: those are in stored-manifests.test.ts. */
  getLatestRun: row("read", 404, 404),
  getAgentRun: row("read", 404, 404),
  /** An agent of the code has the name. */
  putAgent: { ...row("execute", 409, 409), body: { ...MANIFEST, name: "approvals" } },
  putExperiment: {
    ...{ ...row("execute", 200, 404), stored: true, body: { versions: [{ version: "1.0.0", weight: 1 }] } },
  },
  /** There is none. */
  getExperiment: { ...row("read", 404, 404), stored: true },
  deleteExperiment: { ...row("execute", 204, 404), stored: true },
  listAgentVersions: { ...row("read", 200, 404), stored: true },
  deleteAgent: { ...row("execute", 204, 404), stored: true },
  listPlans: row("read", 200, 200),
  getPlan: row("read", 200, 404),
  listPlanVersions: row("read", 200, 404),
  deletePlan: row("execute", 204, 404),
  // What "{id}" names runs a function: who sees executions of plans is in plan-executions.test.ts.
  startPlan: { ...row("execute", 201, 404), body: { plan_id: "{plan_id}" } },
  listPlanExecutions: row("read", 200, 200),
  getPlanExecution: worked("read", 404, 404),
  changePlanExecution: { ...row("execute", 404, 404), body: { status: "PAUSED" } },
  resolveTask: { ...row("execute", 404, 404), or: "approve", body: { option: "skip_task" } },
  listReports: worked("read", 404, 404),
  /** No key but that of the agent, and those of users, speaks for it. */
  reportEvents: { ...worked("execute", 404, 404), node: 403, body: { agent_id: "a", event_type: "heartbeat" } },
  pollWork: worked("execute", 404, 404),
  memoryHistory: { ...row("read", 200, 200), or: "agent" },
};

const ACME = "acme-table";
const RIVAL = "rival-table";
const ROWS = Object.values(ENDPOINTS) as readonly Endpoint[];
const NOT_ADMIN = Scope.options.filter((scope) => scope !== "admin");
const server = new Deployment();
const keys: Record<string, string> = {};

/** A waiting execution of Olga's, and a key of her tenant: what the paths and bodies of a row name. */
type Things = Readonly<Record<"id" | "gate" | "key_id" | "run_id" | "session_id" | "plan_id" | "stored_id", string>>;

beforeAll(async () => {
  await applyD1Migrations(env.REGISTRY, inject("migrations"));
  const make = async (name: string, scopes: readonly Scope[], { subject = "olga", tenant = ACME } = {}) => {
    const { key, id } = await server.newKey({ name, subject, scopes, tenant });
    keys[name] = key;
    return id;
  };
  await make("olga", NOT_ADMIN);
  await make("ivan", NOT_ADMIN, { subject: "ivan" });
  await make("ada", ["admin"], { subject: "ada" });
  await make("zeus", ["admin"], { subject: "zeus", tenant: RIVAL });
  await make("namesake", NOT_ADMIN, { tenant: RIVAL });
  await make("ivan who approves", ["approve"], { subject: "ivan" });
  await make("without read and approve", ["execute", "agent"]);
  await make("without read and approve and agent", ["execute"]);
  await make("without read and agent", ["execute", "approve"]);
  await make("without execute and agent", ["read", "approve"]);
  await make("without execute and approve", ["read", "agent"]);
  const revoked = await make("revoked", Scope.options);
  await server.call("DELETE", `/api/v1/keys/${revoked}`, { key: ROOT_KEY });
  for (const [name, key] of Object.entries(KINDS))
    keys[name] = (await server.newKey({ name, tenant: ACME, ...key })).key;
  for (const scope of Scope.options) {
    await make(`only ${scope}`, [scope]);
    await make(
      `without ${scope}`,
      NOT_ADMIN.filter((held) => held !== scope),
    );
  }
});

let made = 0;
/** `names`: whether the call names this beside the execution. */
async function things(names: (what: keyof Things) => boolean = () => false): Promise<Things> {
  made += 1;
  const places = { run_id: `run_table_${made}`, session_id: `session_table_${made}` };
  const headers = { "x-run-id": places.run_id, "x-session-id": places.session_id };
  const started = await server.call("POST", "/api/v1/execute/approvals.demo", { key: keys.olga, body: input, headers });
  if (started.status !== 202) throw new Error(`not started: ${JSON.stringify(started.body)}`);
  const { execution_id: id, approval_request_id: gate } = started.body;
  const beside = { key_id: "key_00", plan_id: `plan_table_${made}`, stored_id: `agent.of-table-${made}` };
  if (names("key_id")) beside.key_id = (await server.newKey({ scopes: ["read"], tenant: ACME })).id;
  if (names("plan_id"))
    await server.call("POST", "/api/plans", { key: keys.olga, body: { ...PLAN, plan_id: beside.plan_id } });
  if (names("stored_id"))
    await server.call("PUT", `/api/v1/agents/${beside.stored_id}`, {
      key: keys.olga,
      body: { ...MANIFEST, name: beside.stored_id },
    });
  return { id: String(id), gate: String(gate), ...beside, ...places };
}

/** Runs and sessions are read from the index, which is fresh within a second. */
async function untilListed({ run_id }: Things): Promise<void> {
  const list = () => server.call("GET", `/api/v1/executions?run_id=${run_id}`, { key: keys.olga });
  await expect.poll(async () => (await list()).body.items, { interval: 25 }).toHaveLength(1);
}

/** What a call names: of its own where it may change it; and listed, where the call reads the index. */
async function thingsFor(endpoint: Endpoint): Promise<Things> {
  const { body, headers, stored } = expectedOf(endpoint);
  const text = `${endpoint.path} ${JSON.stringify([body, headers])}`;
  if (endpoint.method === "GET" || (!stored && !NAMES.test(text))) {
    unchanged ??= listed(things(() => true));
    return unchanged;
  }
  const own = things((what) => text.includes(`{${what}}`) || (what === "stored_id" && stored === true));
  return READS_INDEX.test(endpoint.path) ? listed(own) : own;
}
const NAMES = /\{(?:id|execution_id|gate|gate_id|approval_request_id|key_id|run_id|workflow_id|session_id|plan_id)\}/;
const READS_INDEX = /\{(?:run_id|workflow_id|session_id)\}|batch-status/;
/** For calls that change nothing of it: made once. */
let unchanged: Promise<Things> | undefined;

async function listed(made: Promise<Things>): Promise<Things> {
  await untilListed(await made);
  return made;
}

function ask(endpoint: Endpoint, named: Things, key: string | undefined): Promise<Got> {
  const { body, headers: expected = {}, stored } = expectedOf(endpoint);
  const values: Readonly<Record<string, string>> = {
    ...named,
    target: stored ? `${named.stored_id}.run` : "approvals.demo",
    agent_id: stored ? named.stored_id : "approvals",
    name: "go",
  };
  const filled = (text: string) => text.replaceAll(/\{(\w+)\}/g, (_match, name: string) => values[name] ?? "x");
  const sent = body === undefined ? {} : { body: JSON.parse(filled(JSON.stringify(body))) as unknown };
  const headers = JSON.parse(filled(JSON.stringify(expected))) as Record<string, string>;
  return server.call(endpoint.method, filled(endpoint.path), { key, headers, ...sent });
}

function expectedOf({ id }: Endpoint): Expected {
  const expected = EXPECTED[id];
  if (!expected) throw new Error(`${id} has no row in EXPECTED: say there who may call it and what others hear`);
  return expected;
}

test("the tables of expectations and the table of endpoints name the same calls", () => {
  expect(Object.keys(HEARD).sort()).toEqual(ROWS.map(({ id }) => id).sort());
  expect(Object.keys(EXPECTED).sort()).toEqual(ROWS.map(({ id }) => id).sort());
});

const NONE: Things = {
  id: `exec_${"A".repeat(43)}`,
  gate: `gate_${"A".repeat(43)}.abc`,
  key_id: "key_00",
  run_id: "run_none",
  session_id: "session_none",
  plan_id: "plan_none",
  stored_id: "agent.none",
};

/** What was answered, but for the names that the question itself brought along. */
function withoutNames({ status, body }: Got, named: Things): unknown {
  let text = JSON.stringify({ status, ...body, request_id: "" });
  for (const name of Object.values(named)) text = text.replaceAll(name, "NAME");
  return JSON.parse(text);
}

describe.each(ROWS.map((endpoint) => [endpoint.id, endpoint] as const))("%s", (_id, endpoint) => {
  test("knows its callers", async () => {
    const { needs, owner, others, colleague, or = [], node } = expectedOf(endpoint);
    const also = typeof or === "string" ? [or] : or;
    const open = needs === "open" || needs === "signature";
    const shared = await thingsFor(endpoint);
    const strangers: Record<string, string | undefined> = {
      "no key": undefined,
      "a malformed key": "Tr0ub4dor&3",
      "an unknown key": `errand_${"A".repeat(43)}`,
      "a revoked key": keys.revoked,
    };
    for (const [who, key] of Object.entries(strangers)) {
      const { status, body } = await ask(endpoint, shared, key);
      expect([who, status]).toEqual([who, open ? owner : 401]);
      if (!open) expect(body.code).toBe("unauthorized");
    }
    for (const name of open ? [] : [`without ${[needs, ...also].join(" and ")}`]) {
      const { status, body } = await ask(endpoint, shared, keys[name]);
      expect([name, status, body.code]).toEqual([name, 403, "forbidden_scope"]);
      expect(body.detail).toContain(`"${needs}"`);
    }
    const strangersWithKeys = colleague === undefined ? ["ivan", "namesake", "zeus"] : ["namesake", "zeus"];
    const asking = (needs === "admin" ? ["zeus"] : strangersWithKeys).map(
      async (name) => [name, await ask(endpoint, shared, keys[name])] as const,
    );
    for (const [name, { status, body }] of await Promise.all(asking)) {
      expect([name, status]).toEqual([name, others]);
      if (others === 404) expect(JSON.stringify(body)).not.toMatch(/forbidden|acme|olga|waiting/i);
      // A list names what it shows by run.
      if (others === 200) expect(JSON.stringify(body)).not.toContain(shared.run_id);
    }
    for (const name of colleague === undefined ? [] : ["ivan", "ivan who approves"]) {
      const theirs = await things();
      await untilListed(theirs);
      const heard = async () => {
        const { status, body } = await ask(endpoint, theirs, keys[name]);
        return [name, status, JSON.stringify(body).includes(theirs.gate)];
      };
      // Its row comes when it comes; a decision is made once.
      if (endpoint.method === "GET") await expect.poll(heard).toEqual([name, colleague, true]);
      else expect(await heard()).toEqual([name, colleague, true]);
      // Of the execution itself nothing.
      const { status: seen } = await server.call("GET", `/api/v1/executions/${theirs.id}`, { key: keys.ivan });
      expect(seen).toBe(404);
    }
    const alone = [needs, ...also].map((scope) => `only ${scope}`);
    for (const name of needs === "admin" ? ["ada"] : open ? ["olga"] : ["olga", "ada", ...alone]) {
      const own = await thingsFor(endpoint);
      const { status } = await ask(endpoint, own, keys[name]);
      expect([name, status]).toEqual([name, name === "only agent" ? (node ?? owner) : owner]);
    }
    // Whatever the others tried, it is as it was.
    const { body } = await server.call("GET", `/api/v1/executions/${shared.id}`, { key: keys.olga });
    expect(body.status).toBe("waiting");
    const events = await server.call("GET", `/api/v1/executions/${shared.id}/events`, { key: keys.olga });
    expect(JSON.stringify(events.body)).not.toMatch(/ivan|zeus|note\.added|log\.reported|signal\.received/);
  });

  test.each(Object.keys(KINDS) as Kind[])("knows its callers by the kind of their key: %s", async (kind) => {
    const expected = HEARD[endpoint.id]?.[Object.keys(KINDS).indexOf(kind)];
    const own = await thingsFor(endpoint);
    const answer = async () => (await ask(endpoint, own, keys[kind])).status;
    // The inbox and what is only read come when they come; whatever changes something is asked once.
    if (endpoint.method === "GET") await expect.poll(answer).toBe(expected);
    else expect(await answer()).toBe(expected);
    if (expected !== 403) return;
    const { body } = await ask(endpoint, own, keys[kind]);
    expect(body.code).toBe("forbidden_scope");
    expect(JSON.stringify(body)).not.toContain(own.id);
  });

  test("answers somebody else as if there were nothing", async () => {
    const { needs, others, colleague } = expectedOf(endpoint);
    if (others !== 404) return;
    const real = await thingsFor(endpoint);
    const key = keys[needs === "admin" || colleague !== undefined ? "zeus" : "ivan"];
    const [foreign, missing] = await Promise.all([ask(endpoint, real, key), ask(endpoint, NONE, key)]);
    expect(withoutNames(foreign, real)).toEqual(withoutNames(missing, NONE));
  });
});

test("lists show nobody what is not theirs, and an administrator all of one tenant", async () => {
  const { id } = await things();
  const listed = async (name: string) =>
    JSON.stringify((await server.call("GET", "/api/v1/executions?limit=200", { key: keys[name] })).body);
  await expect.poll(() => listed("olga")).toContain(id);
  expect(await listed("ada")).toContain(id);
  for (const name of ["ivan", "namesake", "zeus"]) expect(await listed(name)).not.toContain(id);
});

test("nobody hangs a child under somebody else's execution", async () => {
  const { id } = await things();
  const adopt = (name: string) =>
    server.call("POST", "/api/v1/execute/async/approvals.demo", {
      key: keys[name],
      body: input,
      headers: { "x-parent-execution-id": id },
    });
  for (const name of ["ivan", "namesake", "zeus"]) expect((await adopt(name)).status).toBe(404);
  const { body } = await server.call("GET", `/api/v1/executions/${id}/events`, { key: keys.olga });
  expect(JSON.stringify(body)).not.toContain("child");
});

test("one idempotency key in two tenants is two executions", async () => {
  const start = (name: string) =>
    server.call("POST", "/api/v1/execute/async/approvals.demo", {
      key: keys[name],
      body: input,
      headers: { "idempotency-key": "the-same-one" },
    });
  const [mine, again, theirs] = [await start("olga"), await start("olga"), await start("namesake")];
  expect(again.body.execution_id).toBe(mine.body.execution_id);
  expect(theirs.status).toBe(202);
  expect(theirs.body.execution_id).not.toBe(mine.body.execution_id);
});
