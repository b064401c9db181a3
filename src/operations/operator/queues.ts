/** Queues under concurrency limits: what they hold, and what an operator sets. */
import type { NamesQuery } from "../../contract/query-values.ts";
import type { QueueBody } from "../../contract/queues/endpoints.ts";
import { iso } from "../../contract/wire.ts";
import type { Principal } from "../../domain/execution/principal.ts";
import { hasScope } from "../../domain/execution/principal.ts";
import type { QueueChange } from "../../domain/intake/queue-change.ts";
import { changedRule } from "../../domain/intake/queue-change.ts";
import type { QueueRules } from "../../domain/intake/queues.ts";
import { TENANT_QUEUE } from "../../domain/intake/queues.ts";
import type { QueueReport } from "../../domain/read-models/queue-place.ts";
import type { Refusal, Result } from "../../domain/values/fault.ts";
import { accept, refuse } from "../../domain/values/fault.ts";
import type { RemoteAgents } from "../nodes/remote-agents.ts";
import type { Catalog } from "../ports.ts";

interface Whose {
  readonly tenant: string;
  readonly queue: string;
}

export interface QueueParts {
  readonly catalog: Catalog;
  /** Agents that are none of the code's. */
  readonly remote: Pick<RemoteAgents, "offers">;
  /** Why no limits are held here. */
  readonly missing: Refusal | undefined;
  /** The limiters of queues. */
  readonly limiters: {
    /** The one writer of a queue's rule: resolves with it as a whole, when the index has it too. */
    configure(whose: Whose, change: QueueChange): Promise<QueueReport>;
    report(whose: Whose): Promise<QueueReport>;
  };
  readonly index: {
    rules(tenant: string): Promise<QueueRules>;
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

  /** Lists queues that definitions declare, that an operator set, and that hold something or did a minute ago, by name. */
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
    return this.#change(caller, queue, { limit });
  }

  pause(caller: Principal, queue: string): Promise<Result<QueueBody>> {
    return this.#change(caller, queue, { paused: true });
  }

  resume(caller: Principal, queue: string): Promise<Result<QueueBody>> {
    return this.#change(caller, queue, { paused: false });
  }

  async #change(caller: Principal, queue: string, change: QueueChange): Promise<Result<QueueBody>> {
    const { tenant } = caller;
    const { limiters, forget } = this.#parts;
    if (this.#parts.missing) return this.#parts.missing;
    const refusal = await this.#unknown(caller, queue);
    if (refusal && !(await this.#takesBack({ tenant, queue }, change))) return refusal;
    try {
      return accept(bodyOf(queue, await limiters.configure({ tenant, queue }, change), this.#limit(queue)));
    } finally {
      forget(tenant);
    }
  }

  /** What was set of an agent that has gone is taken back all the same. */
  async #takesBack({ tenant, queue }: Whose, change: QueueChange): Promise<boolean> {
    const set = (await this.#parts.index.rules(tenant)).get(queue);
    return set !== undefined && changedRule(set, change) === undefined;
  }

  /** A limit of what is not there would hold nothing. */
  async #unknown(caller: Principal, queue: string): Promise<Refusal | undefined> {
    if (queue === TENANT_QUEUE) return undefined;
    const [agent = "", fn] = queue.split("/");
    const known = this.#parts.catalog.agents.get(agent);
    if (!known && (await this.#parts.remote.offers(caller, agent, fn))) return undefined;
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
