/**
 * Agents with roles, put together: what they say of each other, of plans, of providers and of the functions of the host is
 * checked here, and all faults are reported at once. A runtime is frozen, and can be shown as JSON.
 */

import type { BudgetLimits } from "../../domain/execution/budget.ts";
import { PROVIDER_NAMES } from "../../domain/model/provider-name.ts";
import { isRecord } from "../../domain/values/is-record.ts";
import { declared } from "../declared.ts";
import type { ApprovalTerms, DynamicApproval } from "../execution/tool-approval.ts";
import type { ApprovalPolicyPatch } from "./approval-policy.ts";
import { readPolicy } from "./approval-policy.ts";
import { FaultList, inWords } from "./definition-error.ts";
import type { Dispatcher } from "./dispatcher.ts";
import { isDispatcher } from "./dispatcher.ts";
import { listOf } from "./list-of.ts";
import type { PlanDefinition, PlanOptions } from "./plan-definition.ts";
import { readPlan } from "./plan-definition.ts";
import { readMaxTurns } from "./read-role-agent.ts";
import type { RoleAgent } from "./role-agent.ts";
import { isRoleAgent } from "./role-agent.ts";
import type { RunSpecialist } from "./run-specialist.ts";
import { specialistOf } from "./run-specialist.ts";
import { agentFaults } from "./runtime-agents.ts";
import type { RuntimeJson } from "./runtime-json.ts";
import { runtimeJson } from "./runtime-json.ts";
import { readBudget, readTerms, readThreadTokens } from "./runtime-limits.ts";
import { planFaults } from "./runtime-plans.ts";
import { refuseUnknown } from "./unknown-parameters.ts";

/** By the name of the plan, by the name of the action. */
type Dispatchers = Readonly<Record<string, Readonly<Record<string, Dispatcher>>>>;

export interface RuntimeOptions {
  /** What the functions that define agents returned. Names are unique. */
  readonly agents: Iterable<RoleAgent>;
  /** Plans beside those that agents name; these are added by themselves. */
  readonly plans?: Iterable<PlanDefinition | PlanOptions>;
  /** One for each action of each plan that an executor carries out. */
  readonly dispatchers?: Dispatchers;
  /** What rules of the kind `dynamic` name, by id. */
  readonly dynamicApprovals?: Readonly<Record<string, DynamicApproval>>;
  /** For agents that say nothing else. Default: every plan is approved by a person, tools are not. */
  readonly approval?: ApprovalPolicyPatch;
  /** Of every question to a person: who may decide (subjects of keys), whether not the person who started it, until when. */
  readonly ask?: ApprovalTerms;
  /** For agents that say nothing else. Default 20. */
  readonly maxTurns?: number;
  /**
   * The most that one request to an agent may spend, with everything that it hands on: agents that hand work to each other for ever
   * end here. Default 200 turns and 50 child executions.
   */
  readonly budget?: BudgetLimits;
  /** Tokens of a conversation that are told word by word; a longer one is summed up. Default 20,000. */
  readonly threadTokens?: number;
  /** Providers that the deployment has keys for. Default all that Errand knows. */
  readonly providers?: Iterable<string>;
}

/** Returned by `defineRuntime`. */
export interface Runtime {
  readonly agents: Readonly<Record<string, RoleAgent>>;
  readonly plans: Readonly<Record<string, PlanDefinition>>;
  readonly dispatchers: Dispatchers;
  readonly dynamicApprovals: Readonly<Record<string, DynamicApproval>>;
  readonly approval: ApprovalPolicyPatch;
  readonly ask: ApprovalTerms;
  readonly budget: BudgetLimits;
  readonly threadTokens: number;
  readonly maxTurns: number;
  /**
   * Runs a specialist as a child of the program whose `ctx` it is given, and resolves with its answer; with `session`, in that
   * session's conversation. Rejects for a name that is no specialist of this runtime, for a session where the specialist keeps
   * none, and as `ctx.call` does. From outside a program: `POST /api/v1/execute/NAME.run`, or `NAME.chat`.
   */
  readonly runSpecialist: RunSpecialist;
  /** All of it but the functions, with defaults and approvals as they count. */
  toJSON(): RuntimeJson;
}

const RUNTIMES = new WeakSet<object>();

/** Whether `defineRuntime` returned it. */
export function isRuntime(value: unknown): value is Runtime {
  return typeof value === "object" && value !== null && RUNTIMES.has(value);
}

const DEFAULT_MAX_TURNS = 20;
const PARAMETERS = [
  "agents",
  "plans",
  "dispatchers",
  "dynamicApprovals",
  "approval",
  "ask",
  "budget",
  "threadTokens",
  "maxTurns",
  "providers",
];

/** Puts agents together. Throws one `DefinitionError` that holds every fault. */
export function defineRuntime(options: RuntimeOptions): Runtime {
  const make = () => {
    const { runtime, faults } = readRuntime(options);
    faults.throwAny();
    return runtime;
  };
  return declared(make, () => readRuntime({ agents: [] }).runtime);
}

function readRuntime(options: unknown): { readonly runtime: Runtime; readonly faults: FaultList } {
  const faults = new FaultList("runtime");
  const given = isRecord(options) ? options : {};
  if (!isRecord(options))
    faults.add("parameter_missing", "agents", `it was given ${inWords(options)}: give { agents: [ … ] }`);
  else if (given.agents === undefined) faults.add("parameter_missing", "agents", "agents is missing: it is required");
  refuseUnknown(given, PARAMETERS, { faults });
  const agents = readAgents(given.agents, faults);
  const dispatchers = readFunctions(given.dispatchers, { field: "dispatchers", depth: 2, faults }) as Dispatchers;
  const dynamicApprovals = readFunctions(given.dynamicApprovals, {
    ...{ field: "dynamicApprovals", depth: 1, faults },
  }) as Runtime["dynamicApprovals"];
  const approval = readPolicy(given.approval, faults);
  const ask = readTerms(given.ask, faults);
  const budget = readBudget(given.budget, faults);
  const threadTokens = readThreadTokens(given.threadTokens, faults);
  const maxTurns = readMaxTurns(given.maxTurns, faults) ?? DEFAULT_MAX_TURNS;
  const providers = readProviders(given.providers, faults);
  const { plans, faults: wrong } = planFaults(agents, readPlans(given.plans, faults), dispatchers);
  faults.take(wrong);
  faults.take(agentFaults(agents, { providers, dynamicApprovals: Object.keys(dynamicApprovals), approval }));
  const parts = {
    agents: Object.freeze(Object.fromEntries(agents.map((agent) => [agent.name, agent]))),
    plans: Object.freeze(Object.fromEntries(plans)),
    ...{ dispatchers, dynamicApprovals, approval, ask, budget, threadTokens, maxTurns },
  };
  const runtime = Object.freeze({ ...parts, runSpecialist: specialistOf(parts), toJSON: () => runtimeJson(parts) });
  RUNTIMES.add(runtime);
  return { runtime, faults };
}

function readAgents(given: unknown, faults: FaultList): readonly RoleAgent[] {
  const list = given === undefined ? [] : listOf(given);
  if (!list) {
    faults.add(
      "invalid_agent",
      "agents",
      `agents is ${inWords(given)}: give a list of what defineSpecialist … returned`,
    );
    return [];
  }
  return list.filter((agent, at): agent is RoleAgent => {
    const isOne = isRoleAgent(agent);
    if (!isOne) {
      const made = "defineCoordinator, definePlanner, defineExecutor or defineSpecialist";
      faults.add("invalid_agent", `agents.${at}`, `agents.${at} is ${inWords(agent)}: give what ${made} returned`);
    }
    return isOne;
  });
}

function readPlans(given: unknown, faults: FaultList): readonly PlanDefinition[] {
  const list = given === undefined ? [] : listOf(given);
  if (list) return list.map((plan, at) => readPlan(plan, faults, `plans.${at}`));
  faults.add("invalid_plan", "plans", `plans is ${inWords(given)}: give a list of what definePlan returned`);
  return [];
}

function readProviders(given: unknown, faults: FaultList): readonly string[] {
  const list = given === undefined ? PROVIDER_NAMES : listOf(given);
  if (list?.every((name) => (PROVIDER_NAMES as readonly unknown[]).includes(name))) return list as readonly string[];
  const sentence = `providers must be a list of ${PROVIDER_NAMES.join(", ")}`;
  faults.add("invalid_providers", "providers", sentence);
  return PROVIDER_NAMES;
}

interface FunctionsAt {
  readonly field: string;
  /** 1: functions by name. 2: by two names. */
  readonly depth: 1 | 2;
  readonly faults: FaultList;
}

function readFunctions(given: unknown, { field, depth, faults }: FunctionsAt): Readonly<Record<string, unknown>> {
  if (given === undefined) return Object.freeze({});
  const code = field.startsWith("dispatchers") ? "invalid_dispatcher" : "invalid_approval";
  if (!isRecord(given)) {
    const names = depth === 2 ? "the plan, by the name of the action" : "each";
    faults.add(code, field, `${field} is ${inWords(given)}: give functions by the name of ${names}`);
    return Object.freeze({});
  }
  const read = new Map<string, unknown>();
  for (const [name, one] of Object.entries(given)) {
    const at = `${field}.${name}`;
    if (depth === 2) read.set(name, readFunctions(one, { field: at, depth: 1, faults }));
    else if (typeof one === "function" || (code === "invalid_dispatcher" && isDispatcher(one))) read.set(name, one);
    else faults.add(code, at, `${at} is ${inWords(one)}: give a function`);
  }
  return Object.freeze(Object.fromEntries(read));
}
