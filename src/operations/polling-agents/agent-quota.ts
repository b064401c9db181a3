/**
 * Requests a minute of the keys of agents that poll: counted where the agent is registered, so that the limit is one for all
 * isolates and outlives each of them. Other keys are counted in memory (`RateLimit`).
 *
 * - This isolate takes a tenth of the limit at a time, for the window's minute: few requests wait for a count.
 * - What an isolate took and did not spend is lost with it: a limit is never exceeded, and may be reached a tenth too early.
 * - While the count cannot be had (its object is not reached, the agent is gone), requests are counted in memory.
 */
import { agentOf } from "../../domain/node/polling-agent.ts";
import { LruCache } from "../../domain/values/lru-cache.ts";
import type { KeyHolder } from "../access/api-key-authenticator.ts";
import type { Quota, RateLimit } from "../access/rate-limit.ts";
import type { RequestWindows } from "./ports.ts";

const MOST_AGENTS = 5_000;
const SHARE = 0.1;
/** What was taken lasts so long at least and at most, however far the clock of this isolate is from that of the object that counts. */
const LASTS_MS = { least: 1_000, most: 60_000 };

interface Held {
  /** Taken, and not spent yet. */
  tokens: number;
  /** What the window had left behind that. */
  readonly left: number;
  readonly endsAtMs: number;
}

interface Parts {
  readonly memory: RateLimit;
  readonly windows: RequestWindows;
  readonly now: () => number;
}

type OfAgent = KeyHolder & { readonly keyHash: string; readonly rateLimitPerMin: number };

export class AgentQuota {
  readonly #parts: Parts;
  readonly #held = new LruCache<string, Held>(MOST_AGENTS);
  readonly #asking = new Map<string, Promise<boolean>>();

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Counts one request; undefined when this holder has no limit. */
  async count(holder: KeyHolder): Promise<Quota | undefined> {
    const { memory } = this.#parts;
    const agent = agentOf(holder.caller.subject);
    const { keyHash, rateLimitPerMin, ...others } = holder;
    if (agent === undefined || keyHash === undefined || rateLimitPerMin === undefined) return memory.count(holder);
    const above = memory.count(others);
    if (above && above.remaining < 0) return above;
    const own =
      (await this.#countOf({ ...holder, keyHash, rateLimitPerMin }, agent)) ?? memory.count({ ...holder, drawsOn: [] });
    return above && own && above.remaining < own.remaining ? above : own;
  }

  async #countOf(holder: OfAgent, agent: string): Promise<Quota | undefined> {
    const { now } = this.#parts;
    const { keyHash, rateLimitPerMin: limit } = holder;
    for (;;) {
      const nowMs = now();
      const held = this.#held.get(keyHash, nowMs);
      if (held && (held.tokens > 0 || held.left === 0)) {
        held.tokens -= 1;
        const remaining = held.tokens < 0 ? -1 : held.tokens + held.left;
        return { limit, remaining, resetS: Math.ceil((held.endsAtMs - nowMs) / 1_000) };
      }
      if (!(await this.#ask(holder, agent))) return undefined;
    }
  }

  /** Requests that come together ask once. False: there is no count. */
  #ask(holder: OfAgent, agent: string): Promise<boolean> {
    const { keyHash } = holder;
    const asking = this.#asking.get(keyHash) ?? this.#take(holder, agent).finally(() => this.#asking.delete(keyHash));
    this.#asking.set(keyHash, asking);
    return asking;
  }

  async #take({ caller, keyHash, rateLimitPerMin: perMin }: OfAgent, agent: string): Promise<boolean> {
    try {
      const tokens = Math.max(1, Math.floor(perMin * SHARE));
      const taken = await this.#parts.windows.takeRequests(caller, agent, { perMin, tokens });
      if (!taken) return false;
      const { granted, left } = taken;
      const nowMs = this.#parts.now();
      const endsAtMs = Math.min(Math.max(taken.endsAtMs, nowMs + LASTS_MS.least), nowMs + LASTS_MS.most);
      this.#held.set(keyHash, { tokens: granted, left, endsAtMs }, endsAtMs);
      return true;
    } catch {
      return false;
    }
  }
}
