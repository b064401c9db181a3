/** Conversations of sessions, as they are remembered. */
import * as z from "zod";
import { ENDPOINTS } from "../contract/endpoints.ts";
import { ThreadBody, ThreadList } from "../contract/runs/threads.ts";
import type { Exchange } from "./transport/exchange.ts";
import type { Abortable } from "./transport/options.ts";

export interface ThreadOptions extends Abortable {
  /** Whose: default those of the key's own subject. Another's only with the scope `admin`. */
  readonly owner?: string;
}
export type ThreadSummary = z.infer<typeof ThreadList>["items"][number];
export type ConversationThread = ThreadBody;

export class Threads {
  readonly #exchange: Exchange;

  constructor(exchange: Exchange) {
    this.#exchange = exchange;
  }

  /** The conversations of a session, by agent; pages are fetched as they are needed. */
  async *list(sessionId: string, { owner, signal }: ThreadOptions = {}): AsyncGenerator<ThreadSummary> {
    let cursor: string | null = null;
    do {
      const query = { limit: 100, cursor: cursor ?? undefined, owner };
      const call = { endpoint: ENDPOINTS.listThreads, params: { session_id: sessionId }, query, signal };
      const page: z.infer<typeof ThreadList> = await this.#exchange.call(call, ThreadList);
      yield* page.items;
      cursor = page.next_cursor;
    } while (cursor !== null);
  }

  /** Rejects with `not_found` where nothing is remembered. */
  get(sessionId: string, agent: string, { owner, signal }: ThreadOptions = {}): Promise<ConversationThread> {
    const params = { session_id: sessionId, agent };
    return this.#exchange.call({ endpoint: ENDPOINTS.getThread, params, query: { owner }, signal }, ThreadBody);
  }

  /** The next message of the session begins a new conversation. Logs of executions stay. Rejects with `not_found` likewise. */
  async forget(sessionId: string, agent: string, { owner, signal }: ThreadOptions = {}): Promise<void> {
    const params = { session_id: sessionId, agent };
    const call = { endpoint: ENDPOINTS.forgetThread, params, query: { owner }, signal };
    await this.#exchange.call(call, z.null());
  }
}
