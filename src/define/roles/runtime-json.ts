/** A runtime as JSON: everything but its functions, with defaults filled in and the approval of each tool as it counts. */
import type { Json } from "../../domain/values/json.ts";
import type { ApprovalPolicyPatch, ApprovalRule, ApprovalSource } from "./approval-policy.ts";
import { planApproval, toolApproval } from "./approval-policy.ts";
import type { PlanDefinition } from "./plan-definition.ts";
import type { RoleAgent } from "./role-agent.ts";
import type { Role, Toolkit } from "./toolkits.ts";
import { toolkitTools } from "./toolkits.ts";

interface AgentJson {
  readonly name: string;
  readonly role: Role;
  readonly model: { readonly id: string; readonly provider: string | null };
  readonly prompt: { readonly text: string; readonly cacheKey: string | null };
  readonly stateful: boolean;
  readonly maxTurns: number;
  readonly routes: readonly string[];
  readonly plan: { readonly name: string; readonly version: string } | null;
  readonly toolkits: readonly Toolkit[];
  /** Of the plans that it writes or carries out; `null` for roles without one. */
  readonly planApproval: ApprovalJson | null;
  /** Its own and those of its toolkits. */
  readonly tools: readonly { readonly name: string; readonly approval: ApprovalJson }[];
}

interface ApprovalJson {
  readonly rule: ApprovalRule;
  readonly source: ApprovalSource;
}

interface PlanJson {
  readonly name: string;
  readonly version: string;
  readonly digest: string;
  readonly actions: readonly { readonly name: string; readonly description: string; readonly inputSchema: Json }[];
}

export interface RuntimeJson {
  readonly agents: readonly AgentJson[];
  readonly plans: readonly PlanJson[];
}

interface Parts {
  readonly agents: Readonly<Record<string, RoleAgent>>;
  readonly plans: Readonly<Record<string, PlanDefinition>>;
  readonly approval: ApprovalPolicyPatch;
  readonly maxTurns: number;
}

export function runtimeJson(parts: Parts): RuntimeJson {
  return {
    agents: Object.values(parts.agents).map((agent) => agentJson(agent, parts)),
    plans: Object.values(parts.plans).map(({ name, version, digest, actions }) => ({
      ...{ name, version, digest },
      actions: Object.entries(actions).map(([action, { description, inputSchema }]) => ({
        ...{ name: action, description, inputSchema },
      })),
    })),
  };
}

function agentJson(agent: RoleAgent, { approval: runtime, maxTurns }: Parts): AgentJson {
  const { name, role, model, prompt, stateful, toolkits, toolApprovals, approval } = agent;
  const rules = { runtime, agent: approval, toolApprovals };
  const routes = agent.role === "coordinator" ? agent.routes : [];
  const plan = "plan" in agent ? { name: agent.plan.name, version: agent.plan.version } : null;
  const tools = [...agent.tools, ...toolkitTools(toolkits, role, routes).map((tool) => ({ name: tool }))];
  return {
    ...{ name, role },
    model: { id: model.id, provider: model.provider ?? null },
    prompt: { text: prompt.text, cacheKey: prompt.cacheKey ?? null },
    ...{ stateful, maxTurns: agent.maxTurns ?? maxTurns, routes, plan, toolkits },
    planApproval: plan && planApproval(rules),
    tools: tools.map((tool) => ({ name: tool.name, approval: toolApproval(tool, rules) })),
  };
}
