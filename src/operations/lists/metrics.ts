/**
 * Figures of executions: of a user's own, of an administrator the whole tenant's.
 *
 * One question reads `SAMPLE` rows of the index at most, the newest of the span, in one query off one index. Where there
 * are more, the answer says from which instant on it counts, and a shorter span counts all.
 */
import type { MetricsQuery } from "../../contract/operator/figures.ts";
import { listedFor } from "../../domain/execution/access.ts";
import type { Principal } from "../../domain/execution/principal.ts";
import { parseTarget } from "../../domain/execution/target.ts";
import type { Measured, Sampled } from "../../domain/read-models/metrics.ts";
import { figuresOf, groupsOf, SAMPLE } from "../../domain/read-models/metrics.ts";
import type { ListScope } from "../../domain/read-models/summary.ts";
import { LruCache } from "../../domain/values/lru-cache.ts";

const DAY_MS = 86_400_000;
const MOST_TENANTS = 1_000;
/** The span of a question that says none. */
const USUAL_MS = 7 * DAY_MS;
/** Scrapes of one deployment come every few seconds: a day's figures are counted once in this time. */
const DAY_GOOD_FOR_MS = 60_000;
/** Groups of one answer. */
const MOST_GROUPS = 1_000;

export interface MetricsRegistry {
  sample(
    asked: ListScope & {
      readonly sinceMs: number;
      readonly untilMs: number;
      readonly target?: { readonly agent: string; readonly fn: string } | undefined;
      readonly limit: number;
    },
  ): Promise<readonly Sampled[]>;
}

export class Metrics {
  readonly #registry: MetricsRegistry;
  readonly #now: () => number;
  readonly #days = new LruCache<string, Measured>(MOST_TENANTS);

  constructor(registry: MetricsRegistry, now: () => number) {
    this.#registry = registry;
    this.#now = now;
  }

  /** By target, of the last day, for scrapes: as it was a minute ago at most. `admin`: an administrator. */
  async lastDay(admin: Principal): Promise<Measured> {
    const now = this.#now();
    const known = this.#days.get(admin.tenant, now);
    if (known) return known;
    const counted = await this.measure(admin, { since: now - DAY_MS, group_by: ["target"] });
    this.#days.set(admin.tenant, counted, now + DAY_GOOD_FOR_MS);
    return counted;
  }

  async measure(caller: Principal, query: MetricsQuery): Promise<Measured> {
    // An execution that begins in this millisecond counts.
    const { until: untilMs = this.#now() + 1, since: sinceMs = Math.max(0, untilMs - USUAL_MS), group_by: by } = query;
    const target = query.target === undefined ? undefined : parseTarget(query.target);
    const agent = target?.agent ?? query.target ?? query.agent_id;
    const span = { sinceMs, untilMs };
    const found = await this.#registry.sample({ ...listedFor(caller), ...span, target, limit: SAMPLE + 1 });
    // The rows of the millisecond in which the sample was full may lack some.
    const cut = found.length > SAMPLE ? (found.at(-1)?.createdAtMs ?? sinceMs) : undefined;
    const rows = found.filter((row) => {
      const isMeant = (agent === undefined || row.agent === agent) && (target === undefined || row.fn === target.fn);
      return isMeant && row.createdAtMs > (cut ?? -1) && (query.agent_id === undefined || row.agent === query.agent_id);
    });
    const groups = by === undefined || by.length === 0 ? [] : groupsOf(rows, by);
    return {
      ...span,
      countedFromMs: cut === undefined ? sinceMs : cut + 1,
      total: figuresOf(rows),
      groups: groups.slice(0, MOST_GROUPS),
      leftOut: Math.max(0, groups.length - MOST_GROUPS),
    };
  }
}
