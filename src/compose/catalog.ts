/** Wires what a user's lists offer: the agents by id, and the services behind them. Once an isolate. */
import { pollingAgentClient } from "../actors/platform/polling-agent-client.ts";
import type { AgentDefinition } from "../define/agent.ts";
import type { BuiltIns } from "../define/built-ins.ts";
import { keptFaults, sentenceOfFault } from "../define/declared.ts";
import type { DecomposedTask } from "../define/decomposition/program.ts";
import { decompositionFunction } from "../define/decomposition/program.ts";
import { StepError } from "../define/errors.ts";
import type { ExecutionDefinition } from "../define/execution.ts";
import { OUTBOUND } from "../define/http-skill.ts";
import { bundledManifests } from "../define/manifest/bundled.ts";
import { manifestFunction } from "../define/manifest/program.ts";
import { inOne, offered } from "../define/offer.ts";
import { agentsOf } from "../define/roles/role-functions.ts";
import type { Runtime } from "../define/roles/runtime.ts";
import type { Skill } from "../define/skill.ts";
import type { Manifest } from "../domain/manifest/manifest.ts";
import { withDecomposition } from "../domain/plan/decomposition.ts";
import type { Refusal } from "../domain/values/fault.ts";
import { Misconfigured } from "../domain/values/misconfigured.ts";
import type { Plans } from "../operations/plans/plans.ts";
import { abilitiesOf } from "../operations/polling-agents/abilities.ts";
import { sealerOf } from "../vault/configured.ts";
import { bindingFaults, nodesMissing } from "./environment/bindings.ts";
import type { Env } from "./environment/env.ts";
import { outboundOf } from "./environment/outbound.ts";
import { settingFaults } from "./environment/setting-faults.ts";
import { isProviderReachable } from "./models.ts";
import { plansOf } from "./plans.ts";

/** Texts, sealed with the deployment's keys; each call throws while the keys are not in order. */
export interface ServiceTexts {
  /** `place` names the row that holds the text: put elsewhere it does not open. */
  seal(text: string, place: string): string;
  open(stored: string, place: string): string;
}

/** What a user's Worker is made of. */
export interface UserProgram {
  readonly agents: readonly AgentDefinition[];
  readonly executions: readonly ExecutionDefinition[];
  readonly skills: readonly Skill[];
  readonly runtimes: readonly Runtime[];
  /** As they were given: objects, or texts in YAML or JSON. */
  readonly manifests: readonly unknown[];
  readonly services: (env: never, deployment: { readonly texts: ServiceTexts }) => Readonly<Record<string, unknown>>;
  /** What is wrong with the lists themselves. */
  readonly faults: readonly string[];
}

export interface Offering {
  readonly agents: ReadonlyMap<string, AgentDefinition>;
  readonly skills: ReadonlyMap<string, Skill>;
  /** What runs executions of no agent of the code. */
  readonly builtIns: BuiltIns;
  /** Manifests of the code, by name, in the order of their list. */
  readonly manifests: ReadonlyMap<string, readonly Manifest[]>;
  readonly services: Readonly<Record<string, unknown>>;
}

/** Whose the texts of users' services are. */
const OWNER = "services";

/** Throws `Misconfigured` with every fault of the lists, the services and the bindings. */
export function offeringOf(program: UserProgram): (env: Env) => Offering {
  const made = new WeakMap<Env, Offering | Misconfigured>();
  return (env) => {
    const known = made.get(env) ?? offeringIn(program, env);
    made.set(env, known);
    if (known instanceof Misconfigured) throw known;
    return known;
  };
}

function offeringIn(program: UserProgram, env: Env): Offering | Misconfigured {
  const { executions, skills, runtimes, services, faults } = program;
  const given = servicesIn(services, env);
  const agents = [...program.agents, ...runtimes.flatMap(agentsOf)];
  const { agents: all, faults: wrong } = offered({
    ...{ agents, definitions: executions, skills },
    ...(given.faults.length === 0 ? { services: given.services } : {}),
  });
  const bundled = bundledManifests(program.manifests, all);
  const found = [
    ...[...keptFaults(), ...faults, ...given.faults, ...wrong, ...bundled.faults],
    ...[...unreachableModels(runtimes, env), ...bindingFaults(env), ...settingFaults(env)],
  ];
  if (found.length > 0) return new Misconfigured(inOne(found));
  const library = {
    agents: new Map(all.map((agent) => [agent.id, agent])),
    skills: new Map(skills.map((skill) => [skill.name, skill])),
  };
  const store = (asked: DecomposedTask) => storedDecomposition(plansOf(env), asked);
  const abilities = abilitiesIn(env);
  const builtIns = { manifest: manifestFunction(library), decomposition: decompositionFunction({ store, abilities }) };
  return { ...library, builtIns, manifests: bundled.manifests, services: given.services };
}

/** Role agents that name a provider which this deployment has no key for. */
function unreachableModels(runtimes: readonly Runtime[], env: Env): string[] {
  return runtimes.flatMap(({ agents }) =>
    Object.values(agents).flatMap(({ role, name, model: { provider } }) => {
      if (provider === undefined || isProviderReachable(env, provider)) return [];
      return [
        `${role} "${name}": the provider "${provider}" of its model is not configured: set its key, or name none`,
      ];
    }),
  );
}

function servicesIn(make: UserProgram["services"], env: Env) {
  const texts: ServiceTexts = {
    seal: (text, place) => sealerOf(env, OWNER).sealText(text, place),
    open: (stored, place) => sealerOf(env, OWNER).openText(stored, place),
  };
  try {
    return { services: { ...make(env as never, { texts }), [OUTBOUND]: outboundOf(env) }, faults: [] };
  } catch (error) {
    return { services: {}, faults: [`services: ${sentenceOfFault(error)}`] };
  }
}

/** A Worker that binds no directory has no agents. */
function abilitiesIn(env: Env) {
  const registry = pollingAgentClient(env.NODES, nodesMissing);
  const fault = ({ code, detail }: Refusal) => new StepError(code, detail);
  const parts = { registry, now: () => Date.now(), fault };
  return async (asked: Parameters<typeof abilitiesOf>[1]) => (env.NODES ? abilitiesOf(parts, asked) : []);
}

/** Stores it for the owner of the execution that found it, whose plan it has to be. */
async function storedDecomposition(plans: Plans, { tenant, owner, planId, decomposition }: DecomposedTask) {
  const caller = { tenant, subject: owner, scopes: ["execute"] } as const;
  const stored = await plans.amend(caller, planId, (plan, nowMs) => withDecomposition(plan, decomposition, nowMs));
  if (!stored.ok) throw new StepError("plan_refused", stored.detail);
  return { version: stored.value.version };
}
