/**
 * How many executions each tenant has open, known without a hop on the way of a start: the index's count, at most 20
 * seconds old, and what this isolate has started since. Only a tenant's first start in an isolate asks and waits.
 *
 * - A refusal is right: it is given only after a count of this second. The index itself lags by a second at most.
 * - An admission may be generous: by what other isolates start within 20 seconds. Children that programs start count,
 *   and are never refused.
 * - While the index does not answer, no start is refused.
 */

import type { Refusal } from "../../domain/values/fault.ts";
import { refuse } from "../../domain/values/fault.ts";
import type { Limits } from "../../domain/values/limits.ts";
import { inWords } from "../../domain/values/limits.ts";
import { LruCache } from "../../domain/values/lru-cache.ts";

const GOOD_FOR_MS = 20_000;
const FRESH_MS = 1_000;
/** An index that takes longer is not waited for. */
const FIRST_POLL_MS = 250;
const MOST_TENANTS = 5_000;

export interface OpenExecutionsParts {
  /** Executions of the tenant that have not ended, counted up to `most`. */
  readonly count: (tenant: string, most: number) => Promise<number>;
  readonly limits: Limits;
  readonly now: () => number;
  readonly pause: (ms: number) => Promise<void>;
}

interface Known {
  readonly count: number;
  readonly atMs: number;
  /** Started here since the count was asked for. */
  started: number;
}

export class OpenExecutions {
  readonly #parts: OpenExecutionsParts;
  readonly #known = new LruCache<string, Known>(MOST_TENANTS);
  /** For whom a count was asked within the last second: one is under way for so long at most. */
  readonly #asked = new LruCache<string, true>(MOST_TENANTS);

  constructor(parts: OpenExecutionsParts) {
    this.#parts = parts;
  }

  /** Before a start; it counts as one when it is let through. */
  async refusal(tenant: string): Promise<Refusal | undefined> {
    const { limits, now, pause } = this.#parts;
    if (!this.#known.get(tenant)) await Promise.race([this.#recount(tenant), pause(FIRST_POLL_MS)]);
    else if (this.#isOld(tenant, GOOD_FOR_MS)) void this.#recount(tenant);
    if (this.#isFull(tenant) && this.#isOld(tenant, FRESH_MS)) await this.#recount(tenant);
    const known = this.#known.get(tenant);
    if (!known || !this.#isFull(tenant)) {
      if (known) known.started += 1;
      else this.#known.set(tenant, { count: 0, atMs: Number.NEGATIVE_INFINITY, started: 1 });
      return undefined;
    }
    const found = Math.max(limits.openExecutions, known.count + known.started);
    const seconds = Math.max(0, Math.ceil((now() - known.atMs) / 1_000));
    return refuse(
      "too_many_open",
      `this tenant has ${found} executions that have not ended (counted ${seconds} s ago); ${inWords("openExecutions", limits)} are taken`,
    );
  }

  #isFull(tenant: string): boolean {
    const { count = 0, started = 0 } = this.#known.get(tenant) ?? {};
    return count + started >= this.#parts.limits.openExecutions;
  }

  #isOld(tenant: string, ageMs: number): boolean {
    const now = this.#parts.now();
    const known = this.#known.get(tenant);
    return !known || now - known.atMs >= ageMs;
  }

  /** Not awaited where nothing depends on it; what does not come back is asked for again after a second. */
  async #recount(tenant: string): Promise<void> {
    const { count, limits, now } = this.#parts;
    const atMs = now();
    if (this.#asked.get(tenant, atMs)) return;
    this.#asked.set(tenant, true, atMs + FRESH_MS);
    const before = this.#known.get(tenant)?.started ?? 0;
    try {
      const found = await count(tenant, limits.openExecutions + 1);
      const since = (this.#known.get(tenant)?.started ?? 0) - before;
      this.#known.set(tenant, { count: found, atMs, started: Math.max(0, since) });
    } catch {
      // What this isolate itself has started since is no ground for a refusal either.
      this.#known.set(tenant, { count: 0, atMs, started: 0 });
    }
  }
}
