/** Agents that are declared by a manifest, and the skills that they may use. */
import { z } from "zod";
import { ENDPOINTS } from "../contract/endpoints.ts";
import { SkillList, ValidManifestBody } from "../contract/manifests/bodies.ts";
import type { RunManifestRequest, ValidateManifestRequest } from "../contract/manifests/requests.ts";
import { RunResultBody, StartedRunBody } from "../contract/manifests/run-body.ts";
import type { Exchange } from "./exchange.ts";
import type { Abortable } from "./options.ts";

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

const DEFAULT_WAIT_MS = 90_000;

export class Agents {
  readonly #exchange: Exchange;

  constructor(exchange: Exchange) {
    this.#exchange = exchange;
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
   * Runs the agent that the manifest declares, and waits for at most `waitMs`: what is still going then is answered with the id
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
