/** What exists to be executed: told from the code, with the times that the registry knows. */

import { manifestAgentBody } from "../../contract/manifests/agent-body.ts";
import type { NamesQuery } from "../../contract/query-values.ts";
import { iso } from "../../contract/wire.ts";
import type { AgentDefinition, FunctionDefinition } from "../../define/agent.ts";
import { jsonSchemaOf } from "../../define/json-schema.ts";
import type { Principal } from "../../domain/execution/principal.ts";
import { MAX_FILE_BYTES, MAX_FILES } from "../../domain/execution/stored-file.ts";
import { formatTarget } from "../../domain/execution/target.ts";
import type { AgentRecord, ServedAgent } from "../../domain/read-models/agent-record.ts";
import type { Result } from "../../domain/values/fault.ts";
import { accept, refuse } from "../../domain/values/fault.ts";
import type { Json } from "../../domain/values/json.ts";
import type { Schema } from "../../domain/values/json-example.ts";
import { jsonExample } from "../../domain/values/json-example.ts";
import { chained } from "../chained-pages.ts";
import type { StoredManifests } from "../manifests/stored-manifests.ts";
import type { RemoteAgents } from "../nodes/remote-agents.ts";
import { pageByName } from "../page-of.ts";
import type { AgentRegistry, Catalog } from "../ports.ts";

interface Needs {
  readonly catalog: Catalog;
  /** Agents that run elsewhere. */
  readonly remote: RemoteAgents;
  /** Agents that a manifest declares. */
  readonly manifests: Pick<StoredManifests, "one" | "page">;
  readonly registry: AgentRegistry;
  readonly log: (entry: Readonly<Record<string, unknown>>) => void;
}

interface Page {
  readonly items: readonly object[];
  readonly nextCursor: string | null;
}

/** Begins a cursor that names an agent with a manifest: no id of an agent holds a colon. */
const OF_MANIFEST = "manifest:";

export class Agents {
  readonly #needs: Needs;

  constructor(needs: Needs) {
    this.#needs = needs;
  }

  /** Lists agents of the code, then those with a manifest, then nodes. With JSON Schemas where the schema library can write them. */
  list(caller: Principal, query: NamesQuery): Promise<Result<Page>> {
    const { catalog, remote, manifests } = this.#needs;
    return chained(query, [
      {
        holds: (cursor) => (catalog.agents.has(cursor) ? cursor : undefined),
        cursorOf: (last) => last,
        page: async (page) => pageByName<object>(await this.#localBodies(), { ...page, cursor: page.after }),
      },
      {
        holds: (cursor) => (cursor.startsWith(OF_MANIFEST) ? cursor.slice(OF_MANIFEST.length) : undefined),
        cursorOf: (last) => `${OF_MANIFEST}${last}`,
        page: async (page) => {
          const { items, nextCursor } = await manifests.page(caller, page);
          return accept({ items: items.map((agent) => manifestAgentBody(agent)), nextCursor });
        },
      },
      { holds: (cursor) => cursor, cursorOf: (last) => last, page: (page) => remote.page(caller, page) },
    ]);
  }

  async #localBodies() {
    const known = await this.#records();
    return [...this.#needs.catalog.agents.values()].map(
      (agent) => [agent.id, agentBody(agent, known.get(agent.id))] as const,
    );
  }

  /** `version`: of an agent with a manifest; without it the current one. */
  async one(caller: Principal, id: string, version?: string): Promise<Result<object>> {
    const { catalog, manifests, remote } = this.#needs;
    const agent = catalog.agents.get(id);
    if (agent) return accept(agentBody(agent, (await this.#records()).get(id)));
    const kept = await manifests.one(caller, id, version);
    if (kept.ok) return accept(manifestAgentBody(kept.value, kept.value.manifest));
    if (kept.code !== "agent_not_found") return kept;
    if (version !== undefined) return refuse("not_found", kept.detail);
    return (await remote.one(caller, id)) ?? noAgent(id);
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
  readonly needsSession: boolean;
  /** The least that fits, made of the schema of the function's input. */
  readonly input: Json;
}

function targetExamples({ agents }: Catalog): TargetExample[] {
  return [...agents.values()].flatMap((agent) =>
    [...agent.functions.values()].map(({ name, description, input, files, needsSession }) => ({
      target: formatTarget({ agent: agent.id, fn: name }),
      description,
      takesFiles: files !== undefined,
      needsSession: needsSession === true,
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
