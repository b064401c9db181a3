/**
 * Every expected refusal of Errand, once: its HTTP status, whether the same call may succeed later, and what the
 * reader should do next. Refusals are values up to the edge; `throw` is for bugs and transport.
 */
import { MANIFEST_FAULTS } from "../manifest/fault-rows.ts";
import { DECOMPOSITION_FAULTS } from "../plan/fault-rows.ts";
import type { FaultRow } from "./fault-row.ts";
import { again, row } from "./fault-row.ts";

export const FAULTS = {
  invalid_input: row(400, "The input does not fit", "Correct the named fields and send the request again."),
  invalid_value: row(400, "A value does not fit", "Correct the named field and send it again."),
  ...MANIFEST_FAULTS,
  ...DECOMPOSITION_FAULTS,
  value_not_json: row(
    400,
    "A value is no JSON",
    "Send plain JSON: objects, arrays, texts, finite numbers, true, false, null.",
  ),
  invalid_json: row(400, "The body is not JSON", 'Send one JSON object as the body, such as {"input": {}}.'),
  invalid_id: row(400, "The id has no valid form", "Use an id exactly as Errand answered it."),
  invalid_cursor: row(400, "The cursor has no valid form", "Start the list again without a cursor."),
  invalid_target: row(400, "The target has no valid form", "Name a target as agent.function."),
  address_refused: row(
    400,
    "Not an address that this deployment reaches",
    "Send a public http or https address without user name and password; an operator may allow a host in ERRAND_ALLOWED_HOSTS.",
  ),
  invalid_callback_url: row(
    400,
    "Not an address that this deployment calls back",
    "Send a public http or https address without user name and password; an operator may allow a host in ERRAND_ALLOWED_HOSTS.",
  ),
  target_not_found: row(400, "Nothing answers to this target", "List what exists with GET /api/v1/agents."),
  unauthorized: row(401, "A key is needed", "Send Authorization: Bearer KEY or X-API-Key: KEY."),
  invalid_signature: row(
    401,
    "The signature does not fit",
    "Send X-Webhook-Signature: sha256=HEX, the HMAC-SHA256 of the raw body with ERRAND_WEBHOOK_SECRET.",
  ),
  forbidden_scope: row(403, "The key lacks a scope", "Use a key with the named scope; an admin makes keys."),
  forbidden_approver: row(
    403,
    "Others decide this approval",
    "Have it decided with the key of a person whom it admits: see approvers and four_eyes in approval-status.",
  ),
  forbidden_origin: row(
    403,
    "This origin may not call",
    "Call from this machine, or list the page's origin in ERRAND_ALLOWED_ORIGINS.",
  ),
  not_found: row(
    404,
    "Not found",
    "Check the path and the id; GET /docs describes the API (GET /api/v1/openapi.json to programs).",
  ),
  method_not_allowed: row(405, "Method not allowed", "Use one of the methods in the Allow header."),
  invalid_state: row(409, "Not in this state", "Choose one that is possible now: POST /api/v1/executions/{id}/MOVE."),
  approval_id_required: row(
    409,
    "More than one approval was asked for",
    "Name one of those in open_approvals: send its id as approval_request_id (…/resolve: as gate_id).",
  ),
  approval_already_requested: row(409, "An approval is already open", "Decide the open one first."),
  no_open_gate: row(409, "Nothing waits for a decision", "Read the execution: its `why` says what it waits for."),
  decision_too_old: row(
    409,
    "It may be a decision of an earlier approval",
    "Sign it anew as t=SECONDS,v1=HEX with a time after this approval opened, or send its payload_digest.",
  ),
  decision_mismatch: row(
    409,
    "Not the payload that was shown",
    "Read the approval again and decide on what it shows now.",
  ),
  node_taken: row(
    409,
    "The id of the node is taken",
    "Register it under another id, or with a key of the owner that registered it first.",
  ),
  too_many_agents: row(409, "Too many agents", "Remove those that are gone, or ask an operator for a higher limit."),
  too_many_nodes: row(
    409,
    "Too many nodes are registered",
    "Remove what is gone with DELETE /api/v1/nodes/{node_id}; an operator may raise the named setting.",
  ),
  parent_refused: row(409, "The parent takes no more children", "Start it without X-Parent-Execution-ID."),
  stale_activation: again(row(409, "A newer activation is at work", "Nothing to do: the newer one goes on.")),
  duplicate_key: row(409, "Two open calls share one key", "Give parallel calls of one branch different names."),
  payload_too_large: row(413, "Too large", "Send less, or store it elsewhere and send its address."),
  value_too_large: row(413, "A stored value is too large", "Keep values under the named limit; store more elsewhere."),
  upgrade_required: row(426, "A WebSocket is needed", "Send the request with Upgrade: websocket."),
  unsupported_media_type: row(415, "Not this media type", "Send application/json."),
  unsupported_file: row(415, "Not a file this function takes", "Send one of the named types, named by its extension."),
  invalid_form: row(400, "The body is no multipart form", "Send multipart/form-data with the fields input and files."),
  file_expired: row(410, "The file is no longer kept", "Start it again with the file; files are kept for 48 hours."),
  gone: row(410, "No longer kept", "Start it again with a new Idempotency-Key, or without one."),
  encryption_key_missing: again(
    row(
      503,
      "The key to this data is not configured",
      "An operator adds the named key to ERRAND_ENCRYPTION_KEYS, behind the first one; nothing is lost meanwhile.",
    ),
  ),
  encryption_not_ready: again(
    row(
      503,
      "Encryption is not configured",
      "An operator sets the secret (npx wrangler secret put ERRAND_ENCRYPTION_KEYS); docs/encryption.md.",
    ),
  ),
  unreadable: row(
    500,
    "Stored data cannot be opened",
    "An operator restores the key that had this id when it was sealed; nothing was changed.",
  ),
  archive_damaged: row(
    500,
    "An archived log is not the one that was written",
    "An operator restores the named object of the file store from a copy; reading it changed nothing.",
  ),
  idempotency_mismatch: row(
    422,
    "The key was used for another request",
    "Use a new Idempotency-Key or id, or repeat the first request exactly.",
  ),
  id_taken: row(409, "The id is taken", "Choose another id, or leave it to Errand."),
  budget_exceeded: row(409, "The budget is spent", "Start it again with a larger budget."),
  rate_limited: again(row(429, "Too many requests for this key", "Wait as Retry-After says, then send it again.")),
  too_many_open: again(
    row(
      429,
      "Too many executions are open",
      "Wait until some have ended, or cancel some; an operator may raise the named setting.",
    ),
  ),
  too_many_queued: again(
    row(
      429,
      "Too many starts are queued",
      "Send it again when some have begun; an operator may raise the named setting, or ERRAND_INTAKE_SHARDS.",
    ),
  ),
  too_many_waits: again(
    row(
      429,
      "Too many requests wait for an answer",
      "Ask without wait and again later, or start with POST /api/v1/execute/async/{target}; an operator may raise the named setting.",
    ),
  ),
  too_many_readers: again(
    row(
      429,
      "Too many readers",
      "Close a stream, or read GET /api/v1/executions/{id}/events or the list in pages; an operator may raise the named setting.",
    ),
  ),
  too_many_signals: again(
    row(
      429,
      "Too many signals wait",
      "Wait until the execution has taken some, or send less in each; an operator may raise the named setting.",
    ),
  ),
  too_many_schedules: row(
    429,
    "Too many schedules",
    "Delete schedules that are needed no longer (those that have ended count too); an operator may raise the named setting.",
  ),
  schedule_declared: row(
    409,
    "The code declares this schedule",
    "Change it, or remove it, where the code declares it; or pause it: POST /api/v1/schedules/{schedule_id}/pause.",
  ),
  schedule_ended: row(
    409,
    "The schedule has ended",
    "Say with PATCH /api/v1/schedules/{schedule_id} when it fires next, or trigger it.",
  ),
  storage_full: row(
    413,
    "The execution has no room left",
    "Keep large values elsewhere and store their addresses, or start another execution; an operator may raise the named setting.",
  ),
  missing_scope: row(
    400,
    "No scope is named",
    "Name a scope: workflow, session, actor or global, and its id by header (X-Workflow-ID, X-Session-ID, X-Actor-ID) or as scope_id.",
  ),
  memory_full: row(
    413,
    "The memory has no room left",
    "Delete what is needed no longer, or spread it over scopes: each session, actor and workflow has a memory of its own.",
  ),
  version_conflict: row(
    409,
    "Not the newest version",
    "Read the plan again (GET /api/plans/{plan_id}), and send your change with its version as expected_version.",
  ),
  plans_full: row(
    413,
    "The plans have no room left",
    "Delete plans that are needed no longer (DELETE /api/plans/{plan_id}), or store it under another plan_id; an operator may raise the named setting.",
  ),
  changes_gone: row(
    410,
    "The feed no longer has these changes",
    "Read the memory anew (GET /api/v1/memory/list), then follow the feed without since.",
  ),
  storage_unavailable: again(
    row(503, "The storage takes no writes now", "Send the same request again as Retry-After says; reads go on."),
  ),
  overloaded: again(row(503, "Too much at once", "Wait as Retry-After says and send it again.")),
  webhooks_not_configured: row(
    503,
    "No webhook secret is configured",
    "Set the secret ERRAND_WEBHOOK_SECRET (wrangler secret put), or decide with a key that has the scope approve.",
  ),
  node_unreachable: again(
    row(502, "The node did not answer as it should", "See that it runs and serves the named path, and send it again."),
  ),
  node_unavailable: again(
    row(
      503,
      "The node is down",
      "Start it, and send the same request again once GET /api/v1/nodes/{node_id} shows it active.",
    ),
  ),
  unavailable: again(row(503, "Not reachable now", "Send the same request again in a moment.")),
  index_full: row(
    503,
    "No room for another tenant",
    "An operator binds another database as REGISTRY_1 (or the next number) in wrangler.toml and deploys.",
  ),
  misconfigured: row(503, "This deployment cannot serve", "An operator corrects what is named and deploys again."),
  internal_error: again(row(500, "An error of ours", "Report the request id; the details are in the log.")),
} as const satisfies Record<string, FaultRow>;

export type FaultCode = keyof typeof FAULTS;
export const FAULT_CODES = Object.keys(FAULTS) as FaultCode[];

/** What is wrong with one field of the caller's input; `path` is dotted, empty for the whole. */
export interface FieldError {
  readonly path: string;
  readonly message: string;
}

/** An approval that a decision could have meant. */
interface OpenApproval {
  readonly id: string;
  readonly gateId: string;
  /** Of the payload that is shown. */
  readonly digest: string;
}

export interface Refusal {
  readonly ok: false;
  readonly code: FaultCode;
  readonly detail: string;
  readonly errors?: readonly FieldError[];
  readonly open?: readonly OpenApproval[];
  /** The execution that refused, where there is one for this caller. */
  readonly executionId?: string;
  /** The version of a remote node that would have got the call. */
  readonly routedVersion?: string;
  /** Where the execution stands, and what its caller may do with it instead. */
  readonly moves?: { readonly status: string; readonly possible: readonly string[] };
}

export type Result<T> = { readonly ok: true; readonly value: T } | Refusal;

export function refuse(code: FaultCode, detail: string, errors?: readonly FieldError[]): Refusal {
  return errors ? { ok: false, code, detail, errors } : { ok: false, code, detail };
}

/** In the message of every error that callers of an object hear which was given up, because its storage took no writes. */
export const GIVEN_UP = "errand: given up, its storage takes no writes";

/** Whether that is what broke a call. Errors lose their class on the way. */
export function isGivenUp(error: unknown): boolean {
  return error instanceof Error && error.message.includes(GIVEN_UP);
}

/** The same refusal, of an execution that its caller may know of. */
export function refusedBy(executionId: string, refusal: Refusal): Refusal {
  return { ...refusal, executionId };
}

export function accept<T>(value: T): { readonly ok: true; readonly value: T } {
  return { ok: true, value };
}
