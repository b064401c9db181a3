/**
 * Which executions of plans may have work for the agents of one tenant. Hints only: what is ready is in memory, on disk is only
 * which executions are open; one that is known from the disk alone is asked by each agent until it speaks again.
 *
 * - Executions of one tenant take turns: the one that was named longest ago is named first.
 * - A hint that is too much costs one question, and one that is missing comes with the next event of its execution.
 * - One that has ended is in memory alone, until its agents heard of that. Some never ask again: the newest thousand are kept, and
 *   the agents of others hear of the end with their next report.
 */
import * as z from "zod";
import type { Lapse } from "../../domain/execution/work-mark.ts";
import type { Lapses, PollingAgent } from "../../domain/node/polling-agent.ts";
import type { WorkOffer } from "../../domain/node/work-offer.ts";
import { mayDo } from "../../domain/node/work-offer.ts";
import type { Sealer } from "../../vault/vault.ts";
import type { Schema } from "../storage/journal-store.ts";
import { JournalStore } from "../storage/journal-store.ts";

const SCHEMA: Schema<never> = {
  first: "open_plans",
  migrations: [
    "CREATE TABLE IF NOT EXISTS open_plans (id TEXT PRIMARY KEY, agent TEXT, created_at_ms INTEGER NOT NULL) WITHOUT ROWID",
  ],
  aside: {},
};
const PUT = "INSERT OR REPLACE INTO open_plans (id, agent, created_at_ms) VALUES (?, ?, ?)";
const REMOVE = "DELETE FROM open_plans WHERE id = ?";
const ROWS = "SELECT id, agent, created_at_ms FROM open_plans";

const Row = z.object({ id: z.string(), agent: z.string().nullable(), created_at_ms: z.number() });

/** Most executions that are named to one agent at a time. */
const MOST_NAMED = 20;
/** Ended executions that are remembered: so that a late hint opens none again, and so that agents hear of the end. */
const MOST_ENDED = 1_000;

/** Leases of so many subtasks that ended without a word, each so long after the one before, drain their agent for a time. */
const SICK = { lapses: 3, apartMs: 60_000, drainMs: 1_800_000 };

interface Open {
  readonly agentId: string | undefined;
  readonly createdAtMs: number;
  /** `undefined`: known from the disk alone. */
  readonly offer: WorkOffer | undefined;
  turn: number;
}

/** The actions that an agent does now: what it registered, and of that what it names. */
export function doneBy({ capabilities }: PollingAgent, named: readonly string[] | undefined): string[] {
  const registered = capabilities.map(({ action }) => action);
  return named === undefined ? registered : registered.filter((action) => named.includes(action));
}

export class WorkOffers {
  readonly #store: JournalStore<never>;
  readonly #open = new Map<string, Open>();
  readonly #ended = new Map<string, number>();
  /** Executions of `#open` that have ended, the newest last. */
  readonly #untold = new Set<string>();
  /** By agent, then by execution: where it fell silent. It is asked of each agent at each offer, so others' are not read. */
  readonly #lapses = new Map<string, Map<string, readonly Lapse[]>>();
  /** By execution: agents that fell silent there. */
  readonly #silent = new Map<string, ReadonlySet<string>>();
  /** By agent: executions of which it holds something. */
  readonly #held = new Map<string, Set<string>>();
  #turn = 0;

  /** Reads which executions are open. Writes nothing, and makes no table. */
  constructor(storage: DurableObjectStorage, sealer: Sealer) {
    this.#store = new JournalStore(storage, sealer, SCHEMA);
    if (!this.#store.isMade) return;
    this.#store.version = SCHEMA.migrations.length;
    for (const row of this.#store.sql.exec(ROWS)) {
      const { id, agent, created_at_ms: createdAtMs } = Row.parse(row);
      this.#open.set(id, { agentId: agent ?? undefined, createdAtMs, offer: undefined, turn: 0 });
    }
  }

  /** False: a later offer of the same execution came before it, and nothing changes. */
  hear(offer: WorkOffer): boolean {
    const { executionId, seq, isOpen, agentId, createdAtMs } = offer;
    const known = this.#open.get(executionId);
    if ((known?.offer?.seq ?? 0) > seq || (this.#ended.get(executionId) ?? 0) > seq) return false;
    this.#keepLapses(executionId, isOpen ? offer.lapses : []);
    this.#hold(executionId, { before: known?.offer?.holders ?? [], after: isOpen ? (offer.holders ?? []) : [] });
    const isOnDisk = known !== undefined && known.offer?.isOpen !== false;
    if (!isOpen && isOnDisk) this.#store.write({ statements: [[REMOVE, executionId]] });
    if (!isOpen && offer.agents.length === 0) {
      this.#end(executionId, seq);
      return true;
    }
    this.#ended.delete(executionId);
    if (!isOpen) this.#keepUntold(executionId);
    this.#open.set(executionId, { agentId, createdAtMs, offer, turn: known?.turn ?? 0 });
    if (isOpen && !known) this.#store.write({ statements: [[PUT, executionId, agentId ?? null, createdAtMs]] });
    return true;
  }

  #keepLapses(executionId: string, lapses: readonly Lapse[]): void {
    const byAgent = Map.groupBy(lapses, ({ agent }) => agent);
    for (const agent of this.#silent.get(executionId) ?? []) {
      const own = this.#lapses.get(agent);
      own?.delete(executionId);
      if (own?.size === 0) this.#lapses.delete(agent);
    }
    if (byAgent.size === 0) return void this.#silent.delete(executionId);
    this.#silent.set(executionId, new Set(byAgent.keys()));
    for (const [agent, own] of byAgent)
      this.#lapses.set(agent, (this.#lapses.get(agent) ?? new Map()).set(executionId, own));
  }

  #hold(executionId: string, { before, after }: Readonly<Record<"before" | "after", readonly string[]>>): void {
    for (const agent of before) {
      const held = this.#held.get(agent);
      held?.delete(executionId);
      if (held?.size === 0) this.#held.delete(agent);
    }
    for (const agent of after) this.#held.set(agent, (this.#held.get(agent) ?? new Set()).add(executionId));
  }

  isHolding(agentId: string): boolean {
    return this.#held.has(agentId);
  }

  /** What these executions offered last; nothing of one that is known from the disk alone. */
  of(executions: readonly string[]): WorkOffer[] {
    return executions.flatMap((id) => this.#open.get(id)?.offer ?? []);
  }

  #keepUntold(executionId: string): void {
    this.#untold.add(executionId);
    const [oldest] = this.#untold;
    if (this.#untold.size > MOST_ENDED && oldest !== undefined)
      this.#end(oldest, this.#open.get(oldest)?.offer?.seq ?? 0);
  }

  #end(executionId: string, seq: number): void {
    this.#open.delete(executionId);
    this.#untold.delete(executionId);
    this.#ended.set(executionId, seq);
    const [oldest] = this.#ended.keys();
    if (this.#ended.size > MOST_ENDED && oldest !== undefined) this.#ended.delete(oldest);
  }

  /** Leases that an agent let end, and until when it gets no new work. One death of a process is one lapse, however much it held. */
  lapsesOf(agentId: string, nowMs: number): Lapses {
    const own = [...(this.#lapses.get(agentId) ?? [])].flatMap(([execution, lapsed]) =>
      lapsed.map(({ subtask, atMs }) => ({ what: `${execution} ${subtask}`, atMs })),
    );
    const counted: typeof own = [];
    const known = new Set<string>();
    for (const lapse of own.sort((a, b) => a.atMs - b.atMs)) {
      const last = counted.at(-1);
      const isApart = last === undefined || lapse.atMs - last.atMs >= SICK.apartMs;
      if (!isApart || known.has(lapse.what)) continue;
      counted.push(lapse);
      known.add(lapse.what);
    }
    const last = counted.at(-1);
    const lapses = counted.length;
    if (!last || lapses < SICK.lapses || last.atMs + SICK.drainMs <= nowMs) return { lapses };
    return { lapses, drainedSinceMs: last.atMs, drainedUntilMs: last.atMs + SICK.drainMs };
  }

  /** Executions that hold something for this agent first, then the others in their turn. */
  for({ id, isActive }: PollingAgent, actions: ReadonlySet<string>): string[] {
    const fits = [...this.#open].flatMap(([executionId, open]) => {
      const { offer, agentId } = open;
      if (offer?.agents.includes(id)) return [{ executionId, open, isFirst: true }];
      const isMeant = isActive && (agentId === undefined || agentId === id);
      const has = offer === undefined || mayDo(offer, actions);
      return isMeant && has ? [{ executionId, open, isFirst: false }] : [];
    });
    fits.sort(
      (a, b) =>
        Number(b.isFirst) - Number(a.isFirst) || a.open.turn - b.open.turn || a.open.createdAtMs - b.open.createdAtMs,
    );
    const named = fits.slice(0, MOST_NAMED);
    const [next] = named;
    if (next) {
      this.#turn += 1;
      next.open.turn = this.#turn;
    }
    return named.map(({ executionId }) => executionId);
  }
}
