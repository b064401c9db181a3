/** The plans of a runtime: those that it lists and those that its agents name, and what is wrong with them beside each other. */
import { nearest } from "../../domain/values/nearest.ts";
import type { DefinitionFault } from "./definition-error.ts";
import { FaultList } from "./definition-error.ts";
import type { PlanDefinition } from "./plan-definition.ts";
import type { RoleAgent } from "./role-agent.ts";
import { isStandIn } from "./stand-ins.ts";

interface Plans {
  readonly plans: ReadonlyMap<string, PlanDefinition>;
  readonly faults: readonly DefinitionFault[];
}

type Names = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

export function planFaults(agents: readonly RoleAgent[], listed: readonly PlanDefinition[], dispatchers: Names): Plans {
  const ofRuntime = new FaultList("runtime");
  const plans = new Map<string, PlanDefinition>();
  for (const [at, plan] of listed.entries()) {
    if (isStandIn(plan)) continue;
    const known = plans.get(plan.name);
    if (known && known.digest !== plan.digest)
      ofRuntime.add("plan_twice", `plans.${at}`, `two different plans are called "${plan.name}": rename one`);
    else plans.set(plan.name, plan);
  }
  const faults = ofAgents(agents, plans);
  // What a definition that is wrong would have brought in is not known.
  if (![...agents, ...listed].some(hasStandIn)) faults.push(...unknownDispatchers(plans, dispatchers));
  const carried = new Set(agents.flatMap((agent) => (agent.role === "executor" ? [agent.plan.name] : [])));
  for (const plan of plans.values()) if (carried.has(plan.name)) faults.push(...lacking(plan, dispatchers));
  return { plans, faults: [...ofRuntime.all, ...faults] };
}

function hasStandIn(definition: RoleAgent | PlanDefinition): boolean {
  return isStandIn(definition) || ("plan" in definition && isStandIn(definition.plan));
}

/** Attaches the plans of agents. Planners come first: an executor carries out what a planner writes. */
function ofAgents(agents: readonly RoleAgent[], plans: Map<string, PlanDefinition>): DefinitionFault[] {
  const all: FaultList[] = [];
  for (const role of ["planner", "executor"] as const)
    for (const agent of agents) {
      if (agent.role !== role || isStandIn(agent) || isStandIn(agent.plan)) continue;
      const faults = new FaultList(`${role} "${agent.name}"`, agent.name);
      all.push(faults);
      const known = plans.get(agent.plan.name);
      if (!known) plans.set(agent.plan.name, agent.plan);
      else if (known.digest !== agent.plan.digest) addTwin(agent, known, faults);
    }
  return all.flatMap((faults) => faults.all);
}

function addTwin(agent: Extract<RoleAgent, { plan: unknown }>, known: PlanDefinition, faults: FaultList): void {
  const { name, version } = agent.plan;
  if (agent.role === "executor" && known.version !== version) {
    const sentence = `it carries out version ${version} of the plan "${name}", and the runtime has version ${known.version}`;
    return faults.add("plan_version", "plan.version", `${sentence}: give both the same plan`);
  }
  const sentence = `its plan "${name}" is not the one that the runtime has under this name`;
  faults.add("plan_twice", "plan", `${sentence}: give both the same plan, or rename one`);
}

function lacking({ name, actions }: PlanDefinition, dispatchers: Names): readonly DefinitionFault[] {
  const faults = new FaultList(`plan "${name}"`);
  const own = Object.hasOwn(dispatchers, name) ? dispatchers[name] : undefined;
  for (const action of Object.keys(actions)) {
    if (own !== undefined && Object.hasOwn(own, action)) continue;
    const field = `dispatchers.${name}.${action}`;
    faults.add("action_without_dispatcher", field, `the action "${action}" has no dispatcher: give ${field}`);
  }
  return faults.all;
}

function unknownDispatchers(plans: ReadonlyMap<string, PlanDefinition>, dispatchers: Names): DefinitionFault[] {
  const faults = new FaultList("runtime");
  for (const [name, own] of Object.entries(dispatchers)) {
    const plan = plans.get(name);
    if (!plan) {
      const meant = nearest(name, plans.keys());
      const hint = meant === undefined ? "take it out, or name the plan in plans" : `did you mean "${meant}"?`;
      const sentence = `dispatchers names "${name}", which is no plan of this runtime: ${hint}`;
      faults.add("dispatcher_unknown", `dispatchers.${name}`, sentence);
      continue;
    }
    for (const action of Object.keys(own).filter((one) => !Object.hasOwn(plan.actions, one))) {
      const meant = nearest(action, Object.keys(plan.actions));
      const hint = meant === undefined ? `it has ${Object.keys(plan.actions).join(", ")}` : `did you mean "${meant}"?`;
      const sentence = `dispatchers.${name} names "${action}", which is no action of the plan: ${hint}`;
      faults.add("dispatcher_unknown", `dispatchers.${name}.${action}`, sentence);
    }
  }
  return [...faults.all];
}
