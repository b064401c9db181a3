/**
 * Agents that poll for their work: registered, listed, changed, removed, given keys.
 *
 * - An agent's key speaks for that agent and nothing else. An agent that is registered is changed with its own key, or by an
 *   administrator of its tenant; readers of the tenant see it.
 * - A key is answered once, with the registration or the rotation that made it. Making one revokes those before it.
 */
import type { z } from "zod";
import type {
  AgentChangeRequest,
  AgentRequest,
  AgentsQuery,
  RotateKeyRequest,
} from "../../contract/polling-agents/requests.ts";
import { changeOf } from "../../contract/polling-agents/requests.ts";
import type { Principal } from "../../domain/execution/principal.ts";
import { hasScope } from "../../domain/execution/principal.ts";
import type { AgentRecord, PollingAgent } from "../../domain/node/polling-agent.ts";
import { AGENT_ID, agentOf, agentSubject } from "../../domain/node/polling-agent.ts";
import type { Refusal, Result } from "../../domain/values/fault.ts";
import { accept, refuse } from "../../domain/values/fault.ts";
import type { KeyHolder } from "../access/api-key-authenticator.ts";
import type { Keys } from "../access/keys.ts";
import type { PollingAgentPage, PollingAgentRegistry } from "./ports.ts";

export interface PollingAgentsParts {
  readonly registry: PollingAgentRegistry;
  readonly keys: Pick<Keys, "createForAgent" | "revokeOfAgent">;
  /** Why an address is none that this deployment reaches. */
  readonly judge: (url: string) => Result<unknown>;
  readonly newAgentId: () => string;
}

export interface Registered {
  readonly agent: PollingAgent;
  /** Of an agent that is new: its key, with the id by which it is revoked. */
  readonly key: AgentKey | undefined;
}

interface AgentKey {
  readonly id: string;
  readonly secret: string;
  readonly ratePerMin: number | null;
}

export class PollingAgents {
  readonly #parts: PollingAgentsParts;

  constructor(parts: PollingAgentsParts) {
    this.#parts = parts;
  }

  /** Under the id of an agent that is there: changes it, where the caller may. */
  async register(holder: KeyHolder, request: z.infer<typeof AgentRequest>): Promise<Result<Registered>> {
    const { caller } = holder;
    const { registry, newAgentId } = this.#parts;
    const id = request.id ?? request.agent_id ?? newAgentId();
    if (!hasScope(caller, "execute") && !isOwn(caller, id))
      return refuse("forbidden_scope", 'registering an agent needs the scope "execute", or the key of that agent');
    const refused = this.#refusalOfAddress(request);
    if (refused) return refused;
    const known = await registry.agent(caller, id);
    if (!known.ok) return known;
    if (known.value) return this.#again(caller, id, request);
    // The agent was removed, and its key is believed for some seconds more.
    if (!hasScope(caller, "execute")) return unknown(id);
    const { isActive = true, ...said } = changeOf(request);
    const agent = await registry.addAgent(caller, id, { record: { ...blank(id), ...definedIn(said) }, isActive });
    if (!agent.ok) return agent;
    const key = await this.#firstKey(holder, id, request.rate_limit_per_min);
    return key.ok ? accept({ agent: agent.value, key: key.value }) : key;
  }

  async #again(caller: Principal, id: string, request: z.infer<typeof AgentRequest>): Promise<Result<Registered>> {
    if (!mayChange(caller, id))
      return refuse(
        "id_taken",
        `id: the agent "${id}" is registered: change it with its own key, or as an administrator, or choose another id`,
      );
    const agent = await this.#parts.registry.changeAgent(caller, id, changeOf(request));
    return agent.ok ? accept({ agent: agent.value, key: undefined }) : agent;
  }

  /** Without its key an agent is of no use: then it was not registered. */
  async #firstKey(holder: KeyHolder, id: string, ratePerMin: number | undefined): Promise<Result<AgentKey>> {
    const { keys, registry } = this.#parts;
    let isMade = false;
    try {
      const key = await keys.createForAgent(holder, { id, ratePerMin });
      isMade = key.ok;
      return key.ok ? accept(keyOf(key.value)) : key;
    } finally {
      if (!isMade) await registry.removeAgent(holder.caller, id);
    }
  }

  async get(caller: Principal, id: string): Promise<Result<PollingAgent>> {
    if (!AGENT_ID.test(id) || !maySee(caller, id)) return unknown(id);
    const found = await this.#parts.registry.agent(caller, id);
    if (!found.ok) return found;
    return found.value ? accept(found.value) : unknown(id);
  }

  /** By id. An agent's own key lists that agent. */
  async list(caller: Principal, { limit, cursor }: z.infer<typeof AgentsQuery>): Promise<Result<PollingAgentPage>> {
    const { registry } = this.#parts;
    if (hasScope(caller, "read")) return registry.agents(caller, { after: cursor, limit });
    const own = agentOf(caller.subject);
    const found = own === undefined ? accept(undefined) : await registry.agent(caller, own);
    return found.ok ? accept({ agents: found.value ? [found.value] : [], next: undefined }) : found;
  }

  async change(
    caller: Principal,
    id: string,
    request: z.infer<typeof AgentChangeRequest>,
  ): Promise<Result<PollingAgent>> {
    const agent = await this.#changeable(caller, id);
    if (!agent.ok) return agent;
    return this.#refusalOfAddress(request) ?? this.#parts.registry.changeAgent(caller, id, changeOf(request));
  }

  /** Its keys are revoked first: an agent that is gone speaks no more. */
  async remove(holder: KeyHolder, id: string): Promise<Result<null>> {
    const agent = await this.#changeable(holder.caller, id);
    if (!agent.ok) return agent;
    await this.#parts.keys.revokeOfAgent(holder, id);
    return this.#parts.registry.removeAgent(holder.caller, id);
  }

  async rotateKey(
    holder: KeyHolder,
    id: string,
    { rate_limit_per_min: ratePerMin }: z.infer<typeof RotateKeyRequest>,
  ): Promise<Result<AgentKey>> {
    const agent = await this.#changeable(holder.caller, id);
    if (!agent.ok) return agent;
    const key = await this.#parts.keys.createForAgent(holder, { id, ratePerMin });
    return key.ok ? accept(keyOf(key.value)) : key;
  }

  async #changeable(caller: Principal, id: string): Promise<Result<PollingAgent>> {
    const agent = await this.get(caller, id);
    if (!agent.ok || mayChange(caller, id)) return agent;
    return refuse("forbidden_scope", `changing the agent "${id}" needs its own key, or the scope "admin"`);
  }

  #refusalOfAddress({ webhook_url: url }: { readonly webhook_url?: string | null | undefined }): Refusal | undefined {
    const judged = url ? this.#parts.judge(url) : accept(null);
    if (judged.ok) return undefined;
    const [path, message] = ["webhook_url", judged.detail];
    return refuse("address_refused", `${path}: ${message}`, [{ path, message }]);
  }
}

function isOwn({ subject }: Principal, id: string): boolean {
  return subject === agentSubject(id);
}

function mayChange(caller: Principal, id: string): boolean {
  return isOwn(caller, id) || hasScope(caller, "admin");
}

/** Users see the agents of their tenant, an agent itself. */
function maySee(caller: Principal, id: string): boolean {
  return isOwn(caller, id) || hasScope(caller, "read") || hasScope(caller, "execute");
}

function blank(id: string): AgentRecord {
  return { name: id, role: null, pollEndpoint: null, webhookUrl: null, webhookSecret: null, capabilities: [] };
}

function definedIn<T extends object>(fields: T): { [Name in keyof T]?: Exclude<T[Name], undefined> } {
  const entries = Object.entries(fields).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as { [Name in keyof T]?: Exclude<T[Name], undefined> };
}

function keyOf({
  record,
  secret,
}: {
  readonly record: { readonly id: string; readonly rateLimitPerMin: number | null };
  readonly secret: string;
}): AgentKey {
  return { id: record.id, secret, ratePerMin: record.rateLimitPerMin };
}

function unknown(id: string): Refusal {
  return refuse("not_found", `there is no agent "${id.slice(0, 200)}": GET /api/agents lists those that you may see`);
}
