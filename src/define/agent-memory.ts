/** What a program remembers beyond its execution: `ctx.memory`. The same memory that callers reach by HTTP (docs/memory.md). */
import type { Json, Jsonify } from "../domain/values/json.ts";

export interface MemoryScopeOptions {
  /**
   * `workflow` is the execution's run, `session` and `actor` are those it was started with. Default: a read takes the first
   * that has the key, in this order, then the global one; a write goes to the run's.
   */
  readonly scope?: "workflow" | "session" | "actor" | "global";
}

export interface MemoryMatch {
  readonly key: string;
  /** Cosine: 1 is the same direction, -1 the opposite. */
  readonly score: number;
  readonly metadata: Readonly<Record<string, Json>>;
}

/**
 * Reads are steps of the journal, writes are effects that are safe to repeat: after a crash a write that was done is not done
 * again. Each rejects with `invalid_options` for what does not fit, `memory_refused` with the reason in `details.fault`, and
 * `duplicate_key` when two open calls of one branch ask the same of one key.
 */
export interface AgentMemory {
  /** `undefined` for a key that is not there. */
  get<T = Json>(key: string, options?: MemoryScopeOptions): Promise<T | undefined>;
  /** Any JSON but `null`, 1 MiB at most. `ttlMs`: it is removed so many milliseconds later. */
  set<T>(
    key: string,
    data: T & ([Jsonify<T>] extends [never] ? never : unknown),
    options?: MemoryScopeOptions & { readonly ttlMs?: number },
  ): Promise<void>;
  /** Whether it is there or not. */
  delete(key: string, options?: MemoryScopeOptions): Promise<void>;
  /** A page of one memory; default of the run's. `cursor` is that of the page before. */
  list(options?: MemoryScopeOptions & { readonly limit?: number; readonly cursor?: string }): Promise<{
    readonly items: readonly { readonly key: string; readonly data: Json }[];
    readonly cursor: string | null;
  }>;
  setVector(
    key: string,
    embedding: readonly number[],
    options?: MemoryScopeOptions & { readonly metadata?: Readonly<Record<string, Json>> },
  ): Promise<void>;
  deleteVector(key: string, options?: MemoryScopeOptions): Promise<void>;
  /** The most alike first, 10 unless told otherwise. `filters`: fields that the metadata has, each with this very value. */
  search(
    embedding: readonly number[],
    options?: MemoryScopeOptions & { readonly topK?: number; readonly filters?: Readonly<Record<string, Json>> },
  ): Promise<readonly MemoryMatch[]>;
}
