/** Agents that run elsewhere, and what all agents offer. */
import type { z } from "zod";
import { ENDPOINTS } from "../contract/endpoints.ts";
import type { NodeBody } from "../contract/nodes/body.ts";
import { DoneBody, NodeList, NodeVersionsBody, RegisteredBody } from "../contract/nodes/body.ts";
import type { DiscoveryQuery } from "../contract/nodes/discovery.ts";
import { DiscoveryBody } from "../contract/nodes/discovery.ts";
import type { LogsRequest } from "../contract/nodes/logs.ts";
import { LogsTaken } from "../contract/nodes/logs.ts";
import type { ReportRequest, WorkflowEventRequest } from "../contract/nodes/reports.ts";
import { HeaderNoteBody, ReportBody, WorkflowEventBody } from "../contract/nodes/reports.ts";
import type { RegisterRequest } from "../contract/nodes/requests.ts";
import type { Exchange } from "./transport/exchange.ts";
import type { Abortable } from "./transport/options.ts";

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

/** How an execution goes that a node works at: its end, or that it waits. */
export type NodeReport = z.input<typeof ReportRequest>;
/** Lines of a node's log about an execution. */
export type NodeLine = NonNullable<z.input<typeof LogsRequest>["entries"]>[number];
/** What became of a call within a node, which has an id of the node's own. */
export type NodeCall = z.input<typeof WorkflowEventRequest>;

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

  /** For a node: tells how an execution goes. Said again it changes nothing: `applied` is false then. */
  report(executionId: string, body: NodeReport, { signal }: Abortable = {}): Promise<z.infer<typeof ReportBody>> {
    const call = { endpoint: ENDPOINTS.reportStatus, params: { id: executionId }, body, signal, repeatable: true };
    return this.#exchange.call(call, ReportBody);
  }

  /** For a node: writes lines about an execution. Those that there is no room for are not `accepted`. */
  writeLines(
    executionId: string,
    entries: readonly NodeLine[],
    { signal }: Abortable = {},
  ): Promise<z.infer<typeof LogsTaken>> {
    const call = { endpoint: ENDPOINTS.reportLogs, params: { id: executionId }, body: { entries }, signal };
    return this.#exchange.call(call, LogsTaken);
  }

  /** For a node: adds a note to the execution that it works at. */
  note(
    executionId: string,
    message: string,
    { tags = [], signal }: Abortable & { readonly tags?: readonly string[] } = {},
  ): Promise<z.infer<typeof HeaderNoteBody>> {
    const headers = { "x-execution-id": executionId };
    return this.#exchange.call(
      { endpoint: ENDPOINTS.noteByHeader, body: { message, tags }, headers, signal },
      HeaderNoteBody,
    );
  }

  /** For a node: what became of a call of one of its functions by another one. Said again it replaces what was said. */
  reportCall(body: NodeCall, { signal }: Abortable = {}): Promise<z.infer<typeof WorkflowEventBody>> {
    return this.#exchange.call(
      { endpoint: ENDPOINTS.workflowEvent, body, signal, repeatable: true },
      WorkflowEventBody,
    );
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
