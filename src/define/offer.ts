/**
 * What a runtime offers: agents, and the definitions that become functions of theirs. Read once at start-up; a part that is
 * doubled, missing or no schema is a fault here, with names, and not a surprise in the first execution.
 */
import type { AgentDefinition, FunctionDefinition } from "./agent.ts";
import { Agent } from "./agent.ts";
import { chatOf } from "./execution/agent-chat.ts";
import type { ExecutionDefinition } from "./execution.ts";
import { jsonSchemaOf } from "./json-schema.ts";
import type { StandardSchema } from "./schema.ts";
import { isSchema } from "./schema.ts";
import type { Skill } from "./skill.ts";

export interface Offer {
  readonly agents: readonly AgentDefinition[];
  /** Agents of definitions need not be in `agents`. */
  readonly definitions: readonly ExecutionDefinition[];
  readonly skills?: readonly Skill[];
  /** What tools, skills and functions need from outside, by name. */
  readonly services: Readonly<Record<string, unknown>>;
}

interface Offered {
  readonly agents: readonly AgentDefinition[];
  /** All of them, each a sentence. */
  readonly faults: readonly string[];
}

/** The agents with all their functions. Throws one error that names every fault. */
export function offer(offer: Offer): readonly AgentDefinition[] {
  const { agents, faults } = offered(offer);
  if (faults.length > 0) throw new Error(inOne(faults));
  return agents;
}

/** The faults as one text: a single one is its own sentence. */
export function inOne(faults: readonly string[]): string {
  if (faults.length === 1) return faults.join();
  return [`${faults.length} faults:`, ...faults.map((fault) => `- ${fault}`)].join("\n");
}

/** The agents with all their functions, and everything that is wrong with them. Without `services` none is looked for. */
export function offered({
  agents,
  definitions,
  skills = [],
  services,
}: Partial<Offer> & Omit<Offer, "services">): Offered {
  const faults: string[] = [];
  const owners = [...new Set([...agents, ...definitions.map(({ agent }) => agent)])];
  faults.push(...twins(owners), ...doubledKeys(definitions));
  const complete = owners.map((agent) => withChat(agent, withDefinitions(agent, definitions, faults)));
  faults.push(...doubledSchedules(complete), ...doubledSkills(skills));
  if (services)
    faults.push(...skills.flatMap((skill) => missing(services, `the skill "${skill.name}"`, skill.services)));
  for (const agent of complete) {
    if (services) faults.push(...missingServices(agent, services));
    faults.push(...badSchemas(agent));
  }
  return { agents: complete, faults };
}

/** Each two agents that claim one id, by their descriptions. */
function twins(agents: readonly AgentDefinition[]): string[] {
  const byId = new Map<string, AgentDefinition>();
  return agents.flatMap((agent) => {
    const twin = byId.get(agent.id);
    byId.set(agent.id, twin ?? agent);
    return twin ? [`agent id "${agent.id}" is claimed twice: by ${inWords(twin)} and by ${inWords(agent)}`] : [];
  });
}

function inWords({ description, version }: AgentDefinition): string {
  return `"${description}" (${version})`;
}

function doubledKeys(definitions: readonly ExecutionDefinition[]): string[] {
  const byKey = new Map<string, ExecutionDefinition>();
  return definitions.flatMap((definition) => {
    const twin = byKey.get(definition.key);
    byKey.set(definition.key, twin ?? definition);
    if (!twin) return [];
    const [first, second] = [twin, definition].map(({ name, agent }) => `"${name}" of ${agent.id}`);
    return [`the execution key "${definition.key}" is used twice: by ${first} and by ${second}`];
  });
}

function doubledSchedules(agents: readonly AgentDefinition[]): string[] {
  const known = new Map<string, string>();
  const all = agents.flatMap(({ id: agent, functions }) =>
    [...functions.values()].flatMap(({ name, schedules = [] }) =>
      schedules.map(({ id, owner }) => {
        const tenant = typeof owner === "string" ? "default" : owner?.tenant;
        return { id, place: JSON.stringify([tenant, id]), fn: `${agent}.${name}` };
      }),
    ),
  );
  return all.flatMap(({ id, place, fn }) => {
    const twin = known.get(place);
    known.set(place, twin ?? fn);
    return twin === undefined ? [] : [`the schedule "${id}" is declared twice: by ${twin} and by ${fn}`];
  });
}

function doubledSkills(skills: readonly Skill[]): string[] {
  const names = skills.map(({ name }) => name);
  const doubled = new Set(names.filter((name, at) => names.indexOf(name) !== at));
  return [...doubled].map((name) => `the skill "${name}" is in the list twice`);
}

function missing(services: Offer["services"], who: string, names: readonly string[]): string[] {
  return names
    .filter((name) => !Object.hasOwn(services, name) || services[name] === undefined)
    .map((name) => `${who} needs the service "${name}", and no service of that name was handed in`);
}

function missingServices({ id, functions }: AgentDefinition, services: Offer["services"]): string[] {
  return [...functions.values()].flatMap(({ name, services: own = [], execution }) => [
    ...missing(services, `the function ${id}.${name}`, own),
    ...(execution?.tools ?? []).flatMap((tool) =>
      missing(services, `the tool "${tool.name}" of ${id}.${name}`, tool.services),
    ),
  ]);
}

/** What is no schema, or one of zod that cannot be shown to callers. */
function badSchemas({ id, functions }: AgentDefinition): string[] {
  return [...functions.values()].flatMap(({ name, input, output }) =>
    (
      [
        ["input", input],
        ["output", output],
      ] as const
    ).flatMap(([io, schema]) => {
      const fault = faultOfSchema(schema, io);
      return fault === undefined ? [] : [`the function ${id}.${name}: its ${io} ${fault}`];
    }),
  );
}

function faultOfSchema(schema: StandardSchema, io: "input" | "output"): string | undefined {
  if (!isSchema(schema))
    return "is no schema: give one of zod, as z.object({ … }), or of another library with Standard Schema";
  try {
    jsonSchemaOf(schema, io);
    return undefined;
  } catch (error) {
    return `cannot be described as JSON Schema: ${error instanceof Error ? error.message : String(error)}`;
  }
}

/** An agent with a model can be talked to. */
function withChat(agent: AgentDefinition, complete: AgentDefinition): AgentDefinition {
  if (!(agent instanceof Agent) || agent.config === undefined) return complete;
  const chat = chatOf(agent, agent.config);
  const { id, description, version, tags, concurrency } = complete;
  const functions = new Map([...complete.functions, [chat.name, chat]]);
  return { id, description, version, tags, functions, ...(concurrency === undefined ? {} : { concurrency }) };
}

function withDefinitions(
  agent: AgentDefinition,
  definitions: readonly ExecutionDefinition[],
  faults: string[],
): AgentDefinition {
  const own = definitions.filter((definition) => definition.agent === agent);
  if (own.length === 0) return agent;
  const functions = new Map<string, FunctionDefinition>(agent.functions);
  const keys = new Set<string>();
  for (const { key, name, definition } of own) {
    // Of two definitions with one key the keys are the fault.
    if (agent.functions.has(key) && !keys.has(key))
      faults.push(`the execution "${name}" and a function of ${agent.id} are both called "${key}"`);
    keys.add(key);
    functions.set(key, definition);
  }
  const { id, description, version, tags, concurrency } = agent;
  return { id, description, version, tags, functions, ...(concurrency === undefined ? {} : { concurrency }) };
}
