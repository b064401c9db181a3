/** Nodes as agents: what a list of agents shows of them, and what a start of their functions hears. */
import { iso } from "../../contract/wire.ts";
import { remoteDefinition } from "../../define/remote-function.ts";
import type { Principal } from "../../domain/execution/principal.ts";
import type { NodeView } from "../../domain/node/node.ts";
import { Health, NODE_ID, outlineOf, parseNodeTarget } from "../../domain/node/node.ts";
import type { Result } from "../../domain/values/fault.ts";
import { accept, refuse } from "../../domain/values/fault.ts";
import type { Found, TargetAsked } from "../target.ts";
import { remoteOf } from "./dispatches.ts";
import { inputSchemaOf } from "./node-inputs.ts";
import type { NodeDirectory, NodeRegistry } from "./ports.ts";

export class RemoteAgents {
  readonly #registry: NodeDirectory & Pick<NodeRegistry, "list" | "one">;
  readonly #calls: NodeDirectory;

  /** `calls`: where a call goes, where that is not as the registry picks. */
  constructor(registry: NodeDirectory & Pick<NodeRegistry, "list" | "one">, calls: NodeDirectory = registry) {
    this.#registry = registry;
    this.#calls = calls;
  }

  /** By id, behind `after`. */
  async page(
    caller: Principal,
    { limit, after }: { readonly limit: number; readonly after: string | undefined },
  ): Promise<Result<{ readonly items: readonly object[]; readonly nextCursor: string | null }>> {
    const filter = { health: Health.options, teamId: undefined, groupId: undefined, newestOnly: true };
    if (after !== undefined && !(await this.#knows(caller, after)))
      return refuse("invalid_cursor", "cursor: nothing of this list has that name now");
    const cursor = after === undefined ? undefined : ([after, ""] as const);
    const found = await this.#registry.list(caller, filter, { after: cursor, limit });
    if (!found.ok) return found;
    return accept({ items: found.value.nodes.map(remoteBody), nextCursor: found.value.next?.[0] ?? null });
  }

  /** Whether a queue of this name would count anything. */
  async offers(caller: Principal, id: string, fn?: string): Promise<boolean> {
    if (fn !== undefined)
      return (
        parseNodeTarget(`${id}.${fn}`) !== undefined && (await this.#registry.route(caller, { nodeId: id, fn })).ok
      );
    return this.#knows(caller, id);
  }

  async #knows(caller: Principal, id: string): Promise<boolean> {
    return NODE_ID.test(id) && (await this.#registry.one(caller, id)).ok;
  }

  /** `undefined`: no node has this id. */
  async one(caller: Principal, id: string): Promise<Result<object> | undefined> {
    if (!NODE_ID.test(id)) return undefined;
    const found = await this.#registry.one(caller, id);
    if (found.ok) return accept(remoteBody(found.value[0]));
    return found.code === "not_found" ? undefined : found;
  }

  /**
   * The function of a node that a target names; `undefined`: it is none of a node's. A caller that waits hears at once that the
   * node is down, before anything is stored.
   */
  async targetOf(
    caller: Principal,
    { target, kind: meant, waitMs, key }: TargetAsked,
  ): Promise<Result<Found> | undefined> {
    const parsed = parseNodeTarget(target);
    if (!parsed) return undefined;
    const routed = await this.#calls.route(caller, { ...parsed, ...(key === undefined ? {} : { key }) });
    if (!routed.ok) return routed.code === "not_found" ? undefined : routed;
    const { nodeId, version, presence, fn } = routed.value;
    if (meant !== undefined && routed.value.kind !== meant)
      return refuse("target_not_found", `'${fn}' of agent '${nodeId}' is a ${routed.value.kind}`);
    if (presence === "down" && waitMs > 0)
      return { ...refuse("node_unavailable", `the node '${nodeId}' is down`), routedVersion: version };
    const { kind, node, remote, agentLimit } = remoteOf(routed.value);
    const definition = remoteDefinition({ fn, kind }, remote);
    const { inputSchema } = routed.value;
    const checks = inputSchema === undefined ? undefined : inputSchemaOf(inputSchema);
    const checked = checks?.ok ? { ...definition, input: checks.value } : definition;
    return accept({ agent: nodeId, version, definition: checked, agentLimit, remote, node });
  }
}

function remoteBody({ record, state }: NodeView) {
  const { id, version, tags, baseUrl, deployment, reasoners, skills } = record;
  const all = new Map([...skills, ...reasoners].map((fn) => [fn.id, fn]));
  const at = iso(state.registeredAtMs);
  return {
    agent_id: id,
    kind: "remote",
    node: {
      base_url: baseUrl,
      deployment_type: deployment,
      health_status: state.health,
      last_heartbeat: iso(state.lastHeartbeatMs),
    },
    description: "",
    version,
    tags,
    registered_at: at,
    updated_at: at,
    functions: outlineOf(record).map(({ id: name, kind, description, tags: own }) => ({
      ...{ name, target: `${id}.${name}`, type: kind, description, tags: own },
      input_schema: all.get(name)?.inputSchema ?? undefined,
      output_schema: all.get(name)?.outputSchema ?? undefined,
    })),
  };
}
