/** Agents that poll for their work, for those who run them: registered, listed, changed, removed, given keys. */
import { z } from "zod";
import { ENDPOINTS } from "../contract/endpoints.ts";
import { AgentBody, AgentKeyBody, AgentPage, RegisteredAgentBody } from "../contract/polling-agents/bodies.ts";
import type { AgentChangeRequest, AgentRequest, RotateKeyRequest } from "../contract/polling-agents/requests.ts";
import type { Exchange } from "./exchange.ts";
import type { Abortable } from "./options.ts";

export type NewPollingAgent = z.input<typeof AgentRequest>;
export type PollingAgentChange = z.input<typeof AgentChangeRequest>;
export type PollingAgent = z.infer<typeof AgentBody>;

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
}
