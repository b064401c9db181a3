/**
 * The fan-in of summaries: rows of many executions become one transaction of D1, and live lists hear of them. While D1 takes
 * no writes the rows are held in its own storage: see `HeldEntries`. How rows are gathered is `WriteBatcher`.
 */
import { DurableObject } from "cloudflare:workers";
import { feedFrame } from "../contract/stream/feed.ts";
import type { Backlog } from "../domain/read-models/overview.ts";
import type { IndexEntry } from "../registry/index-writes.ts";
import { executionName, nameOf } from "../registry/index-writes.ts";
import { isArchived, summaryOf } from "../registry/projection/projection.ts";
import { sendText } from "./executions/live-feed.ts";
import { CatchUp } from "./projector/catch-up.ts";
import type { WriteParts } from "./projector/halving-write.ts";
import { HeldEntries } from "./projector/held-entries.ts";
import { WriteBatcher } from "./projector/write-batcher.ts";
import type { ActorClass } from "./rpc/actor-class.ts";

/** The index behind the projector. */
export interface ProjectorIndex extends Omit<WriteParts<IndexEntry>, "written"> {
  /** What is stored, here and in the index, is sealed first. Throws while the encryption keys are not in order. */
  readonly seal: (entry: IndexEntry) => IndexEntry;
  /** A sealed row as live lists show it. */
  readonly open: (entry: IndexEntry) => IndexEntry;
}

/** About 100,000 entries; the platform takes 10 GB an object, and an isolate has 128 MB of memory for the names. */
const MAX_HELD_CHARACTERS = 128 * 1024 * 1024;

const AFTER_FAULT_MS = 60_000;
const HELD_SINCE = "held_since";
const FAILURES = "catch_up_failures";

const seqOf = ({ row }: IndexEntry) => Number(row.seq);

export function projectorActor<Env>(indexOf: (env: Env) => ProjectorIndex): ActorClass<Env> {
  return class ProjectorActor extends DurableObject<Env> {
    readonly #index = indexOf(this.env);
    readonly #held = new HeldEntries<IndexEntry>(this.ctx.storage, {
      nameOf,
      seqOf,
      maxCharacters: MAX_HELD_CHARACTERS,
    });
    readonly #catchUp = new CatchUp<IndexEntry>({
      ...this.#index,
      written: (sealed) => this.#publish(sealed.map(this.#index.open)),
      held: this.#held,
      now: () => Date.now(),
      setAlarm: (atMs) => this.ctx.storage.setAlarm(atMs),
      failures: {
        get: () => this.ctx.storage.kv.get<number>(FAILURES) ?? 0,
        set: (count) => this.ctx.storage.kv.put(FAILURES, count),
      },
    });
    readonly #entries = new WriteBatcher<IndexEntry>({
      ...this.#index,
      write: (entries) => this.#index.write(entries.map(this.#index.seal)),
      deadLetter: (entry, error) => this.#index.deadLetter(this.#index.seal(entry), error),
      written: (entries) => this.#publish(entries),
      nameOf,
      seqOf,
      isHolding: () => this.#held.size > 0,
      hold: (entries) => this.#hold(entries.map(this.#index.seal)),
    });

    /** Resolves when D1 has the row, or has it among the dead letters, or it is held here until D1 takes it. */
    record(entry: IndexEntry): Promise<void> {
      return this.#entries.add(entry);
    }

    /** Whether a row of this execution is here, and D1 does not have it yet. */
    holds(tenant: string, executionId: string): boolean {
      const name = executionName(tenant, executionId);
      return this.#held.has(name) || this.#entries.has(name);
    }

    /** What the index does not have yet. */
    backlog(): Backlog {
      const { waiting, sinceMs } = this.#entries.backlog;
      const held = this.#held.size;
      return { waiting, held, sinceMs: held > 0 ? (this.ctx.storage.kv.get<number>(HELD_SINCE) ?? sinceMs) : sinceMs };
    }

    #hold(entries: readonly IndexEntry[]): boolean {
      if (this.#held.size === 0) this.ctx.storage.kv.put(HELD_SINCE, Date.now());
      return this.#catchUp.hold(entries);
    }

    /** Never throws: after six failures the platform gives an alarm up for good. */
    override async alarm(): Promise<void> {
      try {
        await this.#catchUp.run();
      } catch {
        await this.ctx.storage.setAlarm(Date.now() + AFTER_FAULT_MS);
      }
    }

    /** A reader of live lists; the router asked for it and knows whose it is. */
    override async fetch(): Promise<Response> {
      const { 0: client, 1: server } = new WebSocketPair();
      this.ctx.acceptWebSocket(server);
      return new Response(null, { status: 101, webSocket: client });
    }

    override webSocketClose(socket: WebSocket): void {
      socket.close();
    }

    /** After D1 has the rows: a reader that comes back finds there what it missed. `owner` is for the router's eyes. */
    #publish(entries: readonly IndexEntry[]): void {
      const sockets = this.ctx.getWebSockets();
      if (sockets.length === 0) return;
      const texts = entries.flatMap(({ kind, row }) =>
        kind === "execution" && !isArchived(row)
          ? [JSON.stringify({ owner: row.owner, ...feedFrame(summaryOf(row)) })]
          : [],
      );
      for (const socket of sockets) for (const text of texts) sendText(socket, text);
    }
  };
}
