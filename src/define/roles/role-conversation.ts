/** The conversation of an agent with a role in one run: its prompt, its tools with those of its toolkits, its limits and rules. */
import { toJson } from "../../domain/values/json.ts";
import { Conversation } from "../execution/conversation.ts";
import type { ModelTool } from "../execution/model-tool.ts";
import { rulesOf } from "../execution/program.ts";
import { stopTool } from "../execution/stop-tool.ts";
import type { Asking } from "../execution/tool-approval.ts";
import type { ProgramContext } from "../program-context.ts";
import type { ApprovalDeclarations, ApprovalRule } from "./approval-policy.ts";
import { planApproval } from "./approval-policy.ts";
import type { RoleAgent } from "./role-agent.ts";
import type { Runtime } from "./runtime.ts";

export const MAX_CORRECTIONS = 3;

export function approvalsOf({ approval, toolApprovals }: RoleAgent, runtime: Runtime): ApprovalDeclarations {
  return { runtime: runtime.approval, agent: approval, toolApprovals };
}

export function askingOf({ name }: RoleAgent, { dynamicApprovals, ask }: Runtime): Asking {
  return { agent: name, dynamicApprovals, terms: ask };
}

/** When a person is asked about a plan, as the run began with it: a deployment that says something else is for later runs. */
export async function settledPlanRule({ agent, runtime, ctx }: RoleRun): Promise<ApprovalRule> {
  const { rule } = planApproval(approvalsOf(agent, runtime));
  return (await ctx.step("plan_rule", () => toJson(rule))) as ApprovalRule;
}

export interface RoleRun {
  readonly agent: RoleAgent;
  readonly runtime: Runtime;
  readonly ctx: ProgramContext;
}

/** Runs unattended: it may also say that its task cannot be done. */
export function roleConversation({ agent, runtime, ctx }: RoleRun, toolkit: readonly ModelTool[]): Conversation {
  const tools = [...agent.tools, ...toolkit, stopTool];
  return new Conversation(ctx, {
    config: { system: agent.prompt.text, model: agent.model.id },
    ...{ tools, script: agent.script, asking: askingOf(agent, runtime) },
    approvals: rulesOf(tools, approvalsOf(agent, runtime)),
    ...{ maxToolRounds: Number.POSITIVE_INFINITY, maxRetries: MAX_CORRECTIONS },
    maxTurns: agent.maxTurns ?? runtime.maxTurns,
  });
}
