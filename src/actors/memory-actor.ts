/**
 * One memory as a Durable Object: its keys, its vectors, and the feed of its changes. One a scope (global, session, actor,
 * workflow); one more a tenant, into which the memories of the tenant put their changes, is the feed of all of them.
 *
 * - Every method takes the caller and the memory first, and passes one check.
 * - A change and what it changes are one transaction. The tenant's feed gets it after that: at once, or from the alarm that
 *   the same transaction has set.
 */
import { DurableObject } from "cloudflare:workers";
import { isCheck } from "../contract/stream/flow-control.ts";
import type { Principal } from "../domain/execution/principal.ts";
import type { PlacedChange } from "../domain/memory/change.ts";
import { assignment, removal } from "../domain/memory/change.ts";
import type {
  ActorPlace,
  ChangeQuery,
  EntryPage,
  EntryQuery,
  ForwardedChanges,
  MemoryEntry,
  RemoveEntry,
  SetEntry,
  SetVector,
  StoredVector,
  VectorMatch,
  VectorQuery,
} from "../domain/memory/entry.ts";
import { isValue } from "../domain/memory/expected.ts";
import type { EntryPlace, MemoryPlace } from "../domain/memory/scope.ts";
import type { Backoff } from "../domain/values/backoff.ts";
import { backoffMs } from "../domain/values/backoff.ts";
import type { Result } from "../domain/values/fault.ts";
import { accept, FAULTS, refuse } from "../domain/values/fault.ts";
import type { Limits } from "../domain/values/limits.ts";
import { inWords } from "../domain/values/limits.ts";
import type { VectorsNamed } from "../operations/memory/ports.ts";
import type { Vault } from "../vault/vault.ts";
import type { ChatPort } from "./memory/chat-desk.ts";
import { ChatDesk } from "./memory/chat-desk.ts";
import { changePage, changesFrom, takeForwarded } from "./memory/memory-feed.ts";
import { MemoryForwarding } from "./memory/memory-forwarding.ts";
import type { MemoryCommit } from "./memory/memory-journal.ts";
import type { OpenMemory } from "./memory/memory-opening.ts";
import { MemoryOpening } from "./memory/memory-opening.ts";
import { MemoryReaders } from "./memory/memory-readers.ts";
import type { ActorClass } from "./rpc/actor-class.ts";
import { memorySubscriptionOf } from "./rpc/memory-subscription.ts";
import type { AskKey } from "./sockets/keys-in-force.ts";
import { KeysInForce } from "./sockets/keys-in-force.ts";
import { opened } from "./storage/opened.ts";

export interface MemorySurroundings<Env> {
  readonly vault: (env: Env) => Result<Vault>;
  readonly limits: (env: Env) => Limits;
  /** Whether the keys of its readers are in force. */
  readonly askKey: (env: Env) => AskKey;
  /** The way to the feed of the tenant. */
  readonly forward: (env: Env) => (tenant: string, forwarded: ForwardedChanges) => Promise<Result<number>>;
  /** For conversations: the way to executions, and how one is started. */
  readonly chats: (env: Env) => ChatPort;
  readonly log: (entry: Readonly<Record<string, unknown>>) => void;
}

/** When the alarm looks after what the tenant's feed has not taken. */
const FORWARD_AGAIN: Backoff = { initialMs: 5_000, factor: 2, maxMs: 300_000, jitter: false };
/** How many expired entries one commit removes; the alarm comes again for the rest. */
const MOST_DUE = 200;

function changedMeanwhile() {
  return refuse("version_conflict", "the value is another one by now");
}

// biome-ignore lint/complexity/noExcessiveLinesPerFunction: the class is the value; a base class would be the alternative.
export function memoryActor<Env>(surroundings: MemorySurroundings<Env>): ActorClass<Env> {
  return class MemoryActor extends DurableObject<Env> {
    readonly #keys = new KeysInForce(surroundings.askKey(this.env));
    readonly #readers = new MemoryReaders(this.ctx, this.#keys, surroundings.limits(this.env));
    readonly #opening = new MemoryOpening({
      ctx: this.ctx,
      vault: () => surroundings.vault(this.env),
      mostBytes: () => surroundings.limits(this.env).memoryBytes,
    });
    readonly #chats = new ChatDesk({
      ...{ readers: this.#readers, keys: this.#keys, log: surroundings.log },
      port: () => surroundings.chats(this.env),
    });
    readonly #forwarding = new MemoryForwarding({
      ...{ source: this.ctx.id.toString(), log: surroundings.log },
      forward: () => surroundings.forward(this.env),
    });

    set(caller: Principal, place: EntryPlace, write: SetEntry): Promise<Result<MemoryEntry>> {
      return this.#enter(caller, place, (memory) => {
        const { entries } = memory;
        const [atMs, { key, data, by, ttlMs }] = [Date.now(), write];
        const before = entries.get(key, atMs);
        const room = this.#chats.roomOf(memory, place);
        if (room?.takes(key, data)) return accept({ key, data, createdAtMs: atMs, updatedAtMs: atMs, by });
        const createdAtMs = before?.createdAtMs ?? atMs;
        const ends = ttlMs === undefined ? {} : { expiresAtMs: atMs + ttlMs };
        const entry: MemoryEntry = { key, data, createdAtMs, updatedAtMs: atMs, ...ends, by };
        const known = entries.isKnown(write.once);
        if (!known.ok) return known;
        if (known.value) return accept(before ?? entry);
        if (write.expects !== undefined && !isValue(before?.data, write.expects)) return changedMeanwhile();
        const full = this.#refusal(memory, data.length);
        if (full) return full;
        this.#commit(memory, place, {
          statements: [...entries.put(entry), ...entries.remember(write.once, atMs)],
          needs: ["entries", ...(write.once ? (["known_writes"] as const) : [])],
          changes: assignment(place, { key, data, previous: before?.data, by, atMs }),
          wakeAtMs: entry.expiresAtMs,
        });
        room?.written(key, data);
        return accept(entry);
      });
    }

    get(caller: Principal, place: EntryPlace, key: string): Promise<Result<MemoryEntry | null>> {
      return this.#enter(caller, place, ({ entries }) => accept(entries.get(key, Date.now()) ?? null));
    }

    remove(caller: Principal, place: EntryPlace, write: RemoveEntry): Promise<Result<boolean>> {
      return this.#enter(caller, place, (memory) => {
        const { entries } = memory;
        const [atMs, { key, by, once }] = [Date.now(), write];
        const before = entries.get(key, atMs);
        const known = entries.isKnown(once);
        if (!known.ok) return known;
        if (known.value || (!before && !once)) return accept(false);
        this.#commit(memory, place, {
          statements: [...entries.remove(key), ...entries.remember(once, atMs)],
          needs: ["entries", ...(once ? (["known_writes"] as const) : [])],
          changes: before ? removal(place, { key, data: before.data, by, atMs }) : [],
          ...this.#chats.roomOf(memory, place)?.removed(key),
        });
        return accept(before !== undefined);
      });
    }

    list(caller: Principal, place: EntryPlace, query: EntryQuery): Promise<Result<EntryPage>> {
      return this.#enter(caller, place, ({ entries }) => accept(entries.list(query, Date.now())));
    }

    setVector(caller: Principal, place: MemoryPlace, write: SetVector): Promise<Result<null>> {
      return this.#enter(caller, place, (memory) => {
        const { entries, vectors } = memory;
        const known = entries.isKnown(write.once);
        if (!known.ok) return known;
        if (known.value) return accept(null);
        const full = this.#refusal(memory, write.embedding.byteLength);
        if (full) return full;
        const statements = vectors.put(write);
        if (!statements.ok) return statements;
        this.#commit(memory, place, {
          statements: [...statements.value, ...entries.remember(write.once, Date.now())],
          needs: ["vectors", ...(write.once ? (["known_writes"] as const) : [])],
        });
        return accept(null);
      });
    }

    getVector(caller: Principal, place: MemoryPlace, key: string): Promise<Result<StoredVector | null>> {
      return this.#enter(caller, place, ({ vectors }) => accept(vectors.get(key) ?? null));
    }

    removeVectors(caller: Principal, place: MemoryPlace, which: VectorsNamed): Promise<Result<number>> {
      return this.#enter(caller, place, (memory) => {
        const { vectors } = memory;
        const statements = "key" in which ? vectors.remove(which.key) : vectors.removePrefix(which.prefix);
        if (statements.length > 0) this.#commit(memory, place, { statements });
        return accept(statements.length);
      });
    }

    search(caller: Principal, place: MemoryPlace, query: VectorQuery): Promise<Result<VectorMatch[]>> {
      return this.#enter(caller, place, ({ vectors }) => vectors.search(query));
    }

    changes(caller: Principal, place: ActorPlace, query: ChangeQuery): Promise<Result<PlacedChange[]>> {
      return this.#enter(caller, place, ({ journal }) => changePage(journal, query));
    }

    /** Of the tenant's feed: it takes what it does not have yet. */
    forward(caller: Principal, place: ActorPlace, forwarded: ForwardedChanges): Promise<Result<number>> {
      return this.#enter(caller, place, ({ journal }) => {
        this.#readers.publish(takeForwarded(journal, place, forwarded));
        return accept(forwarded.changes.at(-1)?.seq ?? 0);
      });
    }

    /** A reader's upgrade request; what it wants is in a header that only the router sets. */
    override async fetch(request: Request): Promise<Response> {
      const subscription = memorySubscriptionOf(request);
      const { caller, place } = subscription;
      const may = await this.#keys.leaveOf(caller.key);
      const accepted = may.ok
        ? await this.#enter(caller, place as ActorPlace, (memory) => {
            const missed = changesFrom(memory.journal, subscription);
            if (!missed.ok) return missed;
            const first = this.#chats.roomOf(memory, place as ActorPlace)?.entered(subscription.after === undefined);
            return accept(this.#readers.accept(subscription, missed.value, first));
          })
        : may;
      return accepted.ok ? accepted.value : Response.json(accepted, { status: FAULTS[accepted.code].status });
    }

    /** Never throws: after six failures the platform gives an alarm up for good. */
    override async alarm(): Promise<void> {
      try {
        const found = await this.#opening.open();
        if (!found.ok) throw new Error(found.detail);
        const memory = found.value;
        memory.journal.alarmAtMs = undefined;
        this.#readers.closeExpired();
        this.#removeDue(memory);
        await this.#forwarding.all(memory.journal);
        memory.journal.keepFed();
        this.#chats.roomOf(memory)?.follow();
        this.#wakeLater(memory);
      } catch (error) {
        surroundings.log({ level: "error", message: "a memory's alarm failed", error: String(error) });
        await this.ctx.storage.setAlarm(Date.now() + FORWARD_AGAIN.maxMs).catch(() => {});
      }
    }

    /** One look at the journal, and no wait between it and what follows from it. */
    async #enter<T>(caller: Principal, place: ActorPlace, use: (memory: OpenMemory) => Result<T>): Promise<Result<T>> {
      const found = await this.#opening.enter(caller, place);
      if (!found.ok) return found;
      const used = opened(() => use(found.value), "this memory");
      return used.ok ? used.value : used;
    }

    #refusal({ journal }: OpenMemory, size: number): Result<never> | undefined {
      if (journal.room().left >= size) return undefined;
      const words = inWords("memoryBytes", surroundings.limits(this.env));
      return refuse("memory_full", `there is no room for it: ${words} are taken`);
    }

    #commit(memory: OpenMemory, place: EntryPlace, commit: MemoryCommit): void {
      const { journal } = memory;
      const looks = commit.changes && commit.changes.length > 0 ? Date.now() + FORWARD_AGAIN.initialMs : undefined;
      const wakeAtMs = Math.min(commit.wakeAtMs ?? Number.POSITIVE_INFINITY, looks ?? Number.POSITIVE_INFINITY);
      const wakes = Number.isFinite(wakeAtMs) ? { wakeAtMs } : {};
      this.#readers.publish(journal.commit(place, { ...commit, wakeAtMs: undefined, ...wakes }));
      this.ctx.waitUntil(this.#forwarding.all(memory.journal));
    }

    #removeDue(memory: OpenMemory): void {
      const { journal, entries } = memory;
      const { place } = journal;
      if (!place || place.scope === "feed") return;
      const atMs = Date.now();
      const due = entries.due(atMs, MOST_DUE);
      if (due.length === 0) return;
      const changes = due
        .flatMap(({ key, data, by }) => removal(place, { key, data, by, atMs }))
        .map((change) => ({ ...change, expired: true }));
      const statements = due.flatMap(({ key }) => entries.remove(key));
      this.#readers.publish(journal.commit(place, { statements, changes }));
    }

    /** The alarm that is needed now, if any. */
    #wakeLater(memory: OpenMemory): void {
      const { journal, entries } = memory;
      if (!journal.place) return;
      const again = backoffMs(FORWARD_AGAIN, this.#forwarding.failures + 1);
      const looks = this.#chats.roomOf(memory)?.nextLookMs;
      const times = [entries.nextEndMs(), journal.owes ? Date.now() + again : undefined, looks];
      const known = times.filter((time) => time !== undefined);
      if (known.length > 0) journal.commit(journal.place, { statements: [], wakeAtMs: Math.min(...known) });
    }

    override async webSocketMessage(socket: WebSocket, message: string | ArrayBuffer): Promise<void> {
      if (typeof message !== "string") return;
      if (isCheck(message)) return this.#readers.acknowledge(socket, message);
      // Clients of other servers say things to feeds that they expect no answer to.
      const found = await this.#opening.open();
      if (found.ok) await this.#chats.take(socket, message, found.value);
    }

    override webSocketClose(socket: WebSocket): void {
      this.#readers.gone(socket);
    }

    override webSocketError(socket: WebSocket): void {
      this.#readers.gone(socket);
    }
  };
}
