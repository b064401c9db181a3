/** Agents that are declared by a manifest, and the skills that they may use. */
import * as z from "zod";
import { ENDPOINTS } from "../contract/endpoints.ts";
import { ManifestVersionList } from "../contract/manifests/agent-body.ts";
import { SkillList, ValidManifestBody } from "../contract/manifests/bodies.ts";
import type { RunManifestRequest, ValidateManifestRequest } from "../contract/manifests/requests.ts";
import { RunResultBody, StartedRunBody } from "../contract/manifests/run-body.ts";
import { AgentBody } from "../contract/replies.ts";
import type { Manifest } from "../domain/manifest/manifest.ts";
import type { AgentSummary } from "./directory.ts";
import { Experiments } from "./experiments.ts";
import type { Exchange } from "./transport/exchange.ts";
import type { Abortable } from "./transport/options.ts";

/** A manifest as it is sent: an object, or its text as YAML or JSON. */
export type ManifestDocument = ValidateManifestRequest["manifest"];
export type SkillRecord = z.infer<typeof SkillList>["items"][number];

interface Asked extends Abortable {
  readonly task?: string;
  readonly context?: Exclude<ValidateManifestRequest["context"], null>;
}

/** A run of an agent, as it is sent: its manifest, the task, the context. */
export type RunAgentRequest = z.input<typeof RunManifestRequest>;

const RunAnswer = z.union([RunResultBody, StartedRunBody]);
/** A run that has ended (`status` is success or failed), or one that goes on. */
export type RunOfAgent = z.infer<typeof RunAnswer>;

export interface RunAgentOptions extends Abortable {
  /** Default 90 s. */
  readonly waitMs?: number;
  readonly idempotencyKey?: string;
  readonly sessionId?: string;
}

const YAML = { "content-type": "application/yaml" };
const StoredAgent = AgentBody.extend({ warnings: z.array(z.string()) });
export type AgentVersion = z.infer<typeof ManifestVersionList>["items"][number];

const DEFAULT_WAIT_MS = 90_000;

export class Agents {
  readonly experiments: Experiments;
  readonly #exchange: Exchange;

  constructor(exchange: Exchange) {
    this.#exchange = exchange;
    this.experiments = new Experiments(exchange);
  }

  /** By name; pages are fetched as they are needed. */
  async *skills({ signal }: Abortable = {}): AsyncGenerator<SkillRecord> {
    let cursor: string | null = null;
    do {
      const query = { cursor: cursor ?? undefined };
      const call = { endpoint: ENDPOINTS.listSkills, query, signal };
      const page: z.infer<typeof SkillList> = await this.#exchange.call(call, SkillList);
      yield* page.items;
      cursor = page.next_cursor;
    } while (cursor !== null);
  }

  /**
   * Runs an agent, by its stored manifest or by the one in the request, and waits for at most `waitMs`: what is still going then is answered with the id
   * of its execution. With an idempotency key it may be sent again.
   */
  async run(agentId: string, request: RunAgentRequest, options: RunAgentOptions = {}): Promise<RunOfAgent> {
    const { waitMs = DEFAULT_WAIT_MS, idempotencyKey, sessionId, signal } = options;
    const headers = {
      ...(idempotencyKey === undefined ? {} : { "idempotency-key": idempotencyKey }),
      ...(sessionId === undefined ? {} : { "x-session-id": sessionId }),
    };
    const call = { endpoint: ENDPOINTS.runAgent, params: { agent_id: agentId }, body: request, headers, signal };
    return this.#exchange.call({ ...call, query: { wait: waitMs / 1_000 }, holdMs: waitMs }, RunAnswer);
  }

  /**
   * Stores a manifest as a version of its agent. A version that is there already is not changed, but for its status; under its
   * number another content is refused with a `ProblemError` (`version_taken`).
   */
  put(agentId: string, manifest: ManifestDocument, { signal }: Abortable = {}): Promise<z.infer<typeof StoredAgent>> {
    const call = { endpoint: ENDPOINTS.putAgent, params: { agent_id: agentId }, signal, repeatable: true };
    const sent = typeof manifest === "string" ? { text: manifest, headers: YAML } : { body: manifest };
    return this.#exchange.call({ ...call, ...sent }, StoredAgent);
  }

  /** One agent: of the code, of a node, or with a manifest; then its current version, or the named one. */
  get(agentId: string, { version, signal }: Abortable & { readonly version?: string } = {}): Promise<AgentSummary> {
    const call = { endpoint: ENDPOINTS.getAgent, params: { agent_id: agentId }, query: { version }, signal };
    return this.#exchange.call(call, AgentBody);
  }

  /** The manifest of an agent. Throws a `ProblemError` (`not_found`) where there is none. */
  async loadManifest(agentId: string, options: Abortable & { readonly version?: string } = {}) {
    const { manifest } = await this.get(agentId, options);
    if (manifest) return manifest as unknown as Manifest;
    throw new TypeError(`"${agentId}" is an agent without a manifest`);
  }

  /** The versions of an agent with a manifest, newest first; pages are fetched as they are needed. */
  async *versions(agentId: string, { signal }: Abortable = {}): AsyncGenerator<AgentVersion> {
    let cursor: string | null = null;
    do {
      const query = { cursor: cursor ?? undefined };
      const call = { endpoint: ENDPOINTS.listAgentVersions, params: { agent_id: agentId }, query, signal };
      const page: z.infer<typeof ManifestVersionList> = await this.#exchange.call(call, ManifestVersionList);
      yield* page.items;
      cursor = page.next_cursor;
    } while (cursor !== null);
  }

  /** With all its versions; runs go on. */
  async delete(agentId: string, { signal }: Abortable = {}): Promise<void> {
    await this.#exchange.call({ endpoint: ENDPOINTS.deleteAgent, params: { agent_id: agentId }, signal }, z.null());
  }

  /** A run as it was answered; `"latest"`: the newest that has ended and keeps a log. `details` is its log. */
  getRun(agentId: string, id: string, { waitMs = 0, signal }: Abortable & { readonly waitMs?: number } = {}) {
    if (id === "latest") {
      const call = { endpoint: ENDPOINTS.getLatestRun, params: { agent_id: agentId }, signal };
      return this.#exchange.call(call, RunAnswer);
    }
    const call = { endpoint: ENDPOINTS.getAgentRun, params: { agent_id: agentId, id }, signal };
    return this.#exchange.call({ ...call, query: { wait: waitMs / 1_000 }, holdMs: waitMs }, RunAnswer);
  }

  /** Stores and runs nothing. Throws a `ProblemError` that names everything that is wrong. */
  validate(
    manifest: ManifestDocument,
    { task, context, signal }: Asked = {},
  ): Promise<z.infer<typeof ValidManifestBody>> {
    const body = { manifest, task_context: task, context };
    const call = { endpoint: ENDPOINTS.validateManifest, body, signal, repeatable: true };
    return this.#exchange.call(call, ValidManifestBody);
  }
}
