/** What an agent with a role is: its parameters as they are given, and what becomes of them. */
import type { Script } from "../../domain/model/script.ts";
import type { Tool } from "../tool.ts";
import type { ApprovalPolicyPatch, ApprovalRule } from "./approval-policy.ts";
import type { LayeredPrompt } from "./layered-prompt.ts";
import type { PlanDefinition, PlanOptions } from "./plan-definition.ts";
import type { Role, Toolkit } from "./toolkits.ts";

/** `provider`: default the one that serves the model of this id. */
export interface ModelChoice {
  readonly id: string;
  readonly provider?: string | undefined;
}

export interface RoleAgentOptions {
  /** As the id of an agent. Unique in its runtime. */
  readonly name: string;
  readonly model: string | ModelChoice;
  /** Its system prompt. */
  readonly prompt: string | LayeredPrompt;
  /** What it may do, beside the tools of its toolkits. Default none. */
  readonly tools?: Iterable<Tool>;
  /** Whether it keeps its thread from one message to the next. Default true for coordinators and planners, else false. */
  readonly stateful?: boolean;
  /** Most turns of its model in one run. Default the runtime's, which is 20. */
  readonly maxTurns?: number;
  /** When a person is asked about its plans and its tools. Default the runtime's. */
  readonly approval?: ApprovalPolicyPatch;
  /** The same for single tools, by name: its own, and those of its toolkits. */
  readonly toolApprovals?: Readonly<Record<string, ApprovalRule>>;
  /** Default by role; [] turns them off. */
  readonly toolkits?: Iterable<Toolkit>;
  /** What the scripted model answers, where no key is configured: for demonstrations and tests. */
  readonly script?: Script;
}

export interface CoordinatorOptions extends RoleAgentOptions {
  /** Names of the agents it hands work to: one at least, each in the same runtime, not itself. */
  readonly routes: Iterable<string>;
}

export interface PlanAgentOptions extends RoleAgentOptions {
  /** Which plan it writes or carries out: of `definePlan`, or what that takes. */
  readonly plan: PlanDefinition | PlanOptions;
}

interface Defined<R extends Role> {
  readonly role: R;
  readonly name: string;
  readonly model: ModelChoice;
  readonly prompt: { readonly text: string; readonly cacheKey: string | undefined };
  readonly tools: readonly Tool[];
  readonly stateful: boolean;
  readonly maxTurns: number | undefined;
  readonly approval: ApprovalPolicyPatch;
  readonly toolApprovals: Readonly<Record<string, ApprovalRule>>;
  readonly toolkits: readonly Toolkit[];
  readonly script: Script | undefined;
}

export interface Coordinator extends Defined<"coordinator"> {
  readonly routes: readonly string[];
}
export interface Planner extends Defined<"planner"> {
  readonly plan: PlanDefinition;
}
export interface Executor extends Defined<"executor"> {
  readonly plan: PlanDefinition;
}
export interface Specialist extends Defined<"specialist"> {}

/** What `defineRuntime` puts together. */
export type RoleAgent = Coordinator | Planner | Executor | Specialist;

const AGENTS = new WeakSet<object>();

/** Marks what the functions that define agents return. */
export function roleAgent(agent: RoleAgent): RoleAgent {
  AGENTS.add(agent);
  return agent;
}

/** Whether one of them returned it. */
export function isRoleAgent(value: unknown): value is RoleAgent {
  return typeof value === "object" && value !== null && AGENTS.has(value);
}
