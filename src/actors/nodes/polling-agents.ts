/**
 * The polling agents of one tenant: their rows on the house's store, and when each was last heard of. What an agent said of
 * itself is sealed; its id, its owner and its times are plain.
 *
 * - A sign of life changes memory only, unless what is on disk is older than five minutes.
 */
import * as z from "zod";
import type { Principal } from "../../domain/execution/principal.ts";
import type { AgentChange, AgentRecord, PollingAgent } from "../../domain/node/polling-agent.ts";
import { agentSubject, AgentRecord as Stored } from "../../domain/node/polling-agent.ts";
import { PageRoom } from "../../domain/read-models/page-room.ts";
import type { Result } from "../../domain/values/fault.ts";
import { accept, refuse } from "../../domain/values/fault.ts";
import type { Limits } from "../../domain/values/limits.ts";
import { inWords } from "../../domain/values/limits.ts";
import { LruCache } from "../../domain/values/lru-cache.ts";
import type { PollingAgentPage } from "../../operations/polling-agents/ports.ts";
import type { Sealer } from "../../vault/vault.ts";
import type { Schema } from "../storage/journal-store.ts";
import { JournalStore } from "../storage/journal-store.ts";
import type { Column } from "../storage/stored-rows.ts";

const SCHEMA: Schema<never> = {
  first: "polling_agents",
  migrations: [
    "CREATE TABLE IF NOT EXISTS polling_agents (id TEXT PRIMARY KEY, schema INTEGER NOT NULL, owner TEXT NOT NULL, is_active INTEGER NOT NULL, created_at_ms INTEGER NOT NULL, heard_at_ms INTEGER, content TEXT NOT NULL) WITHOUT ROWID",
  ],
  aside: {},
};
const HEADS = "SELECT id, schema, owner, is_active, created_at_ms, heard_at_ms FROM polling_agents";
const PUT =
  "INSERT OR REPLACE INTO polling_agents (id, schema, owner, is_active, created_at_ms, heard_at_ms, content) VALUES (?, ?, ?, ?, ?, ?, ?)";
type RecordRow = { id: string; content: Column };

const HeadRow = z.object({
  id: z.string(),
  schema: z.number(),
  owner: z.string(),
  is_active: z.number(),
  created_at_ms: z.number(),
  heard_at_ms: z.number().nullable(),
});

/** What is in memory of each agent: all but what it said of itself. */
interface Head extends Omit<PollingAgent, keyof AgentRecord> {
  /** The last heartbeat as it is on disk. */
  readonly storedAtMs: number | null;
}

/** Characters of registrations that stay opened. */
const OPENED = 4_000_000;
const HEARD_MS = 300_000;

export class PollingAgents {
  readonly #store: JournalStore<never>;
  readonly #sealer: Sealer;
  readonly #limits: Limits;
  readonly #heads = new Map<string, Head>();
  readonly #opened = new LruCache<string, { readonly record: AgentRecord; readonly size: number }>(
    OPENED,
    ({ size }) => size,
  );

  /** Ids of those that have an address; `undefined` until that is asked. */
  #addressed: readonly string[] | undefined;

  /** Reads the heads of all agents. Writes nothing, and makes no table. */
  constructor(storage: DurableObjectStorage, sealer: Sealer, limits: Limits) {
    this.#store = new JournalStore(storage, sealer, SCHEMA);
    this.#sealer = sealer;
    this.#limits = limits;
    if (!this.#store.isMade) return;
    for (const row of this.#store.sql.exec(HEADS)) {
      const { id, schema, owner, ...rest } = HeadRow.parse(row);
      const { is_active, created_at_ms: createdAtMs, heard_at_ms: storedAtMs } = rest;
      this.#store.version = Math.max(this.#store.version, schema);
      this.#heads.set(id, {
        ...{ id, owner, isActive: is_active === 1, createdAtMs },
        ...{ lastHeartbeatMs: storedAtMs, storedAtMs },
      });
    }
  }

  add(
    { subject: owner }: Principal,
    { id, record, isActive }: { readonly id: string; readonly record: AgentRecord; readonly isActive: boolean },
    nowMs: number,
  ): Result<PollingAgent> {
    if (this.#heads.has(id))
      return refuse(
        "id_taken",
        `id: the agent "${id}" is there already: change it with its own key, or as administrator`,
      );
    if (this.#heads.size >= this.#limits.pollingAgents)
      return refuse("too_many_agents", inWords("pollingAgents", this.#limits));
    const head = { id, owner, isActive, createdAtMs: nowMs, lastHeartbeatMs: null, storedAtMs: null };
    return accept(this.#put(head, record));
  }

  /** Throws `Unopened` when the key that sealed it is not configured. */
  one(caller: Principal, id: string, nowMs: number): PollingAgent | undefined {
    const head = this.#heard(caller, id, nowMs);
    return head && this.#whole(head);
  }

  /** A sign of life, where the agent itself calls. False: there is no such agent. */
  hear(caller: Principal, id: string, nowMs: number): boolean {
    return this.#heard(caller, id, nowMs) !== undefined;
  }

  /** As `one`, for a look of the directory itself: no sign of life. */
  known(id: string): PollingAgent | undefined {
    const head = this.#heads.get(id);
    return head && this.#whole(head);
  }

  /** Agents that are told of work at an address of theirs. */
  withAddress(): readonly PollingAgent[] {
    this.#addressed ??= [...this.#heads.keys()].filter((id) => this.#record(id).webhookUrl !== null);
    return this.#addressed.flatMap((id) => this.known(id) ?? []);
  }

  page({ after = "", limit }: { readonly after: string | undefined; readonly limit: number }): PollingAgentPage {
    const room = new PageRoom({ items: limit });
    const agents: PollingAgent[] = [];
    for (const id of [...this.#heads.keys()].sort()) {
      const head = id > after ? this.#heads.get(id) : undefined;
      if (!head) continue;
      const agent = this.#whole(head);
      if (!room.take(agent)) return { agents, next: agents.at(-1)?.id };
      agents.push(agent);
    }
    return { agents, next: undefined };
  }

  /** `undefined`: there is no such agent. Writes nothing where nothing changed. */
  change(
    caller: Principal,
    id: string,
    { change: said, nowMs }: { readonly change: AgentChange; readonly nowMs: number },
  ): PollingAgent | undefined {
    const head = this.#heard(caller, id, nowMs);
    if (!head) return undefined;
    const before = this.#record(id);
    const { isActive, ...change } = said;
    const given = Object.entries(change).filter(([, value]) => value !== undefined);
    const record: AgentRecord = { ...before, ...(Object.fromEntries(given) as Partial<AgentRecord>) };
    const isSame = JSON.stringify(record) === JSON.stringify(before) && (isActive ?? head.isActive) === head.isActive;
    return isSame ? this.#whole(head) : this.#put({ ...head, isActive: isActive ?? head.isActive }, record);
  }

  remove(id: string): boolean {
    if (!this.#heads.has(id)) return false;
    this.#addressed = undefined;
    this.#store.write({ statements: [["DELETE FROM polling_agents WHERE id = ?", id]] });
    this.#opened.delete(id);
    return this.#heads.delete(id);
  }

  /** A call of the agent itself is a sign of life. */
  #heard({ subject }: Principal, id: string, nowMs: number): Head | undefined {
    const head = this.#heads.get(id);
    if (!head || subject !== agentSubject(id)) return head;
    const isOld = head.storedAtMs === null || nowMs - head.storedAtMs >= HEARD_MS;
    if (isOld)
      this.#store.write({ statements: [["UPDATE polling_agents SET heard_at_ms = ? WHERE id = ?", nowMs, id]] });
    const heard = { ...head, lastHeartbeatMs: nowMs, storedAtMs: isOld ? nowMs : head.storedAtMs };
    this.#heads.set(id, heard);
    return heard;
  }

  #put(head: Head, record: AgentRecord): PollingAgent {
    this.#addressed = undefined;
    const { id, owner, isActive, createdAtMs, lastHeartbeatMs } = head;
    const content = this.#sealer.seal(JSON.stringify(record), placeOf({ id }));
    const { newestVersion } = this.#store;
    this.#store.write({
      statements: [[PUT, id, newestVersion, owner, isActive ? 1 : 0, createdAtMs, lastHeartbeatMs ?? null, content]],
    });
    this.#opened.delete(id);
    this.#heads.set(id, { ...head, storedAtMs: lastHeartbeatMs });
    return this.#whole(head);
  }

  #whole({ storedAtMs: _stored, ...head }: Head): PollingAgent {
    return { ...head, ...this.#record(head.id) };
  }

  #record(id: string): AgentRecord {
    const known = this.#opened.get(id);
    if (known) return known.record;
    const query = "SELECT id, content FROM polling_agents WHERE id = ?";
    const [found] = this.#store.opened<RecordRow>(query, placeOf, id);
    if (!found) throw new Error(`the agent ${id} has no row`);
    const record = Stored.parse(JSON.parse(found.text));
    this.#opened.set(id, { record, size: found.text.length });
    return record;
  }
}

function placeOf({ id }: { readonly id: string }): string {
  return JSON.stringify(["polling agent", id]);
}
