/** What exists to be executed: told from the code, with the times that the registry knows. */
import type { NamesQuery } from "../contract/query-values.ts";
import { iso } from "../contract/wire.ts";
import type { AgentDefinition, FunctionDefinition } from "../define/agent.ts";
import { jsonSchemaOf } from "../define/json-schema.ts";
import type { Principal } from "../domain/execution/principal.ts";
import { MAX_FILE_BYTES, MAX_FILES } from "../domain/execution/stored-file.ts";
import { formatTarget } from "../domain/execution/target.ts";
import type { AgentRecord, ServedAgent } from "../domain/read-models/agent-record.ts";
import type { Result } from "../domain/values/fault.ts";
import { accept, refuse } from "../domain/values/fault.ts";
import type { Json } from "../domain/values/json.ts";
import type { Schema } from "../domain/values/json-example.ts";
import { jsonExample } from "../domain/values/json-example.ts";
import { pageByName } from "./page-of.ts";
import type { AgentRegistry, Catalog } from "./ports.ts";
import type { RemoteAgents } from "./remote-agents.ts";

interface Needs {
  readonly catalog: Catalog;
  /** Agents that run elsewhere. */
  readonly remote: RemoteAgents;
  readonly registry: AgentRegistry;
  readonly log: (entry: Readonly<Record<string, unknown>>) => void;
}

interface Page {
  readonly items: readonly object[];
  readonly nextCursor: string | null;
}

export class Agents {
  readonly #needs: Needs;

  constructor(needs: Needs) {
    this.#needs = needs;
  }

  /** Local agents, then remote ones. With JSON Schemas where the schema library can write them. */
  async list(caller: Principal, query: NamesQuery): Promise<Result<Page>> {
    const { catalog, remote } = this.#needs;
    const { limit, cursor } = query;
    if (cursor !== undefined && !catalog.agents.has(cursor)) return remote.page(caller, { limit, after: cursor });
    const known = await this.#records();
    const agents = [...catalog.agents.values()];
    const local = pageByName<object>(
      agents.map((agent) => [agent.id, agentBody(agent, known.get(agent.id))] as const),
      query,
    );
    if (!local.ok || local.value.nextCursor !== null) return local;
    const { items } = local.value;
    const room = limit - items.length;
    const more = await remote.page(caller, { limit: Math.max(1, room), after: undefined });
    if (!more.ok) return more;
    if (room > 0) return accept({ items: [...items, ...more.value.items], nextCursor: more.value.nextCursor });
    // The page is full: its last name leads to the remote ones, where there are any.
    return accept({ items, nextCursor: more.value.items.length > 0 ? (agents.at(-1)?.id ?? null) : null });
  }

  async one(caller: Principal, id: string): Promise<Result<object>> {
    const agent = this.#needs.catalog.agents.get(id);
    if (!agent) return (await this.#needs.remote.one(caller, id)) ?? noAgent(id);
    return accept(agentBody(agent, (await this.#records()).get(id)));
  }

  /** How many agents this deployment has. */
  get count(): number {
    return this.#needs.catalog.agents.size;
  }

  /** The agentic executions of one agent. */
  definitions(id: string, query: NamesQuery): ReturnType<typeof pageByName<object>> {
    return listDefinitions(this.#needs.catalog, id, query);
  }

  /** A start of each function that a reader of the API can try. */
  examples(): TargetExample[] {
    return targetExamples(this.#needs.catalog);
  }

  /** Notes in the registry what is in the code now. */
  record(atMs: number): Promise<void> {
    return this.#needs.registry.record([...this.#needs.catalog.agents.values()].map(served), atMs);
  }

  /** The agents are in the code: a registry that is away costs their times only. */
  async #records(): Promise<ReadonlyMap<string, AgentRecord>> {
    try {
      return new Map((await this.#needs.registry.records()).map((record) => [record.id, record]));
    } catch (error) {
      this.#needs.log({ level: "warn", message: "agents are told without their times", error: String(error) });
      return new Map();
    }
  }
}

/** A start that a reader of the API can try. */
export interface TargetExample {
  readonly target: string;
  readonly description: string;
  readonly takesFiles: boolean;
  /** The least that fits, made of the schema of the function's input. */
  readonly input: Json;
}

function targetExamples({ agents }: Catalog): TargetExample[] {
  return [...agents.values()].flatMap((agent) =>
    [...agent.functions.values()].map(({ name, description, input, files }) => ({
      target: formatTarget({ agent: agent.id, fn: name }),
      description,
      takesFiles: files !== undefined,
      input: exampleOf((jsonSchemaOf(input, "input") ?? { type: "object" }) as Schema),
    })),
  );
}

/** Texts are named after their fields, so that no two are the same. */
function exampleOf(schema: Schema): Json {
  const { properties, required } = schema as { properties?: Record<string, Schema>; required?: string[] };
  const plain = Object.entries(properties ?? {}).filter(
    ([name, { type, format, pattern, minLength = 0 }]) =>
      required?.includes(name) && type === "string" && !format && !pattern && Number(minLength) <= name.length,
  );
  return jsonExample(schema, JSON.stringify(Object.fromEntries(plain.map(([name]) => [name, name]))));
}

const noAgent = (id: string) => refuse("not_found", `there is no agent "${id.slice(0, 200)}"`);

function served({ id, version, functions }: AgentDefinition): ServedAgent {
  const listed = [...functions.values()].map(({ name, kind }) => ({ name, kind }));
  return { id, version, functions: JSON.stringify(listed.sort((a, b) => (a.name < b.name ? -1 : 1))) };
}

/** The agentic executions of one agent. */
export function listDefinitions(
  { agents }: Catalog,
  id: string,
  query: NamesQuery,
): ReturnType<typeof pageByName<object>> {
  const agent = agents.get(id);
  if (!agent) return noAgent(id);
  const all = [...agent.functions.values()].flatMap((definition) =>
    definitionBody(id, definition).map((body) => [definition.name, body] as const),
  );
  return pageByName(all, query);
}

function definitionBody(agent: string, { name, description, input, output, execution }: FunctionDefinition): object[] {
  if (!execution) return [];
  return [
    {
      key: name,
      name: execution.name,
      description,
      agent_id: agent,
      target: formatTarget({ agent, fn: name }),
      input_schema: jsonSchemaOf(input, "input"),
      output_schema: jsonSchemaOf(output, "output"),
      failure_codes: execution.failureCodes,
    },
  ];
}

function agentBody(agent: AgentDefinition, record: AgentRecord | undefined) {
  const { id, description, version, tags, functions } = agent;
  return {
    agent_id: id,
    kind: "local",
    description,
    version,
    tags,
    concurrency: agent.concurrency,
    ...(record && { registered_at: iso(record.createdAtMs) }),
    ...(record && matchesServed(record, served(agent)) && { updated_at: iso(record.updatedAtMs) }),
    functions: [...functions.values()].map((definition) => functionBody(id, definition)),
  };
}

/** For up to a minute after a deployment the record is that of the code before. */
function matchesServed({ version, functions, retiredAtMs }: AgentRecord, now: ServedAgent): boolean {
  return version === now.version && functions === now.functions && retiredAtMs === null;
}

/** `per_key`: so many for each text that is made of an input. */
function limitBody(concurrency: FunctionDefinition["concurrency"]) {
  if (concurrency === undefined) return undefined;
  const { limit, key } = typeof concurrency === "number" ? { limit: concurrency } : concurrency;
  return { limit, per_key: key !== undefined };
}

function functionBody(
  agent: string,
  { name, kind, description, tags, input, output, files, concurrency, priority }: FunctionDefinition,
) {
  const target = formatTarget({ agent, fn: name });
  return {
    name,
    target,
    type: kind,
    description,
    tags,
    input_schema: jsonSchemaOf(input, "input"),
    output_schema: jsonSchemaOf(output, "output"),
    files: files && { types: files.types, max: Math.min(files.max ?? MAX_FILES, MAX_FILES), max_bytes: MAX_FILE_BYTES },
    concurrency: limitBody(concurrency),
    priority,
  };
}
