/**
 * Memory of agents as a caller sees it: keys, vectors, and the feed of what changes. Writes carry an `Idempotency-Key`, so one
 * that is sent again is done once.
 */
import * as z from "zod";
import { ENDPOINTS } from "../contract/endpoints.ts";
import { MemoryBody, MemoryPage, NamespaceBody, VectorBody, VectorMatches } from "../contract/memory/bodies.ts";
import { MemoryEventBody } from "../contract/memory/feed.ts";
import type { MemoryScope } from "../domain/memory/scope.ts";
import type { Json } from "../domain/values/json.ts";
import { ProblemError } from "./transport/errors.ts";
import type { Call, Exchange } from "./transport/exchange.ts";
import type { Abortable } from "./transport/options.ts";
import { backOff, connectPatience } from "./transport/pace.ts";
import { sentMessages } from "./transport/sent-events.ts";
import { keyHeader } from "./transport/start-request.ts";

/** Which memory is meant. Without a scope a value is read from the first that has it, and written to the nearest that is named. */
export interface MemoryOptions extends Abortable {
  readonly scope?: MemoryScope;
  readonly workflowId?: string;
  readonly sessionId?: string;
  readonly actorId?: string;
  /** For which execution you act: an administrator reaches the memory of its owner. */
  readonly executionId?: string;
}

export interface MemoryFeedOptions extends MemoryOptions {
  /** Only keys that one of these fits: `*` is any run of characters, `?` is one. */
  readonly patterns?: readonly string[];
  /** The id of the last change that you have, or an instant; without it only what comes. */
  readonly since?: string | Date | undefined;
}

export type MemoryRecord = z.infer<typeof MemoryBody>;
export type MemoryEvent = z.infer<typeof MemoryEventBody>;
export type VectorMatch = z.infer<typeof VectorMatches>[number];

const Nothing = z.unknown();
/** Before the first change of a feed. */
const NO_CHANGE = "0";

export class Memory {
  readonly #exchange: Exchange;

  constructor(exchange: Exchange) {
    this.#exchange = exchange;
  }

  set(
    key: string,
    data: Exclude<Json, null>,
    options: MemoryOptions & { readonly ttlSeconds?: number } = {},
  ): Promise<MemoryRecord> {
    const body = { key, data, scope: options.scope, ttl_seconds: options.ttlSeconds };
    return this.#write({ endpoint: ENDPOINTS.setMemory, body }, MemoryBody, options);
  }

  /** `undefined` for a key that is not there. */
  async get(key: string, options: MemoryOptions = {}): Promise<MemoryRecord | undefined> {
    const { scope, signal } = options;
    const call = { endpoint: ENDPOINTS.getMemory, body: { key, scope }, headers: headersOf(options), repeatable: true };
    try {
      return await this.#exchange.call({ ...call, signal }, MemoryBody);
    } catch (error) {
      if (error instanceof ProblemError && error.code === "not_found") return undefined;
      throw error;
    }
  }

  /** Whether it was there or not. */
  async delete(key: string, options: MemoryOptions = {}): Promise<void> {
    await this.#write({ endpoint: ENDPOINTS.deleteMemory, body: { key, scope: options.scope } }, Nothing, options);
  }

  /** All of one memory; pages are fetched as they are needed. */
  async *list({ scope = "global", signal, ...options }: MemoryOptions = {}): AsyncGenerator<MemoryRecord> {
    let cursor: string | null = null;
    do {
      const query = { scope, limit: 200, cursor: cursor ?? undefined };
      const call = { endpoint: ENDPOINTS.listMemory, query, headers: headersOf(options), signal };
      const page: z.infer<typeof MemoryPage> = await this.#exchange.call(call, MemoryPage);
      yield* page.items;
      cursor = page.next_cursor;
    } while (cursor !== null);
  }

  setVector(
    key: string,
    embedding: readonly number[],
    options: MemoryOptions & { readonly metadata?: Readonly<Record<string, Json>> } = {},
  ): Promise<z.infer<typeof VectorBody>> {
    const body = { key, embedding, metadata: options.metadata, scope: options.scope };
    return this.#write({ endpoint: ENDPOINTS.setVector, body }, VectorBody, options);
  }

  /** The most alike first. `filters`: fields that the metadata has, each with this very value. */
  search(
    embedding: readonly number[],
    options: MemoryOptions & { readonly topK?: number; readonly filters?: Readonly<Record<string, Json>> } = {},
  ): Promise<VectorMatch[]> {
    const { topK, filters, scope, signal } = options;
    const body = { query_embedding: embedding, top_k: topK, filters, scope };
    const call = { endpoint: ENDPOINTS.searchVectors, body, headers: headersOf(options), repeatable: true, signal };
    return this.#exchange.call(call, VectorMatches);
  }

  async deleteVector(key: string, options: MemoryOptions = {}): Promise<void> {
    await this.#write({ endpoint: ENDPOINTS.deleteVector, body: { key, scope: options.scope } }, Nothing, options);
  }

  /** All vectors whose keys begin with this text. Returns how many there were. */
  async deleteVectors(prefix: string, options: MemoryOptions = {}): Promise<number> {
    const body = { namespace: prefix, scope: options.scope };
    const call = { endpoint: ENDPOINTS.deleteVectorNamespace, body };
    return (await this.#write(call, NamespaceBody, options)).deleted;
  }

  /** Changes that were, in order: after `since`, or the newest. */
  history(options: MemoryFeedOptions & { readonly limit?: number } = {}): Promise<MemoryEvent[]> {
    const query = { ...feedQuery(options), limit: options.limit };
    const headers = headersOf(options);
    const call = { endpoint: ENDPOINTS.memoryHistory, query, headers, signal: options.signal };
    return this.#exchange.call(call, z.array(MemoryEventBody));
  }

  /** Changes as they happen, without end. It outlives restarts of the server: nothing is missed, nothing comes twice. */
  async *watch(options: MemoryFeedOptions = {}): AsyncGenerator<MemoryEvent> {
    const { signal } = options;
    const { timing } = this.#exchange;
    let since: string | undefined = feedQuery(options).since ?? (await this.#newest(options));
    for (let attempt = 1; !signal?.aborted; attempt += 1) {
      const open = (ends: AbortSignal) => this.#openFeed({ ...options, since }, ends);
      try {
        for await (const { data } of sentMessages(open, {
          timing,
          connectMs: connectPatience(timing, attempt),
          signal,
        })) {
          const event = MemoryEventBody.parse(JSON.parse(data));
          attempt = 0;
          since = event.id;
          yield event;
        }
      } catch (error) {
        // Of what it shows this caller the feed had nothing yet, and it is longer than what it remembers.
        if (!(since === NO_CHANGE && error instanceof ProblemError && error.code === "changes_gone")) throw error;
        since = undefined;
      }
      await backOff(timing, attempt, { signal }).catch(() => {});
    }
  }

  #openFeed(
    options: MemoryFeedOptions & { readonly since: string | undefined },
    signal: AbortSignal,
  ): Promise<Response> {
    const headers = { ...headersOf(options), accept: "text/event-stream" };
    return this.#exchange.open({ endpoint: ENDPOINTS.memoryEvents, query: feedQuery(options), headers }, signal);
  }

  /** Where the feed is now: a reader whose first connection breaks goes on from here. */
  async #newest({ patterns: _all, since: _none, ...options }: MemoryFeedOptions): Promise<string> {
    return (await this.history({ ...options, limit: 1 })).at(-1)?.id ?? NO_CHANGE;
  }

  #write<S extends z.ZodType>(call: Call, schema: S, options: MemoryOptions): Promise<z.infer<S>> {
    const headers = { ...headersOf(options), ...keyHeader(undefined) };
    return this.#exchange.call({ ...call, headers, signal: options.signal }, schema);
  }
}

function headersOf({ workflowId, sessionId, actorId, executionId }: MemoryOptions): Record<string, string> {
  const headers = {
    "x-workflow-id": workflowId,
    "x-session-id": sessionId,
    "x-actor-id": actorId,
    "x-execution-id": executionId,
  };
  const given = Object.entries(headers).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return Object.fromEntries(given);
}

function feedQuery({ scope, patterns, since }: MemoryFeedOptions) {
  return { scope, patterns: patterns?.join(","), since: since instanceof Date ? since.toISOString() : since };
}
