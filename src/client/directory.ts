/** What a deployment offers, and what waits for people in it: lists that belong to no single execution. */
import type { z } from "zod";
import type { InboxItem } from "../contract/approvals/inbox.ts";
import { Inbox } from "../contract/approvals/inbox.ts";
import { ENDPOINTS } from "../contract/endpoints.ts";
import type { AgentBody } from "../contract/replies.ts";
import { AgentList } from "../contract/replies.ts";
import { SessionList, SessionRuns } from "../contract/runs/sessions.ts";
import type { Exchange } from "./transport/exchange.ts";
import type { Abortable } from "./transport/options.ts";

export type AgentSummary = z.infer<typeof AgentBody>;
export type Approval = InboxItem;
export type SessionSummary = z.infer<typeof SessionList>["items"][number];
export type SessionRun = z.infer<typeof SessionRuns>["items"][number];

export interface InboxFilter extends Abortable {
  /** Default `pending`. */
  readonly status?: Approval["status"] | readonly Approval["status"][];
  readonly agentId?: string;
  readonly sessionId?: string;
  readonly cursor?: string;
  /** At most 200; default 25. */
  readonly limit?: number;
}

export class Directory {
  readonly #exchange: Exchange;

  constructor(exchange: Exchange) {
    this.#exchange = exchange;
  }

  /** All agents with their functions; pages are fetched as they are needed. */
  async *agents({ signal }: Abortable = {}): AsyncGenerator<AgentSummary> {
    let cursor: string | undefined;
    do {
      const call = { endpoint: ENDPOINTS.listAgents, query: { cursor }, signal };
      const page: z.infer<typeof AgentList> = await this.#exchange.call(call, AgentList);
      yield* page.items;
      cursor = page.next_cursor ?? undefined;
    } while (cursor !== undefined);
  }

  /** One page of the inbox of approvals, the newest request first. */
  approvals({ status, agentId, sessionId, cursor, limit, signal }: InboxFilter = {}): Promise<z.infer<typeof Inbox>> {
    const statuses = status === undefined || typeof status === "string" ? status : status.join(",");
    const query = { status: statuses, agent_id: agentId, session_id: sessionId, cursor, limit };
    return this.#exchange.call({ endpoint: ENDPOINTS.listApprovals, query, signal }, Inbox);
  }

  /** Sessions, newest first by their first execution; pages are fetched as they are needed. */
  async *sessions({ signal }: Abortable = {}): AsyncGenerator<SessionSummary> {
    let cursor: string | null = null;
    do {
      const call = { endpoint: ENDPOINTS.listSessions, query: { limit: 100, cursor: cursor ?? undefined }, signal };
      const page: z.infer<typeof SessionList> = await this.#exchange.call(call, SessionList);
      yield* page.items;
      cursor = page.next_cursor;
    } while (cursor !== null);
  }

  /** The runs of a session, newest first; pages are fetched as they are needed. */
  async *runsOf(sessionId: string, { signal }: Abortable = {}): AsyncGenerator<SessionRun> {
    let cursor: string | null = null;
    do {
      const query = { limit: 100, cursor: cursor ?? undefined };
      const call = { endpoint: ENDPOINTS.getSession, params: { session_id: sessionId }, query, signal };
      const page: z.infer<typeof SessionRuns> = await this.#exchange.call(call, SessionRuns);
      yield* page.items;
      cursor = page.next_cursor;
    } while (cursor !== null);
  }
}
