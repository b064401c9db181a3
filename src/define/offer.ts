/**
 * What a runtime offers: agents, and the definitions that become functions of theirs. Read once at start-up; whatever is
 * doubled or missing is an error here, with names, and not a surprise in the first execution.
 */
import type { AgentDefinition, FunctionDefinition } from "./agent.ts";
import type { ExecutionDefinition } from "./execution.ts";

export interface Offer {
  readonly agents: readonly AgentDefinition[];
  /** Agents of definitions need not be in `agents`. */
  readonly definitions: readonly ExecutionDefinition[];
  /** What tools and functions need from outside, by name. */
  readonly services: Readonly<Record<string, unknown>>;
}

/** The agents with all their functions. Throws on a doubled agent, a doubled key, or a service that nobody handed in. */
export function offer({ agents, definitions, services }: Offer): readonly AgentDefinition[] {
  const owners = [...new Set([...agents, ...definitions.map(({ agent }) => agent)])];
  withoutTwins(owners);
  withoutDoubledKeys(definitions);
  const offered = owners.map((agent) => withDefinitions(agent, definitions));
  for (const agent of offered) requireServices(agent, services);
  return offered;
}

/** Throws when two agents claim one id, naming both. */
export function withoutTwins(agents: readonly AgentDefinition[]): readonly AgentDefinition[] {
  const byId = new Map<string, AgentDefinition>();
  for (const agent of agents) {
    const twin = byId.get(agent.id);
    if (twin) throw new Error(`agent id "${agent.id}" is claimed twice: by ${inWords(twin)} and by ${inWords(agent)}`);
    byId.set(agent.id, agent);
  }
  return agents;
}

function inWords({ description, version }: AgentDefinition): string {
  return `"${description}" (${version})`;
}

function withoutDoubledKeys(definitions: readonly ExecutionDefinition[]): void {
  const byKey = new Map<string, ExecutionDefinition>();
  for (const definition of definitions) {
    const twin = byKey.get(definition.key);
    if (twin) {
      const [first, second] = [twin, definition].map(({ name, agent }) => `"${name}" of ${agent.id}`);
      throw new Error(`the execution key "${definition.key}" is used twice: by ${first} and by ${second}`);
    }
    byKey.set(definition.key, definition);
  }
}

function requireServices({ id, functions }: AgentDefinition, services: Offer["services"]): void {
  const require = (who: string, names: readonly string[]) => {
    const missing = names.find((name) => !Object.hasOwn(services, name) || services[name] === undefined);
    if (missing !== undefined) throw new Error(`${who} needs the service "${missing}", and nobody handed it in`);
  };
  for (const { name, services: own = [], execution } of functions.values()) {
    require(`the function ${id}.${name}`, own);
    for (const tool of execution?.tools ?? []) require(`the tool "${tool.name}" of ${id}.${name}`, tool.services);
  }
}

function withDefinitions(agent: AgentDefinition, definitions: readonly ExecutionDefinition[]): AgentDefinition {
  const own = definitions.filter((definition) => definition.agent === agent);
  if (own.length === 0) return agent;
  const functions = new Map<string, FunctionDefinition>(agent.functions);
  for (const { key, name, definition } of own) {
    if (functions.has(key))
      throw new Error(`the execution "${name}" and a function of ${agent.id} are both called "${key}"`);
    functions.set(key, definition);
  }
  const { id, description, version, tags } = agent;
  return { id, description, version, tags, functions };
}
