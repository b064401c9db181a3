/**
 * Work of agents that poll: they ask for it, and report of it. Where there may be work is a hint of the directory; what an agent
 * gets is decided by the execution that it is sent to.
 *
 * - An agent's key speaks for that agent alone. A user's key speaks for the agents that its user registered, on executions of its own;
 *   an administrator's for all of the tenant.
 * - A long poll waits here, in the router: no object is held in memory for it. The directory wakes it when there may be work.
 */
import type { ReportRequest, WorkQuery } from "../../contract/plan-executions/requests.ts";
import { reportedOf } from "../../contract/plan-executions/requests.ts";
import { mayActAs, refuseToActAs } from "../../domain/execution/access.ts";
import type { Principal } from "../../domain/execution/principal.ts";
import { hasScope } from "../../domain/execution/principal.ts";
import type { ReportWork } from "../../domain/execution/work-command.ts";
import type { PollingAgent } from "../../domain/node/polling-agent.ts";
import { AGENT_ID, agentOf } from "../../domain/node/polling-agent.ts";
import type { ReportAnswer, WorkAnswer } from "../../domain/read-models/plan-view.ts";
import type { Refusal, Result } from "../../domain/values/fault.ts";
import { accept, refuse } from "../../domain/values/fault.ts";
import type { PlanClient, WorkDirectory, WorkWait } from "../plan-execution-ports.ts";
import type { LongPolls } from "../stream/long-polls.ts";
import type { PollingAgentRegistry } from "./ports.ts";

interface Parts {
  readonly directory: WorkDirectory;
  readonly client: Pick<PlanClient, "takeWork" | "reportWork">;
  readonly polls: LongPolls;
  readonly agents: Pick<PollingAgentRegistry, "agent">;
  /** A new id; the prefix says what it names. */
  readonly newId: (prefix: "lease" | "evt") => string;
  readonly newGateId: (executionId: string) => string;
  readonly random: () => number;
  readonly now: () => number;
  readonly pause: (ms: number) => Promise<void>;
}

/** Between two looks of one that waits and is not woken: a net under words that are lost. */
const LOOK_MS = 10_000;
/** Before it asks again to be woken, when its directory went away. */
const AGAIN_MS = 1_000;

type Found = Result<WorkAnswer | undefined>;

export class AgentWork {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** `undefined`: there is nothing to do now. */
  async poll(caller: Principal, agentId: string, query: WorkQuery): Promise<Found> {
    if (!AGENT_ID.test(agentId) || !maySpeakFor(caller, agentId)) return unknownAgent(agentId);
    const found = await this.#once(caller, agentId, query);
    const waitMs = query.wait * 1_000;
    if (!found.ok || found.value || waitMs === 0) return found;
    return this.#parts.polls.during(caller.tenant, () => this.#wait(caller, agentId, { ...query, waitMs }));
  }

  async #wait(caller: Principal, agentId: string, query: WorkQuery & { readonly waitMs: number }): Promise<Found> {
    const { now, directory, pause } = this.#parts;
    const untilMs = now() + query.waitMs;
    while (now() < untilMs) {
      const waiting = await directory.waitForWork(caller, agentId, query.supported_actions);
      if (!waiting.ok) return waiting.code === "not_found" ? unknownAgent(agentId) : waiting;
      const found = await this.#woken(waiting.value, untilMs, () => this.#once(caller, agentId, query));
      if (found) return found;
      await pause(Math.min(AGAIN_MS, untilMs - now()));
    }
    return accept(undefined);
  }

  /** `undefined`: its directory went away. */
  async #woken(waiting: WorkWait, untilMs: number, look: () => Promise<Found>): Promise<Found | undefined> {
    const { now } = this.#parts;
    try {
      for (;;) {
        const leftMs = untilMs - now();
        if (leftMs <= 0) return accept(undefined);
        const heard = await waiting.next(Math.min(LOOK_MS, leftMs));
        if (heard === "over") return undefined;
        if (heard === "late" && now() >= untilMs) return accept(undefined);
        const found = await look();
        if (!found.ok || found.value) return found;
      }
    } finally {
      waiting.close();
    }
  }

  async #once(caller: Principal, agentId: string, { supported_actions: named }: WorkQuery): Promise<Found> {
    const { directory, client, newId } = this.#parts;
    const hints = await directory.workFor(caller, agentId, named);
    if (!hints.ok) return hints.code === "not_found" ? unknownAgent(agentId) : hints;
    const { agent, executions, reserved } = hints.value;
    const actions = agent.isActive ? actionsOf(agent, named) : {};
    const asked = { type: "take_work", agentId, role: agent.role, actions, reserved } as const;
    let refused: Refusal | undefined;
    for (const executionId of executions) {
      const answer = await client.takeWork(caller, executionId, { ...asked, leaseId: newId("lease") });
      if (answer.ok && (answer.value.task || answer.value.isNews)) return answer;
      // It is another user's, or gone: a hint says nothing about that. One that cannot answer keeps no other from giving work.
      if (!answer.ok && answer.code !== "not_found" && answer.code !== "gone") refused ??= answer;
    }
    return refused ?? accept(undefined);
  }

  /** In their order; each is answered. What names no task of the execution refuses the call. */
  async report(
    caller: Principal,
    executionId: string,
    requests: readonly ReportRequest[],
  ): Promise<Result<readonly ReportAnswer[]>> {
    const strange = await this.#strange(caller, new Set(requests.map(({ agent_id: agentId }) => agentId)));
    if (strange) return strange;
    const { client, newId, newGateId, random } = this.#parts;
    const commands = requests.map((request): ReportWork => {
      const report = reportedOf(request, request.event_id ?? newId("evt"));
      const leaseId = request.lease_id ?? undefined;
      return { type: "report_work", report, leaseId, gateId: newGateId(executionId), draw: random() };
    });
    return client.reportWork(caller, executionId, commands);
  }

  /** Why this caller does not report in the name of one of them. What nobody registered is nobody's name. */
  async #strange(caller: Principal, agentIds: ReadonlySet<string>): Promise<Refusal | undefined> {
    if (hasScope(caller, "admin")) return undefined;
    for (const id of agentIds) {
      if (agentOf(caller.subject) === id) continue;
      if (!hasScope(caller, "execute")) return refuseToActAs(id);
      const agent = await this.#parts.agents.agent(caller, id);
      if (!agent.ok) return agent;
      if (agent.value && !mayActAs(caller, agent.value)) return refuseToActAs(id);
    }
    return undefined;
  }
}

/** What it does now, and whether each may be done twice. */
function actionsOf({ capabilities }: PollingAgent, named: readonly string[] | undefined): Record<string, boolean> {
  const now = capabilities.filter(({ action }) => named === undefined || named.includes(action));
  return Object.fromEntries(now.map(({ action, idempotent }) => [action, idempotent === true]));
}

function maySpeakFor(caller: Principal, agentId: string): boolean {
  return hasScope(caller, "execute") || agentOf(caller.subject) === agentId;
}

function unknownAgent(id: string): Refusal {
  return refuse("not_found", `there is no agent "${id.slice(0, 128)}": register it with POST /api/agents/register`);
}
