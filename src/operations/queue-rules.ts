/**
 * What operators set for a tenant's queues, known without a hop on the way of most starts: as the index has it, at most ten
 * seconds old. Only a start after a pause of the tenant waits for it, and not for long.
 */
import type { QueueRules } from "../domain/intake/queues.ts";
import { NO_RULES } from "../domain/intake/queues.ts";
import { LruCache } from "../domain/values/lru-cache.ts";

const GOOD_FOR_MS = 10_000;
/** From then on it is read anew beside the starts that go on with it. */
const REFRESH_AFTER_MS = 4_000;
/** An index that takes longer is not waited for. */
const PATIENCE_MS = 250;
const MOST_TENANTS = 5_000;

export interface QueueRulesParts {
  readonly read: (tenant: string) => Promise<QueueRules>;
  readonly now: () => number;
  readonly pause: (ms: number) => Promise<void>;
}

export class QueueRuleCache {
  readonly #parts: QueueRulesParts;
  readonly #known = new LruCache<string, { readonly rules: QueueRules; readonly atMs: number }>(MOST_TENANTS);
  readonly #reading = new Map<string, Promise<void>>();

  constructor(parts: QueueRulesParts) {
    this.#parts = parts;
  }

  of(tenant: string): QueueRules | Promise<QueueRules> {
    const known = this.#known.get(tenant);
    const ageMs = this.#parts.now() - (known?.atMs ?? Number.NEGATIVE_INFINITY);
    if (known && ageMs < REFRESH_AFTER_MS) return known.rules;
    const read = this.#read(tenant);
    return known && ageMs < GOOD_FOR_MS ? known.rules : this.#waited(tenant, read);
  }

  /** After a change of this isolate's own. A read that is under way may have missed it: what it brings is not kept. */
  forget(tenant: string): void {
    this.#known.delete(tenant);
    this.#reading.delete(tenant);
  }

  async #waited(tenant: string, read: Promise<void>): Promise<QueueRules> {
    await Promise.race([read, this.#parts.pause(PATIENCE_MS)]);
    return this.#known.get(tenant)?.rules ?? NO_RULES;
  }

  #read(tenant: string): Promise<void> {
    const under = this.#reading.get(tenant);
    if (under !== undefined) return under;
    const atMs = this.#parts.now();
    const isNewest = () => this.#reading.get(tenant) === read;
    const read: Promise<void> = this.#parts
      .read(tenant)
      .then(
        (rules) => void (isNewest() && this.#known.set(tenant, { rules, atMs })),
        // An index that does not answer: what was known stays.
        () => {},
      )
      .finally(() => void (isNewest() && this.#reading.delete(tenant)));
    this.#reading.set(tenant, read);
    return read;
  }
}
