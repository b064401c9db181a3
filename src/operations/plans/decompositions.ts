/**
 * Takes a task apart for an agent that polls, as an execution.
 *
 * - It belongs to the owner of the plan in which it is stored; else to its caller, or, of an agent's own key, to the agent's owner:
 *   agents own no executions.
 * - An agent's key stores nothing: a plan is its owner's.
 */
import type { RunHeaders } from "../../contract/executions/requests.ts";
import type { DecomposeRequest } from "../../contract/polling-agents/decomposition.ts";
import type { FunctionDefinition } from "../../define/agent.ts";
import { DecompositionOutput } from "../../define/decomposition/program.ts";
import type { Principal } from "../../domain/execution/principal.ts";
import { hasScope } from "../../domain/execution/principal.ts";
import { isTerminal } from "../../domain/execution/status.ts";
import type { PollingAgent } from "../../domain/node/polling-agent.ts";
import { decomposable } from "../../domain/plan/decomposition.ts";
import type { PlanRecord } from "../../domain/plan/plan.ts";
import type { ExecutionView } from "../../domain/read-models/view.ts";
import type { Result } from "../../domain/values/fault.ts";
import { accept, refuse } from "../../domain/values/fault.ts";
import type { Json } from "../../domain/values/json.ts";
import { toJson } from "../../domain/values/json.ts";
import type { Executions } from "../executions/executions.ts";
import type { StartRequest } from "../executions/start-request.ts";
import type { PollingAgents } from "../polling-agents/polling-agents.ts";
import type { Plans } from "./plans.ts";

interface Parts {
  readonly agents: Pick<PollingAgents, "get">;
  readonly plans: Pick<Plans, "get">;
  readonly executions: Pick<Executions, "start">;
  readonly program: FunctionDefinition;
}

interface Asked extends Pick<StartRequest, "baseUrl" | "region" | "traceparent" | "waitMs"> {
  readonly agentId: string;
  readonly request: DecomposeRequest;
  readonly headers: RunHeaders;
}

/** `found` is absent while it goes on, or a person is asked. */
export interface Decomposed {
  readonly view: ExecutionView;
  readonly found: ReturnType<typeof DecompositionOutput.parse> | undefined;
}

/** Of the program: executions are bound to it. */
const VERSION = "1";

export class Decompositions {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  async decompose(caller: Principal, { agentId, request, headers, ...how }: Asked): Promise<Result<Decomposed>> {
    const agent = await this.#parts.agents.get(caller, agentId);
    if (!agent.ok) return agent;
    const { executions, program } = this.#parts;
    const plan = await this.#plan(caller, request);
    if (!plan.ok) return plan;
    const isAgent = !hasScope(caller, "execute");
    const owner = plan.value?.owner ?? (isAgent ? agent.value.owner : caller.subject);
    const started = await executions.start(asOwner(caller, owner), {
      ...how,
      headers: isAgent ? ownKey(headers, caller) : headers,
      target: `${agentId}.${program.name}`,
      found: { agent: agentId, version: VERSION, definition: program, builtIn: "decomposition" },
      ...{ input: inputOf(request, agent.value, plan.value), budget: request.budget },
      ...{ context: undefined, metadata: undefined, deadlineMs: undefined },
    });
    return started.ok ? answered(started.value) : started;
  }

  async #plan(caller: Principal, { plan_id: id, task }: DecomposeRequest): Promise<Result<PlanRecord | undefined>> {
    if (!id) return accept(undefined);
    if (!hasScope(caller, "execute"))
      return refuse("forbidden_scope", 'storing in a plan needs a key with the scope "execute": leave plan_id out');
    const plan = await this.#parts.plans.get(caller, id);
    if (!plan.ok) return plan;
    const takes = decomposable(plan.value.plan, task.task_id);
    return takes.ok ? plan : takes;
  }
}

/** What it starts is the owner's; the caller was admitted before. */
function asOwner(caller: Principal, owner: string): Principal {
  return owner === caller.subject ? caller : { tenant: caller.tenant, subject: owner, scopes: ["execute"] };
}

/** An idempotency key of an agent is none of its owner. */
function ownKey(headers: RunHeaders, { subject }: Principal): RunHeaders {
  const key = headers["idempotency-key"];
  return key === undefined ? headers : { ...headers, "idempotency-key": `${subject} ${key}` };
}

function inputOf(
  { task, plan_context: sent, agent_capabilities: named, plan_id }: DecomposeRequest,
  agent: PollingAgent,
  record: PlanRecord | undefined,
): { [key: string]: Json } {
  const registered = new Map(agent.capabilities.map(({ action, params }) => [action, params]));
  const actions = named ?? [...registered.keys()];
  const { plan } = record ?? {};
  const planned = plan && {
    goal: plan.goal,
    ...{ business_type: plan.businessType, industry: plan.industry, target_customer: plan.targetCustomer },
  };
  return toJson({
    task: {
      task_id: task.task_id,
      title: task.title,
      description: task.description ?? "",
      assignee_role: task.assignee_role ?? null,
    },
    plan_context: { ...planned, ...sent },
    capabilities: actions.map((action) => ({ action, params: registered.get(action) ?? [] })),
    plan_id: plan_id ?? null,
  }) as { [key: string]: Json };
}

function answered(view: ExecutionView): Result<Decomposed> {
  const { state, output, error } = view;
  if (!isTerminal(state.status)) return accept({ view, found: undefined });
  if (state.status === "succeeded") return accept({ view, found: DecompositionOutput.parse(output) });
  const { code, message } = error ?? { code: state.status, message: `it ended as ${state.status}` };
  return refuse("decomposition_failed", `${state.origin.id}: ${code}: ${message}`);
}
