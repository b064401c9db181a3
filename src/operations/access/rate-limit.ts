/**
 * Requests a minute, for each key that has a limit. Keys of agents that poll are counted elsewhere (`AgentQuota`).
 *
 * - The window is fixed: a minute from a key's first request in it.
 * - It is counted in this isolate's memory. One laptop is one isolate, and there the count is exact; on Cloudflare's
 *   network each isolate that a key reaches counts for itself, so the limit there is one an isolate: a guard against
 *   a runaway client, not a bill. A refusal is never wrong; an admission may be generous.
 * - A request counts towards its key's limit and towards those of the keys that made it, the outermost first: where
 *   one is spent, nothing further is counted. The answer tells of the one that leaves least.
 */
import type { KeyLimit } from "../../domain/execution/key.ts";
import type { Refusal } from "../../domain/values/fault.ts";
import { refuse } from "../../domain/values/fault.ts";
import { LruCache } from "../../domain/values/lru-cache.ts";
import type { KeyHolder } from "./api-key-authenticator.ts";

export const WINDOW_MS = 60_000;
const MOST_WINDOWS = 5_000;

export interface Quota {
  readonly limit: number;
  /** Negative when the request is one too many. */
  readonly remaining: number;
  readonly resetS: number;
}

export class RateLimit {
  readonly #windows = new LruCache<string, { readonly endsAtMs: number; count: number }>(MOST_WINDOWS);
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Counts one request; undefined when this holder has no limit. */
  count({ keyHash, rateLimitPerMin, drawsOn = [] }: KeyHolder): Quota | undefined {
    const own =
      keyHash === undefined || rateLimitPerMin === undefined ? [] : [{ hash: keyHash, perMin: rateLimitPerMin }];
    let least: Quota | undefined;
    for (const limit of [...drawsOn, ...own]) {
      const quota = this.#countOne(limit);
      if (!least || quota.remaining < least.remaining) least = quota;
      if (quota.remaining < 0) break;
    }
    return least;
  }

  #countOne({ hash, perMin: limit }: KeyLimit): Quota {
    const now = this.#now();
    const window = this.#windows.get(hash, now) ?? { endsAtMs: now + WINDOW_MS, count: 0 };
    window.count += 1;
    if (window.count === 1) this.#windows.set(hash, window, window.endsAtMs);
    return { limit, remaining: limit - window.count, resetS: Math.ceil((window.endsAtMs - now) / 1_000) };
  }
}

/** The refusal of a request that is one too many. */
export function refusalOfQuota(quota: Quota | undefined): Refusal | undefined {
  if (!quota || quota.remaining >= 0) return undefined;
  return refuse("rate_limited", `this key may send ${quota.limit} requests a minute`);
}
