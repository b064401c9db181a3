/** Memory of agents: keys and vectors, by the scope that a request means. */

import { cursorText, parseCursor } from "../../contract/memory/bodies.ts";
import type { MemoryHeaders, MemoryListQuery, WriteHeaders } from "../../contract/memory/requests.ts";
import type { Principal } from "../../domain/execution/principal.ts";
import type { MemoryEntry, StoredVector, VectorMatch, VectorQuery } from "../../domain/memory/entry.ts";
import type { Metadata } from "../../domain/memory/filters.ts";
import type { MemoryPlace } from "../../domain/memory/scope.ts";
import { bytesOfVector } from "../../domain/memory/vector.ts";
import type { Result } from "../../domain/values/fault.ts";
import { accept, refuse } from "../../domain/values/fault.ts";
import type { Json } from "../../domain/values/json.ts";
import { canonicalJson } from "../../domain/values/json.ts";
import type { AskedScope, MemoryScopes } from "./memory-scopes.ts";
import { onceOf, writerOf } from "./memory-scopes.ts";
import type { MemoryClient, VectorsNamed } from "./ports.ts";

export interface MemoryParts {
  readonly client: MemoryClient;
  readonly scopes: MemoryScopes;
  readonly digest: (text: string) => string;
}

/** An answer with the memory that it is from. */
export interface Placed<T> {
  readonly place: MemoryPlace;
  readonly value: T;
}

type Scoped = Omit<AskedScope, "headers">;
type Set = Scoped & { readonly key: string; readonly data: Json; readonly ttl_seconds?: number | undefined };
type Keyed = Scoped & { readonly key: string };
type Vector = Keyed & { readonly embedding: Float32Array; readonly metadata?: Metadata | null | undefined };

/** Entries that are listed at once for a caller that asks for no page, and UTF-16 units of their values. */
const MOST_LISTED = 10_000;
const MOST_LISTED_SIZE = 8 * 1_048_576;
const PAGE = 1_000;

export class Memory {
  readonly #parts: MemoryParts;

  constructor(parts: MemoryParts) {
    this.#parts = parts;
  }

  async set(caller: Principal, asked: Set, headers: WriteHeaders): Promise<Result<Placed<MemoryEntry>>> {
    const { key, ttl_seconds } = asked;
    const data = JSON.stringify(asked.data);
    const ttlMs = ttl_seconds === undefined ? undefined : Math.ceil(ttl_seconds * 1_000);
    const once = this.#once(caller, headers, ["set", key, data, ttlMs ?? null]);
    return this.#at(caller, { ...asked, headers }, (place) =>
      this.#parts.client.set(caller, place, { key, data, ttlMs, once, by: writerOf(caller, headers) }),
    );
  }

  /** From the first scope that has it. */
  async get(caller: Principal, asked: Keyed, headers: MemoryHeaders): Promise<Result<Placed<MemoryEntry>>> {
    const places = await this.#parts.scopes.all(caller, { ...asked, headers });
    if (!places.ok) return places;
    for (const place of places.value) {
      const found = await this.#parts.client.get(caller, place, asked.key);
      if (!found.ok) return found;
      if (found.value) return accept({ place, value: found.value });
    }
    const where = asked.scope ? `the scope "${asked.scope}"` : "any scope";
    return refuse("not_found", `the key ${JSON.stringify(asked.key.slice(0, 200))} is not in ${where}`);
  }

  async remove(caller: Principal, asked: Keyed, headers: WriteHeaders): Promise<Result<Placed<boolean>>> {
    const { key } = asked;
    const once = this.#once(caller, headers, ["delete", key]);
    return this.#at(caller, { ...asked, headers }, (place) =>
      this.#parts.client.remove(caller, place, { key, once, by: writerOf(caller, headers) }),
    );
  }

  /** A page when the caller asked for one, else as much as is listed at once. */
  async list(
    caller: Principal,
    { cursor, limit, ...asked }: MemoryListQuery,
    headers: MemoryHeaders,
  ): Promise<Result<Placed<{ readonly entries: readonly MemoryEntry[]; readonly nextCursor: string | null }>>> {
    const from = cursor === undefined ? undefined : parseCursor(cursor);
    if (cursor !== undefined && from === undefined) return refuse("invalid_cursor", "cursor: is no cursor of ours");
    const isPage = cursor !== undefined || limit !== undefined;
    const most = isPage ? (limit ?? 100) : MOST_LISTED;
    return this.#at(caller, { ...asked, headers }, async (place) => {
      const entries: MemoryEntry[] = [];
      let [after, size] = [from, 0];
      do {
        const query = { limit: Math.min(PAGE, most - entries.length), after };
        const page = await this.#parts.client.list(caller, place, query);
        if (!page.ok) return page;
        entries.push(...page.value.entries);
        size += page.value.entries.reduce((sum, { data }) => sum + data.length, 0);
        after = page.value.nextCursor ?? undefined;
      } while (!isPage && after !== undefined && entries.length < most && size < MOST_LISTED_SIZE);
      return accept({ entries, nextCursor: after === undefined ? null : cursorText(after) });
    });
  }

  async setVector(caller: Principal, asked: Vector, headers: WriteHeaders): Promise<Result<Placed<StoredVector>>> {
    const { key, embedding } = asked;
    const vector = { key, embedding, metadata: asked.metadata ?? {} };
    const numbers = this.#parts.digest(String(bytesOfVector(embedding)));
    const once = this.#once(caller, headers, ["vector", key, numbers, vector.metadata]);
    return this.#at(caller, { ...asked, headers }, async (place) => {
      const stored = await this.#parts.client.setVector(caller, place, { ...vector, once });
      return stored.ok ? accept(vector) : stored;
    });
  }

  async getVector(caller: Principal, asked: Keyed, headers: MemoryHeaders): Promise<Result<Placed<StoredVector>>> {
    return this.#at(caller, { ...asked, headers }, async (place) => {
      const found = await this.#parts.client.getVector(caller, place, asked.key);
      if (!found.ok) return found;
      if (found.value) return accept(found.value);
      return refuse("not_found", `there is no vector with the key ${JSON.stringify(asked.key.slice(0, 200))}`);
    });
  }

  removeVectors(
    caller: Principal,
    asked: Scoped & { readonly which: VectorsNamed },
    headers: WriteHeaders,
  ): Promise<Result<Placed<number>>> {
    return this.#at(caller, { ...asked, headers }, (place) =>
      this.#parts.client.removeVectors(caller, place, asked.which),
    );
  }

  search(
    caller: Principal,
    asked: Scoped & VectorQuery,
    headers: MemoryHeaders,
  ): Promise<Result<Placed<readonly VectorMatch[]>>> {
    const { embedding, topK, filters } = asked;
    return this.#at(caller, { ...asked, headers }, (place) =>
      this.#parts.client.search(caller, place, { embedding, topK, filters }),
    );
  }

  #once(caller: Principal, headers: WriteHeaders, content: Json) {
    return onceOf(caller, headers, { content: canonicalJson(content), digest: this.#parts.digest });
  }

  async #at<T>(
    caller: Principal,
    asked: AskedScope,
    use: (place: MemoryPlace) => Promise<Result<T>>,
  ): Promise<Result<Placed<T>>> {
    const place = await this.#parts.scopes.one(caller, asked);
    if (!place.ok) return place;
    const value = await use(place.value);
    return value.ok ? accept({ place: place.value, value: value.value }) : value;
  }
}
