/**
 * The worst that a caller can send to each row of the endpoint table, at any size: bodies and forms up to the row's own limit,
 * queries up to what a URL holds. Rows with a body say here where in it a value of the caller's stands.
 */
import * as z from "zod";
import type { Endpoint } from "../../../src/contract/endpoint.ts";
import { MAX_INLINE_BYTES } from "../../../src/contract/inline-json.ts";
import { filledWith, objectOf, WORST_KEYS } from "./worst-texts.ts";

/** A request of about `size` bytes beside its path. */
export interface WorstRequest {
  readonly path: string;
  readonly method: string;
  readonly body?: string;
  readonly type?: string;
}
export interface WorstKind {
  readonly name: string;
  readonly limit: number;
  readonly make: (size: number) => WorstRequest;
}

type JsonOf = (size: number) => string;

const keyed = (name: keyof typeof WORST_KEYS, value?: string): JsonOf => {
  const keyOf = WORST_KEYS[name];
  if (!keyOf) throw new Error(`no keys of the kind ${name}`);
  return (size) => objectOf(keyOf, size, value);
};

/** JSON values: worst to scan and parse, to tell keys apart, to mask, to sort. */
const VALUES: Readonly<Record<string, JsonOf>> = {
  "unique keys": keyed("plain"),
  "keys that look alike once masked": keyed("addresses and what they become", '"+49 30 1234567"'),
  "keys that one table could hold in one place": keyed("integers that differ in their high bits"),
  "keys in the wrong order": keyed("descending", "[]"),
  "many small items": (size) => `[${filledWith("{},")(size)}1]`,
  escapes: (size) => JSON.stringify("x").replace("x", filledWith("\\u0040")(size - (size % 6))),
  brackets: filledWith("["),
};

/** Where a value stands in a body, beside what the row needs to go on to its work. */
type Place = (value: string) => string;
const under = (field: string, rest = ""): Place => {
  return (value) => `{${rest}${JSON.stringify(field)}:${value}}`;
};
const beside = under("unknown");

export interface Things {
  readonly id: string;
  readonly gate: string;
  readonly run_id: string;
  readonly session_id: string;
}

const MANIFEST =
  '{"name":"worst","version":"1.0.0","description":"d","capabilities":["c"],"skills_available":["s"],"reasoning_mode":"oneshot"}';

/** Each row with a body, and only these. A new one is added with the places where a value of the caller's stands. */
export const PLACES: Readonly<Record<string, (things: Things) => readonly Place[]>> = {
  execute: () => [under("input"), under("metadata", '"input":{"claim":"c","amount":1},')],
  callReasoner: () => [under("input"), under("metadata", '"input":{"claim":"c","amount":1},')],
  callSkill: () => [under("input")],
  executeAsync: () => [
    under("context", '"input":{"claim":"c","amount":1},'),
    under("metadata", '"input":{"a":1},'),
    (value) => `{"input":{"claim":"c","amount":1},"webhook":{"url":"https://h.example.com","headers":${value}}}`,
  ],
  restart: () => [under("input"), under("context")],
  signal: () => [under("data")],
  signals: () => [(value) => `{"signals":[{"name":"s","data":${value}}]}`, under("signals")],
  resolve: () => [(value) => `{"option":"retry","params":{"result":${value}}}`],
  approve: ({ gate }) => [under("response", `"decision":"request_changes","approval_request_id":"x${gate}",`)],
  requestApproval: () => [under("payload", '"approval_request_id":"worst",'), under("approvers")],
  approveByWebhook: ({ gate }) => [under("response", `"decision":"rejected","approval_request_id":"x${gate}",`)],
  approvalResponseWebhook: () => [under("response", '"decision":"rejected","requestId":"none",')],
  batchStatus: () => [under("execution_ids")],
  retryWebhook: () => [under("delivery")],
  retryWebhookUi: () => [under("delivery")],
  addNote: () => [under("tags", '"message":"m",'), under("message")],
  requestApprovalOfAgent: () => [under("payload", '"approval_request_id":"worst",'), under("approvers")],
  reportLogs: () => [under("attributes", '"message":"m",'), under("entries"), under("message")],
  awaiterStatus: () => [under("reason", '"status":"running",')],
  workflowEvent: () => [
    under("result", '"execution_id":"e","status":"running",'),
    under("input_data", '"execution_id":"e","status":"running",'),
  ],
  noteByHeader: () => [under("tags", '"message":"m",'), under("message")],
  noteByHeaderUi: () => [under("message")],
  reportStatus: () => [under("result")],
  cancel: () => [under("reason")],
  pause: () => [under("reason")],
  resume: () => [under("reason")],
  createKey: () => [under("name", '"scopes":["read"],'), under("scopes", '"name":"n",')],
  createToken: () => [under("execution_id")],
  moveTenant: () => [beside],
  setNotifications: () => [under("headers", '"url":"https://h.example.com",')],
  setRetention: () => [under("failed")],
  bulk: () => [
    under("filter", '"action":"pause","dry_run":true,'),
    under("reason", '"action":"pause","filter":{"all":true},'),
  ],
  createSchedule: () => [
    under("input", '"target":"approvals.demo","every":"1h","paused":true,'),
    under("metadata", '"target":"approvals.demo","input":{"claim":"c","amount":1},"every":"1h","paused":true,'),
  ],
  changeSchedule: () => [under("input"), under("cron")],
  pauseSchedule: () => [under("reason")],
  resumeSchedule: () => [under("reason")],
  registerNode: () => [
    under("metadata", '"id":"worst","base_url":"https://a.example.com",'),
    under("reasoners", '"id":"w",'),
  ],
  registerNodeShort: () => [under("skills", '"id":"worst",'), under("tags", '"id":"worst",')],
  registerServerless: () => [under("invocation_url")],
  heartbeat: () => [under("status"), under("timestamp")],
  renewLease: () => [under("conditions")],
  bulkNodeStatus: () => [under("node_ids")],
  shutdownNode: () => [under("reason")],
  moveNode: () => [under("lifecycle_status")],
  moveNodeByPost: () => [under("lifecycle_status")],
  weighNode: () => [under("traffic_weight")],
  acknowledgeAction: () => [under("result", '"action_id":"a","status":"b",')],
  claimActions: () => [under("node_id")],
  validateManifest: () => [under("manifest"), under("context", `"manifest":${MANIFEST},`)],
  registerAgent: () => [
    under("capabilities"),
    under("name"),
    (value) => `{"capabilities":[{"action":"a","params":${value}}]}`,
  ],
  changePollingAgent: () => [under("capabilities"), under("webhook_url")],
  rotateAgentKey: () => [under("rate_limit_per_min")],
  decomposeTask: () => [
    under("agent_capabilities", '"task":{"task_id":"t","title":"T"},'),
    under("plan_context", '"task":{"task_id":"t","title":"T"},'),
    under("task"),
  ],
  runAgent: () => [under("manifest"), under("context", `"manifest":${MANIFEST},`)],
  runAgentAsync: () => [under("manifest"), under("context", `"manifest":${MANIFEST},`)],
  putExperiment: () => [under("versions")],
  putAgent: () => [under("context_requirements", MANIFEST.slice(1, -1).concat(",")), beside],
  createPlan: () => [
    (value) => `{"goal":"g","tasks":[{"id":"t","title":"T","subtasks":[{"id":"s","title":"S","params":${value}}]}]}`,
    under("tasks", '"goal":"g",'),
  ],
  validatePlan: () => [under("tasks", '"goal":"g",'), under("phases", '"goal":"g","tasks":[{"id":"t","title":"T"}],')],
  startPlan: () => [under("version", '"plan_id":"p",'), under("id", '"plan_id":"p",')],
  changePlanExecution: () => [under("reason", '"status":"PAUSED",')],
  resolveTask: () => [under("params", '"option":"skip_task",'), under("output_data", '"option":"complete_by_hand",')],
  reportEvents: () => [
    under("output_data", '"agent_id":"a","event_type":"task_complete",'),
    under("suggestions", '"agent_id":"a","event_type":"task_error",'),
    (value) => `{"events":[{"agent_id":"a","event_type":"task_progress","output_data":${value}}]}`,
  ],
  setQueue: () => [beside],
  cancelRun: () => [under("reason")],
  cancelWorkflow: () => [under("reason")],
  setMemory: () => [under("data", '"key":"k","scope":"global",'), under("key", '"data":1,"scope":"global",')],
  getMemory: () => [under("key", '"scope":"global",')],
  deleteMemory: () => [under("key", '"scope":"global",')],
  setVector: () => [under("metadata", '"key":"k","embedding":[1],"scope":"global",'), under("embedding", '"key":"k",')],
  putVector: () => [under("embedding", '"key":"k","scope":"global",'), under("key", '"embedding":[1],')],
  searchVectors: () => [under("filters", '"query_embedding":[1],"scope":"global",'), under("query_embedding")],
  deleteVector: () => [under("key", '"scope":"global",')],
  deleteVectorNamespace: () => [under("namespace", '"scope":"global",')],
};

/** Forms: worst to find the parts, to read their headers, to name their files. */
const FORMS: Readonly<Record<string, JsonOf>> = {
  "half boundaries": (size) => part("input", filledWith("\r\n--edg")(size)),
  "many parts": (size) => filledWith(part("x", ""))(size),
  "a file name of dots": (size) => part(`files"; filename="${filledWith(".")(size)}`, ""),
};
const part = (name: string, text: string) =>
  `--edge\r\ncontent-disposition: form-data; name="${name}"\r\n\r\n${text}\r\n`;

const REFUSED_BYTES = 4 * MAX_INLINE_BYTES;

/** What of a URL is taken by each server on the way. */
const URL_BYTES = 12_288;

/** These get every kind of value; the other rows, which go the same way, take turns. */
const ALL_KINDS: ReadonlySet<string> = new Set(["execute", "signals", "batchStatus", "requestApproval"]);
/** Each row gets one of so many kinds. */
const TURNS = 3;

/** Room for what stands around the value. */
const AROUND = 512;

export function worstOf(endpoint: Endpoint, things: Things): readonly WorstKind[] {
  const { method } = endpoint;
  const path = pathOf(endpoint, things);
  const kinds: WorstKind[] = [];
  const { bodyBytes = 0, formBytes = 0 } = endpoint;
  const places = endpoint.body ? placesOf(endpoint, things) : [];
  for (const [at, [name, jsonOf]] of Object.entries(VALUES).entries()) {
    const place = places[at % Math.max(1, places.length)];
    if (!place) break;
    if (!ALL_KINDS.has(endpoint.id) && at % TURNS !== endpoint.id.length % TURNS) continue;
    const make = (size: number) => ({ path, method, body: place(jsonOf(size)), type: "application/json" });
    // Most are kept only where they fit inline; what is larger is read and refused.
    const limit = Math.min(bodyBytes, name === "unique keys" ? bodyBytes : MAX_INLINE_BYTES) - AROUND;
    kinds.push({ name, limit, make });
  }
  for (const [name, formOf] of endpoint.form ? Object.entries(FORMS) : []) {
    const type = "multipart/form-data; boundary=edge";
    // Too many parts, or too long a header, is refused wherever it stands: no more is looked at.
    const limit = (name === "half boundaries" ? formBytes : Math.min(formBytes, REFUSED_BYTES)) - AROUND;
    kinds.push({ name, limit, make: (size) => ({ path, method, body: formOf(size), type }) });
  }
  const asked = endpoint.query instanceof z.ZodObject ? Object.keys(endpoint.query.shape) : [];
  for (const name of asked) {
    const textOf = filledWith(WORST_OF_A_QUERY[name] ?? "a@b.co,");
    const make = (size: number) => ({ path: `${path}?${name}=${encodeURIComponent(textOf(size / 3))}`, method });
    kinds.push({ name: `the query ${name}`, limit: URL_BYTES, make });
  }
  return kinds;
}

const WORST_OF_A_QUERY: Readonly<Record<string, string>> = { status: "running,", cursor: "1~", limit: "1", after: "1" };

function placesOf(endpoint: Endpoint, things: Things): readonly Place[] {
  const places = PLACES[endpoint.id];
  if (places) return places(things);
  throw new Error(`${endpoint.id} takes a body: say in worst-requests.ts where in it a value of the caller's stands`);
}

export function pathOf({ path }: Endpoint, things: Things): string {
  const values: Readonly<Record<string, string>> = {
    ...things,
    ...{
      target: "approvals.demo",
      agent_id: "approvals",
      tenant_id: "rival",
      key_id: "key_00",
      name: "go",
      queue: "approvals",
    },
  };
  return path.replaceAll(/\{(\w+)\}/g, (_match, name: string) => values[name] ?? "x");
}
