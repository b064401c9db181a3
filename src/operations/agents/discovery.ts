/** What can be called: local and remote agents in one search, local ones first, then nodes by their ids. */
import type { Discovered, DiscoveryQuery, FoundAgent, FoundFunction } from "../../contract/nodes/discovery.ts";
import type { AgentDefinition } from "../../define/agent.ts";
import { jsonSchemaOf } from "../../define/json-schema.ts";
import type { Principal } from "../../domain/execution/principal.ts";
import { fittingFunctions } from "../../domain/node/capabilities.ts";
import type { NodeFunction, NodeView } from "../../domain/node/node.ts";
import { outlineOf } from "../../domain/node/node.ts";
import type { CapabilityFilter } from "../../domain/node/node-command.ts";
import type { Result } from "../../domain/values/fault.ts";
import { accept } from "../../domain/values/fault.ts";
import type { NodeRegistry } from "../nodes/ports.ts";
import type { Catalog } from "../ports.ts";

export interface DiscoveryParts {
  readonly catalog: Catalog;
  readonly registry: Pick<NodeRegistry, "discover">;
  readonly now: () => number;
}

type Wanted = Pick<
  DiscoveryQuery,
  "include_input_schema" | "include_output_schema" | "include_descriptions" | "include_examples"
>;

export class Discovery {
  readonly #parts: DiscoveryParts;

  constructor(parts: DiscoveryParts) {
    this.#parts = parts;
  }

  /** `baseUrl`: where local agents are reached, which is here. */
  async capabilities(caller: Principal, query: DiscoveryQuery, baseUrl: string): Promise<Result<Discovered>> {
    const { limit, offset } = query;
    const { catalog, registry, now } = this.#parts;
    const atMs = now();
    const filter = filterOf(query);
    const local = localAgents(catalog, filter).map((agent) => ({ ...agent, baseUrl, lastHeartbeatMs: atMs }));
    const shown = local.slice(offset, offset + limit).map((agent) => trimmed(agent, query));
    const rest = { offset: Math.max(0, offset - local.length), limit: limit - shown.length };
    const found = await registry.discover(caller, filter, rest);
    if (!found.ok) return found;
    const { totals, nodes, cut } = found.value;
    const agents = [...shown, ...nodes.map((view) => trimmed(remoteAgent(view), query))];
    const count = (kind: FoundFunction["kind"]) =>
      local.reduce((sum, { functions }) => sum + functions.filter((fn) => fn.kind === kind).length, 0);
    const all = {
      agents: local.length + totals.agents,
      reasoners: count("reasoner") + totals.reasoners,
      skills: count("skill") + totals.skills,
    };
    // A page that was full before its end says how far it went, so that the next one begins there.
    const page = { limit: cut ? agents.length : limit, offset, hasMore: offset + agents.length < all.agents };
    return accept({ atMs, totals: all, page, agents });
  }
}

function filterOf(query: DiscoveryQuery): CapabilityFilter {
  const { agent, node_id, agent_ids, node_ids, reasoner, skill, tags, health_status: health } = query;
  const one = agent?.trim() || node_id?.trim();
  const ids = [...(one ? [one] : []), ...agent_ids, ...node_ids];
  return { ids, reasoner: reasoner?.trim() || undefined, skill: skill?.trim() || undefined, tags, health };
}

type LocalAgent = Omit<FoundAgent, "baseUrl" | "lastHeartbeatMs">;

function localAgents({ agents }: Catalog, filter: CapabilityFilter): LocalAgent[] {
  if (filter.health !== undefined && filter.health !== "active") return [];
  return [...agents.values()].flatMap((agent) => {
    if (filter.ids.length > 0 && !filter.ids.includes(agent.id)) return [];
    const functions = fittingFunctions(localFunctions(agent), filter);
    const { id, version } = agent;
    return functions.length === 0
      ? []
      : [{ id, groupId: "", version, health: "active" as const, deployment: "local", functions }];
  });
}

/** Whatever is no skill is called as reasoners are. */
function localFunctions({ functions, tags: ofAgent }: AgentDefinition): FoundFunction[] {
  return [...functions.values()].map(({ name, kind, description, tags, input, output }) => ({
    id: name,
    kind: kind === "skill" ? "skill" : "reasoner",
    tags: [...new Set([...ofAgent, ...tags])],
    description,
    inputSchema: jsonSchemaOf(input, "input"),
    outputSchema: jsonSchemaOf(output, "output"),
    examples: undefined,
  }));
}

function remoteAgent({ record, state }: NodeView): FoundAgent {
  const { id, groupId, baseUrl, version, deployment, reasoners, skills } = record;
  const all = new Map([...skills, ...reasoners].map((fn) => [fn.id, fn]));
  const functions = outlineOf(record).flatMap(({ id: name, kind }) => {
    const fn = all.get(name);
    return fn ? [remoteFunction(fn, kind, record.more)] : [];
  });
  const { health, lastHeartbeatMs } = state;
  return { id, groupId, baseUrl, version, health, deployment, lastHeartbeatMs, functions };
}

/** Descriptions and examples of older SDKs stand in the registration's `metadata.custom`, by the function's name. */
function remoteFunction(
  fn: NodeFunction,
  kind: FoundFunction["kind"],
  more: NodeView["record"]["more"],
): FoundFunction {
  const { id, tags, description, inputSchema, outputSchema } = fn;
  const custom = field(more.metadata, "custom");
  const told = field(field(custom, "descriptions"), id);
  return {
    ...{ id, kind, tags, inputSchema: inputSchema ?? undefined, outputSchema: outputSchema ?? undefined },
    description: description || (typeof told === "string" ? told : undefined),
    examples: fn.more.examples ?? field(field(custom, "examples"), id),
  };
}

/** A field of what may be an object. */
function field(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null && Object.hasOwn(value, name)
    ? Reflect.get(value, name)
    : undefined;
}

function trimmed(agent: FoundAgent, wanted: Wanted): FoundAgent {
  const functions = agent.functions.map((fn) => ({
    ...fn,
    description: wanted.include_descriptions ? fn.description : undefined,
    inputSchema: wanted.include_input_schema ? fn.inputSchema : undefined,
    outputSchema: wanted.include_output_schema ? fn.outputSchema : undefined,
    examples: wanted.include_examples ? fn.examples : undefined,
  }));
  return { ...agent, functions };
}
