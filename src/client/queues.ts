/** Queues under concurrency limits: what waits and runs there, and an operator's word about them. */
import type { z } from "zod";
import { ENDPOINTS } from "../contract/endpoints.ts";
import { QueueBody, QueueList } from "../contract/queues/endpoints.ts";
import type { Exchange } from "./transport/exchange.ts";
import type { Abortable } from "./transport/options.ts";

/** `name`: `*` for the tenant, or `AGENT`, `AGENT/FUNCTION`, `AGENT/FUNCTION/KEY`. */
export class Queues {
  readonly #exchange: Exchange;

  constructor(exchange: Exchange) {
    this.#exchange = exchange;
  }

  /** By name; pages are fetched as they are needed. */
  async *list({ signal }: Abortable = {}): AsyncGenerator<QueueBody> {
    let cursor: string | null = null;
    do {
      const call = { endpoint: ENDPOINTS.listQueues, query: { cursor: cursor ?? undefined }, signal };
      const page: z.infer<typeof QueueList> = await this.#exchange.call(call, QueueList);
      yield* page.items;
      cursor = page.next_cursor;
    } while (cursor !== null);
  }

  /** How many may run at once; 0: none begins. `null`: as the definition says. */
  setLimit(name: string, limit: number | null, { signal }: Abortable = {}): Promise<QueueBody> {
    const call = { endpoint: ENDPOINTS.setQueue, params: { queue: name }, body: { limit }, signal, repeatable: true };
    return this.#exchange.call(call, QueueBody);
  }

  /** What waits does not begin; what runs goes on. */
  pause(name: string, { signal }: Abortable = {}): Promise<QueueBody> {
    const call = { endpoint: ENDPOINTS.pauseQueue, params: { queue: name }, signal, repeatable: true };
    return this.#exchange.call(call, QueueBody);
  }

  resume(name: string, { signal }: Abortable = {}): Promise<QueueBody> {
    const call = { endpoint: ENDPOINTS.resumeQueue, params: { queue: name }, signal, repeatable: true };
    return this.#exchange.call(call, QueueBody);
  }
}
