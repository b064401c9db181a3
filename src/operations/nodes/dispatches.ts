/**
 * Calls of nodes on the wire: where a function's call goes, what is sent, and what an answer means. Only a call whose address
 * could not be reached at all is proven not to have arrived.
 */
import { entryError } from "../../domain/execution/entry.ts";
import type { Origin } from "../../domain/execution/origin.ts";
import { systemPrincipal } from "../../domain/execution/principal.ts";
import { agentAnswerError } from "../../domain/node/agent-answer.ts";
import type { Handover, Sent } from "../../domain/node/handover.ts";
import type { RoutedNode } from "../../domain/node/node.ts";
import type { Result } from "../../domain/values/fault.ts";
import { accept, refuse } from "../../domain/values/fault.ts";
import { inOneLine } from "../../domain/values/field-errors.ts";
import type { Json } from "../../domain/values/json.ts";
import type { OutboundAnswer, OutboundFailure, OutboundFetch } from "../../domain/values/outbound.ts";
import { parseStrictJson } from "../../domain/values/strict-json.ts";
import { inputErrors } from "./node-inputs.ts";
import { REPORT_BYTES, reportedValue } from "./node-reports.ts";
import type { NodeDirectory } from "./ports.ts";

/** A node that accepts says so within this time; skills and serverless nodes answer with the result itself. */
const ACCEPT_MS = 10_000;
const CANCEL_MS = 5_000;
const LOOK_MS = 5_000;
/** What proxies answer in the place of a server that they cannot reach. */
const NO_ORIGIN: ReadonlySet<number> = new Set([502, 503, 504, 521, 522, 523, 530]);
/** Of these, those that say that no connection was opened: only the platform's edge answers so, and its server got nothing. */
const NEVER_OPENED: ReadonlySet<number> = new Set([521, 523, 530]);
/** What one answer may hold: as much as a report. */
const ANSWER_BYTES = REPORT_BYTES;

/** A call as a node gets it: it reports by its key, and shows no token. */
type NodeCall = Omit<Handover, "token">;

export interface DispatchParts {
  readonly directory: NodeDirectory;
  readonly outbound: OutboundFetch;
  /** Whether anything listens there: nothing was sent when it rejects. `unclear`: only a request can tell. */
  readonly connect: (url: string) => Promise<"yes" | "unclear">;
  readonly now: () => number;
  /** What is sent to a tenant's nodes as `Authorization: Bearer`; `undefined`: nothing is. */
  readonly token: (tenant: string) => string | undefined;
}

export class Dispatches {
  readonly #parts: DispatchParts;

  constructor(parts: DispatchParts) {
    this.#parts = parts;
  }

  /** What a start has to know of the function. */
  async find(tenant: string, { agent, fn, id, sessionId }: Pick<Origin, "agent" | "fn" | "id" | "sessionId">) {
    const asked = { nodeId: agent, fn, key: sessionId ?? id };
    const routed = await this.#parts.directory.route(systemPrincipal(tenant), asked);
    if (routed.ok) return accept(remoteOf(routed.value));
    return routed.code === "not_found" ? refuse("target_not_found", routed.detail) : routed;
  }

  async locate(origin: Origin): Promise<Result<{ readonly instance?: string; send(call: NodeCall): Promise<Sent> }>> {
    const { directory } = this.#parts;
    const { id: executionId, tenant, agent, fn, version } = origin;
    const routed = await directory.route(systemPrincipal(tenant), { nodeId: agent, fn, version, executionId });
    if (!routed.ok) return routed;
    const node = routed.value;
    if (node.presence === "down") return refuse("node_unavailable", `the node '${node.nodeId}' is down`);
    const instance = node.instanceId === null ? {} : { instance: node.instanceId };
    return accept({ ...instance, send: (call) => this.#send(node, call) });
  }

  async #send(node: RoutedNode, call: NodeCall): Promise<Sent> {
    const { outbound, now } = this.#parts;
    const unfit = node.inputSchema === undefined ? [] : await inputErrors(node.inputSchema, call.input);
    if (unfit.length > 0)
      return failed(
        "invalid_input",
        inOneLine(unfit),
        unfit.map(({ path, message }) => ({ path, message })),
      );
    const url = addressOf(node);
    const absent = await this.#absence(node, url);
    if (absent !== undefined) return { how: "unreached", message: `nothing answers at ${url}: ${absent}` };
    const isLong = node.kind === "skill" || node.deployment === "serverless";
    const timeoutMs = isLong ? Math.max(ACCEPT_MS, call.untilMs - now()) : ACCEPT_MS;
    const body = JSON.stringify(node.deployment === "serverless" ? invocation(node, call) : call.input);
    const headers = this.#headers(call.origin);
    return answerOf(await outbound({ method: "POST", url, headers, body, timeoutMs, maxBytes: ANSWER_BYTES }));
  }

  /** Why nothing can be there; found before anything is sent. A question that changes nothing settles what a connection does not. */
  async #absence(node: RoutedNode, url: string): Promise<string | undefined> {
    const { connect, outbound } = this.#parts;
    try {
      if ((await connect(url)) === "yes") return undefined;
    } catch (error) {
      return String(error);
    }
    const looked = await outbound({ method: "GET", url: `${base(node)}/status`, timeoutMs: LOOK_MS, maxBytes: 10_000 });
    if (!looked.ok) return looked.kind === "unreachable" || looked.kind === "timeout" ? looked.detail : undefined;
    return NO_ORIGIN.has(looked.status) ? `it answered ${looked.status}` : undefined;
  }

  #headers(origin: Origin): Record<string, string> {
    const { id, tenant, runId, parentId, sessionId, actorId, traceparent } = origin;
    return {
      "Content-Type": "application/json",
      "X-Run-ID": runId,
      "X-Execution-ID": id,
      "X-Workflow-ID": runId,
      ...(parentId === undefined ? {} : { "X-Parent-Execution-ID": parentId }),
      ...(sessionId === undefined ? {} : { "X-Session-ID": sessionId }),
      ...(actorId === undefined ? {} : { "X-Actor-ID": actorId }),
      ...(traceparent === undefined ? {} : { traceparent }),
      ...replayOf(origin),
      ...this.#authorization(tenant),
    };
  }

  #authorization(tenant: string): Record<string, string> {
    const token = this.#parts.token(tenant);
    return token === undefined ? {} : { Authorization: `Bearer ${token}` };
  }

  /** Asked once; what comes of it changes nothing. */
  async cancel(
    { id, runId, tenant, agent, fn, version }: Origin,
    { reason }: { readonly reason: string },
  ): Promise<void> {
    const { directory, outbound, now } = this.#parts;
    const routed = await directory.route(systemPrincipal(tenant), { nodeId: agent, fn, version });
    if (!routed.ok) return;
    const said = { execution_id: id, workflow_id: runId, reason, emitted_at: new Date(now()).toISOString() };
    await outbound({
      method: "POST",
      url: `${base(routed.value)}/_internal/executions/${encodeURIComponent(id)}/cancel`,
      headers: {
        "Content-Type": "application/json",
        "X-Execution-ID": id,
        "X-Workflow-ID": runId,
        "X-AgentField-Source": "cancel-dispatcher",
        ...this.#authorization(tenant),
      },
      body: JSON.stringify(said),
      timeoutMs: CANCEL_MS,
      maxBytes: 10_000,
    });
  }
}

/** The keys of the subject that registered a node act for what is dispatched to it. */
export function remoteOf({ nodeId, owner, kind, version, tags, dispatchMs, limit: agentLimit }: RoutedNode) {
  const idempotent = tags.includes("idempotent") ? { idempotent: true } : {};
  const node = { id: nodeId, subject: owner };
  return { kind, version, node, remote: { dispatchMs, ...idempotent }, agentLimit };
}

/** The words of AgentField for an execution that follows another one, and for what is called beneath it. */
function replayOf({ replay, restartedFrom }: Origin): Record<string, string> {
  const follows = restartedFrom && { runId: restartedFrom.runId, mode: restartedFrom.reuse, before: restartedFrom.id };
  const { runId, mode, before } = replay ?? follows ?? {};
  if (runId === undefined || mode === undefined) return {};
  return {
    "X-AgentField-Replay-Source-Run-ID": runId,
    ...(before === undefined ? {} : { "X-AgentField-Replay-Before-Execution-ID": before }),
    "X-AgentField-Replay-Mode": mode,
  };
}

const base = ({ baseUrl }: RoutedNode) => baseUrl.replace(/\/+$/, "");

function addressOf(node: RoutedNode): string {
  if (node.deployment === "serverless") return node.invocationUrl ?? `${base(node)}/execute`;
  return `${base(node)}/${node.kind === "skill" ? "skills" : "reasoners"}/${node.fn}`;
}

function invocation({ fn, kind }: RoutedNode, { origin, input }: NodeCall): Json {
  const { id, runId, parentId = null, sessionId = null, actorId = null } = origin;
  const context = { execution_id: id, run_id: runId, workflow_id: runId, parent_execution_id: parentId };
  const execution_context = { ...context, session_id: sessionId, actor_id: actorId };
  return { path: `/execute/${fn}`, target: fn, reasoner: fn, input, execution_context, type: kind };
}

function answerOf(answer: OutboundAnswer | OutboundFailure): Sent {
  if (!answer.ok) {
    // Nothing was sent to an address that is refused, and nothing will be.
    if (answer.kind === "refused" || answer.kind === "redirected") return failed("agent_error", answer.detail);
    return { how: "unknown", message: answer.detail };
  }
  const { status, body, cut } = answer;
  if (status === 202) return { how: "accepted" };
  if (NEVER_OPENED.has(status))
    return { how: "unreached", message: `no connection to the node was opened (${status})` };
  if (status >= 200 && status < 300) {
    if (cut === "bytes") return failed("value_too_large", `the node's answer has more than ${ANSWER_BYTES} bytes`);
    if (cut !== undefined) return { how: "unknown", message: "the answer broke off" };
    const json = body === "" ? accept(null as Json) : parseStrictJson(body);
    if (!json.ok) return failed("agent_error", "the node answered what is no JSON");
    const { value, usage } = reportedValue(json.value as Json);
    return { how: "finished", outcome: { ok: true, value }, ...(usage ? { usage } : {}) };
  }
  return { how: "finished", outcome: { ok: false, error: agentAnswerError(status, body) } };
}

function failed(code: "agent_error" | "value_too_large" | "invalid_input", message: string, details?: Json): Sent {
  return { how: "finished", outcome: { ok: false, error: entryError(code, message, details) } };
}
