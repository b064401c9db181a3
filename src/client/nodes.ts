/** Agents that run elsewhere, and what all agents offer. */
import type { z } from "zod";
import { ENDPOINTS } from "../contract/endpoints.ts";
import type { NodeBody } from "../contract/nodes/body.ts";
import { DoneBody, NodeList, NodeVersionsBody, RegisteredBody } from "../contract/nodes/body.ts";
import type { DiscoveryQuery } from "../contract/nodes/discovery.ts";
import { DiscoveryBody } from "../contract/nodes/discovery.ts";
import type { RegisterRequest } from "../contract/nodes/requests.ts";
import type { Exchange } from "./exchange.ts";
import type { Abortable } from "./options.ts";

export type NodeRegistration = z.input<typeof RegisterRequest>;

/** Which nodes: without any of these those that are there. */
export interface NodesFilter extends Abortable {
  readonly showAll?: boolean;
  readonly health?: "active" | "degraded" | "inactive";
  readonly teamId?: string;
  readonly groupId?: string;
}

/** As the query of discovery, under its own names; lists as lists. */
export type CapabilitiesFilter = Abortable & {
  readonly [Name in Exclude<keyof DiscoveryQuery, "format">]?: DiscoveryQuery[Name];
};

export class Nodes {
  readonly #exchange: Exchange;

  constructor(exchange: Exchange) {
    this.#exchange = exchange;
  }

  /** Registering the same node again replaces what it said before. */
  register(body: NodeRegistration, { signal }: Abortable = {}): Promise<z.infer<typeof RegisteredBody>> {
    return this.#exchange.call({ endpoint: ENDPOINTS.registerNode, body, signal, repeatable: true }, RegisteredBody);
  }

  /** By id and version; pages are fetched as they are needed. */
  async *list({
    showAll,
    health,
    teamId,
    groupId,
    signal,
  }: NodesFilter = {}): AsyncGenerator<z.infer<typeof NodeBody>> {
    const asked = { show_all: showAll ? "true" : undefined, health_status: health, team_id: teamId, group_id: groupId };
    let cursor: string | null = null;
    do {
      const query = { ...asked, cursor: cursor ?? undefined };
      const page: z.infer<typeof NodeList> = await this.#exchange.call(
        { endpoint: ENDPOINTS.listNodes, query, signal },
        NodeList,
      );
      yield* page.nodes;
      cursor = page.next_cursor;
    } while (cursor !== null);
  }

  get(id: string, { signal }: Abortable = {}): Promise<z.infer<typeof NodeVersionsBody>> {
    return this.#exchange.call({ endpoint: ENDPOINTS.getNode, params: { node_id: id }, signal }, NodeVersionsBody);
  }

  /** Forgets a node with all its versions. */
  remove(id: string, { signal }: Abortable = {}): Promise<z.infer<typeof DoneBody>> {
    return this.#exchange.call({ endpoint: ENDPOINTS.removeNode, params: { node_id: id }, signal }, DoneBody);
  }

  /** One page of what local and remote agents offer. */
  discover({ signal, ...filter }: CapabilitiesFilter = {}): Promise<z.infer<typeof DiscoveryBody>> {
    const query = Object.fromEntries(
      Object.entries(filter).map(([name, value]) => [name, value === undefined ? value : String(value)]),
    );
    return this.#exchange.call({ endpoint: ENDPOINTS.discoverCapabilities, query, signal }, DiscoveryBody);
  }
}
