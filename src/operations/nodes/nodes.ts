/** Agents that run elsewhere: registering them, hearing of them, reading and steering them. Knows no HTTP. */
import type { z } from "zod";
import type { NodesQuery } from "../../contract/nodes/requests.ts";
import { RegisterRequest, registrationOf } from "../../contract/nodes/requests.ts";
import type { Principal } from "../../domain/execution/principal.ts";
import type { NodeView, Registration } from "../../domain/node/node.ts";
import { Health, NODE_ID } from "../../domain/node/node.ts";
import type { NodeChange } from "../../domain/node/node-command.ts";
import type { Beat } from "../../domain/node/presence.ts";
import type { Refusal, Result } from "../../domain/values/fault.ts";
import { accept, refuse } from "../../domain/values/fault.ts";
import { inOneLine, issueWords } from "../../domain/values/field-errors.ts";
import type { OutboundFetch } from "../../domain/values/outbound.ts";
import { parseStrictJson } from "../../domain/values/strict-json.ts";
import type { Catalog } from "../ports.ts";
import { inputSchemaOf } from "./node-inputs.ts";
import type { NodeRestarts } from "./node-restarts.ts";
import type { NodeListing, NodeRegistry } from "./ports.ts";

/** A serverless node may have to start before it answers. */
const DISCOVER_MS = 10_000;
const DISCOVER_BYTES = 2_097_152;

export interface NodesParts {
  readonly registry: NodeRegistry;
  readonly catalog: Catalog;
  readonly restarts: Pick<NodeRestarts, "tell">;
  readonly outbound: OutboundFetch;
  /** Why an address is none that this deployment reaches. */
  readonly judge: (url: string) => Result<unknown>;
}

export class Nodes {
  readonly #parts: NodesParts;

  constructor(parts: NodesParts) {
    this.#parts = parts;
  }

  /** The address is that of the body, unchanged: SDKs take over what the answer says. */
  async register(caller: Principal, request: z.infer<typeof RegisterRequest>): Promise<Result<Registration>> {
    const address = this.#address(request);
    if (!address.ok) return address;
    const registration = registrationOf(request, address.value);
    const unfit = request.validate_input ? unfitSchema(request) : undefined;
    if (unfit) return unfit;
    if (this.#parts.catalog.agents.has(request.id))
      return refuse("node_taken", `"${request.id}" is an agent of this deployment's own code`);
    const registered = await this.#parts.registry.register(caller, registration);
    if (!registered.ok) return registered;
    const { instanceId: instance } = registration;
    const { instances = [], lately = [] } = registered.value ?? {};
    const news = { agent: request.id, beside: instances.filter((other) => other !== instance), lately };
    if (instance) await this.#parts.restarts.tell(caller.tenant, { ...news, instance }).catch(() => {});
    return accept(registration);
  }

  #address(request: z.infer<typeof RegisterRequest>): Result<string> {
    const { base_url, invocation_url, deployment_type, callback_discovery } = request;
    const preferred = (callback_discovery as { readonly preferred?: unknown } | null | undefined)?.preferred;
    const others = deployment_type === "serverless" ? [invocation_url, preferred] : [preferred, invocation_url];
    const url = [base_url, ...others].find((one) => typeof one === "string" && one !== "");
    if (typeof url !== "string") return wrong("base_url", "must be the http or https address of the node");
    for (const [field, value] of [
      ["base_url", url],
      ["invocation_url", invocation_url],
    ] as const) {
      const judged = value ? this.#parts.judge(value) : accept(null);
      if (!judged.ok) return refused(field, judged.detail);
    }
    return accept(url);
  }

  /** Reads what a serverless node offers from the node itself, and registers that. */
  async registerServerless(caller: Principal, invocationUrl: string): Promise<Result<Registration>> {
    const judged = this.#parts.judge(invocationUrl);
    if (!judged.ok) return refused("invocation_url", judged.detail);
    const base = invocationUrl.replace(/\/+$/, "");
    const found = await this.#discover(`${base}/discover`);
    if (!found.ok) return found;
    const { node_id, ...rest } = Object(found.value) as { readonly node_id?: unknown };
    const sent = { ...rest, id: node_id, base_url: invocationUrl, invocation_url: `${base}/execute` };
    const parsed = RegisterRequest.safeParse({ ...sent, deployment_type: "serverless" }, { error: issueWords });
    if (parsed.success) return this.register(caller, { ...parsed.data, lifecycle_status: "ready" });
    const errors = parsed.error.issues.map(({ path, message }) => ({ path: path.join("."), message }));
    return refuse("node_unreachable", `${base}/discover answered what is no node: ${inOneLine(errors)}`);
  }

  async #discover(url: string): Promise<Result<unknown>> {
    const answer = await this.#parts.outbound({ method: "GET", url, timeoutMs: DISCOVER_MS, maxBytes: DISCOVER_BYTES });
    if (!answer.ok) return refuse("node_unreachable", `${url}: ${answer.detail}`);
    if (answer.status !== 200)
      return refuse("node_unreachable", `${url} answered ${answer.status}, and 200 is expected`);
    if (answer.cut !== undefined) return refuse("node_unreachable", `${url} did not answer whole within the bounds`);
    const json = parseStrictJson(answer.body);
    return json.ok ? json : refuse("node_unreachable", `${url} did not answer JSON`);
  }

  heard(caller: Principal, id: string, said: { readonly version: string | undefined; readonly beat: Beat }) {
    return this.#known(id, () => this.#parts.registry.hear(caller, id, said));
  }

  change(caller: Principal, id: string, change: NodeChange): Promise<Result<null>> {
    return this.#known(id, () => this.#parts.registry.change(caller, id, change));
  }

  remove(caller: Principal, id: string): Promise<Result<null>> {
    return this.#known(id, () => this.#parts.registry.remove(caller, id));
  }

  one(caller: Principal, id: string): Promise<Result<[NodeView, ...NodeView[]]>> {
    return this.#known(id, () => this.#parts.registry.one(caller, id));
  }

  async states(caller: Principal, ids: readonly string[]) {
    const unique = [...new Set(ids)];
    const states = await this.#parts.registry.states(caller, unique);
    return unique.map((id, at) => ({ id, known: states[at] }));
  }

  list(caller: Principal, query: z.infer<typeof NodesQuery>): Promise<Result<NodeListing>> {
    const { health_status: only, show_all, team_id: teamId, group_id: groupId, limit, cursor } = query;
    const after = cursor === undefined ? undefined : afterOf(cursor);
    if (after === null) return Promise.resolve(refuse("invalid_cursor", "cursor: is no cursor of ours"));
    const there = Health.options.filter((health) => health !== "inactive");
    const health = show_all === "true" ? Health.options : only === undefined ? there : [only];
    return this.#parts.registry.list(caller, { health, teamId, groupId, newestOnly: false }, { after, limit });
  }

  /** No object is asked for what can be no id. */
  async #known<T>(id: string, ask: () => Promise<Result<T>>): Promise<Result<T>> {
    return NODE_ID.test(id) ? ask() : refuse("not_found", "there is no such node");
  }
}

/** A cursor is the id and the version of the last node, as base64url of JSON. */
export function nodeCursorOf(next: NodeListing["next"]): string | null {
  return next === undefined ? null : encodeURIComponent(JSON.stringify(next));
}

function afterOf(cursor: string): [string, string] | null {
  try {
    const after: unknown = JSON.parse(decodeURIComponent(cursor));
    return Array.isArray(after) && typeof after[0] === "string" && typeof after[1] === "string"
      ? [after[0], after[1]]
      : null;
  } catch {
    return null;
  }
}

/** A schema that is to be checked and cannot be. */
function unfitSchema(request: z.infer<typeof RegisterRequest>): Refusal | undefined {
  for (const list of ["reasoners", "skills"] as const) {
    for (const [at, { input_schema: schema }] of request[list].entries()) {
      const known = schema === undefined || schema === null ? accept(null) : inputSchemaOf(schema);
      if (!known.ok) return wrong(`${list}.${at}.input_schema`, known.detail);
    }
  }
  return undefined;
}

function wrong(path: string, message: string) {
  return refuse("invalid_input", `${path}: ${message}`, [{ path, message }]);
}

function refused(path: string, message: string) {
  return refuse("address_refused", `${path}: ${message}`, [{ path, message }]);
}
