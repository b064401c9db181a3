/** What is wrong with agents beside each other: names, routes, providers, rules that name a function of the runtime. */
import { nearest } from "../../domain/values/nearest.ts";
import type { ApprovalPolicyPatch, ApprovalRule } from "./approval-policy.ts";
import type { DefinitionFault } from "./definition-error.ts";
import { FaultList } from "./definition-error.ts";
import type { RoleAgent } from "./role-agent.ts";
import { isStandIn } from "./stand-ins.ts";

interface Around {
  readonly providers: readonly string[];
  /** The ids of the runtime's functions. */
  readonly dynamicApprovals: readonly string[];
  /** The runtime's own. */
  readonly approval: ApprovalPolicyPatch;
}

export function agentFaults(agents: readonly RoleAgent[], around: Around): readonly DefinitionFault[] {
  const ofRuntime = new FaultList("runtime");
  dynamicFaults({ approval: around.approval, toolApprovals: {}, tools: [] }, around, ofRuntime);
  const names = agents.map(({ name }) => name);
  const all = agents.map((agent, at) => {
    const faults = new FaultList(`${agent.role} "${agent.name}"`, agent.name);
    const first = agents[names.indexOf(agent.name)];
    if (names.indexOf(agent.name) !== at && first) {
      const sentence = `the name is that of another ${first.role} of the runtime: names are unique`;
      faults.add("agent_twice", "name", sentence);
    }
    if (isStandIn(agent)) return faults;
    routeFaults(agent, names, faults);
    providerFaults(agent, around, faults);
    dynamicFaults(agent, around, faults);
    return faults;
  });
  return [ofRuntime, ...all].flatMap((faults) => faults.all);
}

function routeFaults(agent: RoleAgent, names: readonly string[], faults: FaultList): void {
  if (agent.role !== "coordinator") return;
  for (const [at, route] of agent.routes.entries()) {
    if (names.includes(route)) continue;
    const others = names.filter((name) => name !== agent.name);
    const meant = nearest(route, others);
    const hint = meant === undefined ? `it has ${others.join(", ") || "no other agents"}` : `did you mean "${meant}"?`;
    const sentence = `routes names "${route}", which is no agent of this runtime: ${hint}`;
    faults.add("route_unknown", `routes.${at}`, sentence);
  }
}

function providerFaults({ model }: RoleAgent, { providers }: Around, faults: FaultList): void {
  if (model.provider === undefined || providers.includes(model.provider)) return;
  const sentence = `the provider "${model.provider}" of its model is not configured: configured are ${providers.join(", ") || "none"}`;
  faults.add("provider_not_configured", "model.provider", sentence);
}

function dynamicFaults(
  { approval, toolApprovals, tools }: Pick<RoleAgent, "approval" | "toolApprovals" | "tools">,
  { dynamicApprovals }: Around,
  faults: FaultList,
): void {
  const rules: readonly (readonly [string, ApprovalRule | "default" | undefined])[] = [
    ["approval.plans", approval.plans],
    ["approval.tools", approval.tools],
    ...Object.entries(toolApprovals).map(([tool, rule]) => [`toolApprovals.${tool}`, rule] as const),
    ...tools.map((tool, at) => [`tools.${at}.approval`, tool.approval] as const),
  ];
  for (const [field, rule] of rules) {
    if (typeof rule !== "object" || dynamicApprovals.includes(rule.value)) continue;
    const meant = nearest(rule.value, dynamicApprovals);
    const hint = meant === undefined ? "add a function of this id" : `did you mean "${meant}"?`;
    const sentence = `${field} names "${rule.value}", which is no id of the runtime's dynamicApprovals: ${hint}`;
    faults.add("dynamic_approval_unknown", field, sentence);
  }
}
