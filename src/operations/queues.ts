/** Queues under concurrency limits: what they hold, and what an operator sets. */
import type { NamesQuery } from "../contract/query-values.ts";
import type { QueueBody } from "../contract/queues/endpoints.ts";
import { iso } from "../contract/wire.ts";
import type { Principal } from "../domain/execution/principal.ts";
import { hasScope } from "../domain/execution/principal.ts";
import type { QueueRules } from "../domain/intake/queues.ts";
import { TENANT_QUEUE } from "../domain/intake/queues.ts";
import type { QueueRule } from "../domain/intake/slot-book.ts";
import type { QueueReport } from "../domain/read-models/queue-place.ts";
import type { Refusal, Result } from "../domain/values/fault.ts";
import { accept, refuse } from "../domain/values/fault.ts";
import type { Catalog } from "./ports.ts";

interface Whose {
  readonly tenant: string;
  readonly queue: string;
}

export interface QueueParts {
  readonly catalog: Catalog;
  /** The limiters of queues. */
  readonly limiters: {
    configure(whose: Whose, set: QueueRule | undefined): Promise<QueueReport>;
    report(whose: Whose): Promise<QueueReport>;
  };
  readonly index: {
    rules(tenant: string): Promise<QueueRules>;
    set(whose: Whose, rule: QueueRule | undefined): Promise<void>;
    /** Names behind `after`, ascending. */
    names(tenant: string, page: { readonly after: string; readonly limit: number }): Promise<readonly string[]>;
  };
  /** What this isolate remembers of the rules. */
  readonly forget: (tenant: string) => void;
}

/** Limiters that are asked for one page. */
const MOST_ASKED = 50;

export class Queues {
  readonly #parts: QueueParts;

  constructor(parts: QueueParts) {
    this.#parts = parts;
  }

  /** Those that definitions declare, that an operator set, and that were ever asked for a slot, by name. */
  async list(
    caller: Principal,
    { limit, cursor = "" }: NamesQuery,
  ): Promise<{ readonly items: readonly QueueBody[]; readonly nextCursor: string | null }> {
    const { tenant } = caller;
    const { index, limiters } = this.#parts;
    const most = Math.min(limit, MOST_ASKED);
    const [rules, asked] = await Promise.all([
      index.rules(tenant),
      index.names(tenant, { after: cursor, limit: most + 1 }),
    ]);
    const all = new Set([...this.#declared(), ...rules.keys(), ...asked]);
    const names = [...all].filter((name) => name > cursor).sort();
    const page = names.slice(0, most);
    // A key is made of an input, which may be another user's.
    const shown = page.filter((name) => hasScope(caller, "admin") || name.split("/").length < 3);
    const reports = shown.map(async (queue) =>
      bodyOf(queue, await limiters.report({ tenant, queue }), this.#limit(queue)),
    );
    return { items: await Promise.all(reports), nextCursor: names.length > most ? (page.at(-1) ?? null) : null };
  }

  setLimit(caller: Principal, queue: string, limit: number | null): Promise<Result<QueueBody>> {
    return this.#change(caller, queue, ({ paused }) => ({ limit: limit ?? undefined, paused }));
  }

  pause(caller: Principal, queue: string): Promise<Result<QueueBody>> {
    return this.#change(caller, queue, ({ limit }) => ({ limit, paused: true }));
  }

  resume(caller: Principal, queue: string): Promise<Result<QueueBody>> {
    return this.#change(caller, queue, ({ limit }) => ({ limit, paused: undefined }));
  }

  /** The index first: its word is what new starts go by. Sent again, the same change does what was left of it. */
  async #change(
    { tenant }: Principal,
    queue: string,
    change: (rule: QueueRule) => QueueRule,
  ): Promise<Result<QueueBody>> {
    const { index, limiters, forget } = this.#parts;
    const set = (await index.rules(tenant)).get(queue);
    const { limit, paused } = change(set ?? {});
    const isNone = limit === undefined && paused !== true;
    const refusal = this.#unknown(queue);
    // What was set of an agent that has gone is taken back all the same.
    if (refusal && !(set && isNone)) return refusal;
    const rule = isNone
      ? undefined
      : { ...(limit === undefined ? {} : { limit }), ...(paused === true ? { paused } : {}) };
    await index.set({ tenant, queue }, rule);
    forget(tenant);
    return accept(bodyOf(queue, await limiters.configure({ tenant, queue }, rule), this.#limit(queue)));
  }

  /** A limit of what is not there would hold nothing. */
  #unknown(queue: string): Refusal | undefined {
    if (queue === TENANT_QUEUE) return undefined;
    const [agent = "", fn] = queue.split("/");
    const known = this.#parts.catalog.agents.get(agent);
    if (!known)
      return refuse(
        "target_not_found",
        `queue: there is no agent "${agent}"; a queue is named AGENT, AGENT/FUNCTION, AGENT/FUNCTION/KEY or *`,
      );
    if (fn === undefined || known.functions.has(fn)) return undefined;
    return refuse("target_not_found", `queue: the agent "${agent}" has no function "${fn}"`);
  }

  #declared(): string[] {
    return [...this.#parts.catalog.agents.values()].flatMap(({ id, concurrency, functions }) => [
      ...(concurrency === undefined ? [] : [id]),
      ...[...functions.values()].filter(isPlainlyLimited).map(({ name }) => `${id}/${name}`),
    ]);
  }

  /** What the definition says, where no limiter was asked yet. */
  #limit(queue: string): number | undefined {
    const [agent = "", fn = ""] = queue.split("/");
    const found = this.#parts.catalog.agents.get(agent);
    if (!queue.includes("/")) return found?.concurrency;
    const declared = found?.functions.get(fn)?.concurrency;
    return typeof declared === "object" ? declared.limit : declared;
  }
}

function isPlainlyLimited({ concurrency }: { readonly concurrency?: unknown }): boolean {
  const isKeyed = typeof concurrency === "object" && concurrency !== null && "key" in concurrency;
  return concurrency !== undefined && !isKeyed;
}

function bodyOf(
  queue: string,
  { waiting, running, limit, paused, oldestAtMs }: QueueReport,
  declared: number | undefined,
): QueueBody {
  const oldest_at = oldestAtMs === undefined ? null : iso(oldestAtMs);
  return { queue, limit: limit ?? declared ?? null, paused, depth: waiting, running, oldest_at };
}
