/** Agents that poll for their work, for those who run them: registered, listed, changed, removed, given keys. */
import * as z from "zod";
import { ENDPOINTS } from "../contract/endpoints.ts";
import { AgentBody, AgentKeyBody, AgentPage, RegisteredAgentBody } from "../contract/polling-agents/bodies.ts";
import type { DecomposeRequest } from "../contract/polling-agents/decomposition.ts";
import { DecomposingBody, DecompositionBody } from "../contract/polling-agents/decomposition.ts";
import type { AgentChangeRequest, AgentRequest, RotateKeyRequest } from "../contract/polling-agents/requests.ts";
import type { Exchange } from "./transport/exchange.ts";
import type { Abortable } from "./transport/options.ts";

export type NewPollingAgent = z.input<typeof AgentRequest>;
export type PollingAgentChange = z.input<typeof AgentChangeRequest>;
export type PollingAgent = z.infer<typeof AgentBody>;
/** A task that is to be taken apart. */
export type TaskToDecompose = z.input<typeof DecomposeRequest>;

export interface DecomposeOptions extends Abortable {
  /** Default 90 s. */
  readonly waitMs?: number;
  readonly idempotencyKey?: string;
}

const DEFAULT_WAIT_MS = 90_000;
const DecomposeAnswer = z.union([DecompositionBody, DecomposingBody]);
/** The subtasks, or the execution that still looks for them (`status`). */
export type DecomposedTask = z.infer<typeof DecomposeAnswer>;

const Nothing = z.null();
const Registered = z.union([RegisteredAgentBody, AgentBody]);

export class PollingAgents {
  readonly #exchange: Exchange;

  constructor(exchange: Exchange) {
    this.#exchange = exchange;
  }

  /** Of a new agent the answer has its `key`, once. Of one that is there it is changed, and has none. */
  register(body: NewPollingAgent, { signal }: Abortable = {}): Promise<z.infer<typeof Registered>> {
    return this.#exchange.call({ endpoint: ENDPOINTS.registerAgent, body, signal }, Registered);
  }

  get(agentId: string, { signal }: Abortable = {}): Promise<PollingAgent> {
    const call = { endpoint: ENDPOINTS.getPollingAgent, params: { agent_id: agentId }, signal };
    return this.#exchange.call(call, AgentBody);
  }

  /** By id; pages are fetched as they are needed. */
  async *list({ signal }: Abortable = {}): AsyncGenerator<PollingAgent> {
    let cursor: string | null = null;
    do {
      const query = { cursor: cursor ?? undefined };
      const page: z.infer<typeof AgentPage> = await this.#exchange.call(
        { endpoint: ENDPOINTS.listPollingAgents, query, signal },
        AgentPage,
      );
      yield* page.items;
      cursor = page.next_cursor;
    } while (cursor !== null);
  }

  /** What is absent stays as it is. */
  change(agentId: string, body: PollingAgentChange, { signal }: Abortable = {}): Promise<PollingAgent> {
    const call = { endpoint: ENDPOINTS.changePollingAgent, params: { agent_id: agentId }, body, signal };
    return this.#exchange.call({ ...call, repeatable: true }, AgentBody);
  }

  /** Revokes its key too. */
  async remove(agentId: string, { signal }: Abortable = {}): Promise<void> {
    const call = { endpoint: ENDPOINTS.removePollingAgent, params: { agent_id: agentId }, signal };
    await this.#exchange.call(call, Nothing);
  }

  /** The key before is refused from then on. */
  rotateKey(
    agentId: string,
    body: z.input<typeof RotateKeyRequest> = {},
    { signal }: Abortable = {},
  ): Promise<z.infer<typeof AgentKeyBody>> {
    const call = { endpoint: ENDPOINTS.rotateAgentKey, params: { agent_id: agentId }, body, signal };
    return this.#exchange.call(call, AgentKeyBody);
  }

  /**
   * Takes a task apart into subtasks that the agent can do; with `plan_id` they are stored in the plan. What is still going
   * after `waitMs`, or waits for a person, is answered with the id of its execution. With an idempotency key it may be sent again.
   */
  decompose(
    agentId: string,
    body: TaskToDecompose,
    { waitMs = DEFAULT_WAIT_MS, idempotencyKey, signal }: DecomposeOptions = {},
  ): Promise<DecomposedTask> {
    const headers = idempotencyKey === undefined ? {} : { "idempotency-key": idempotencyKey };
    const call = { endpoint: ENDPOINTS.decomposeTask, params: { agent_id: agentId }, body, headers, signal };
    return this.#exchange.call({ ...call, query: { wait: waitMs / 1_000 }, holdMs: waitMs }, DecomposeAnswer);
  }
}
