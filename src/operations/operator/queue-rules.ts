/**
 * What operators set for a tenant's queues, known without a hop on the way of most starts: as the index has it, at most ten
 * seconds old. One start in some seconds reads it, and waits for its own read only, and not for long: a read ends with the
 * request that began it, so no request may wait for another's.
 */
import type { QueueRules } from "../../domain/intake/queues.ts";
import { NO_RULES } from "../../domain/intake/queues.ts";
import { LruCache } from "../../domain/values/lru-cache.ts";

const GOOD_FOR_MS = 10_000;
/** From then on one start after the other reads it anew; those that come meanwhile go on with what is known. */
const REFRESH_AFTER_MS = 4_000;
/** A refresh that has brought nothing by then is begun again by the next start. */
const LOST_AFTER_MS = 1_000;
/** An index that takes longer is not waited for. */
const PATIENCE_MS = 250;
const MOST_TENANTS = 5_000;

interface Known {
  readonly rules: QueueRules;
  readonly atMs: number;
  /** When a start began to read it anew. */
  refreshAtMs: number;
}

export interface QueueRulesParts {
  readonly read: (tenant: string) => Promise<QueueRules>;
  readonly now: () => number;
  readonly pause: (ms: number) => Promise<void>;
}

export class QueueRuleCache {
  readonly #parts: QueueRulesParts;
  readonly #known = new LruCache<string, Known>(MOST_TENANTS);
  /** Changes of this isolate's own. */
  #changes = 0;

  constructor(parts: QueueRulesParts) {
    this.#parts = parts;
  }

  of(tenant: string): QueueRules | Promise<QueueRules> {
    const known = this.#known.get(tenant);
    const now = this.#parts.now();
    const ageMs = now - (known?.atMs ?? Number.NEGATIVE_INFINITY);
    if (known && ageMs < REFRESH_AFTER_MS) return known.rules;
    if (known && ageMs < GOOD_FOR_MS) {
      if (now - known.refreshAtMs < LOST_AFTER_MS) return known.rules;
      known.refreshAtMs = now;
    }
    return this.#waited(tenant);
  }

  /** After a change of this isolate's own. A read that is under way may have missed it: what it brings is not kept. */
  forget(tenant: string): void {
    this.#known.delete(tenant);
    this.#changes += 1;
  }

  async #waited(tenant: string): Promise<QueueRules> {
    const read = await Promise.race([this.#read(tenant), this.#parts.pause(PATIENCE_MS)]);
    return read ?? this.#known.get(tenant)?.rules ?? NO_RULES;
  }

  /** Nothing when the index does not answer: what was known stays. Never rejects. */
  async #read(tenant: string): Promise<QueueRules | undefined> {
    const atMs = this.#parts.now();
    const changes = this.#changes;
    try {
      const rules = await this.#parts.read(tenant);
      const isNewest = changes === this.#changes && atMs >= (this.#known.get(tenant)?.atMs ?? 0);
      if (isNewest) this.#known.set(tenant, { rules, atMs, refreshAtMs: atMs });
      return rules;
    } catch {
      return undefined;
    }
  }
}
