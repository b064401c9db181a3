/**
 * The limiter of one queue of one tenant as a Durable Object: it holds the slots of a concurrency limit. It is a shell: who
 * gets a slot is `SlotBook`, whom it tells and asks is `Limiter`.
 *
 * - Rows say ids, epochs and numbers, and a digest of whose turn it is: nothing of what executions are about.
 * - What an operator set goes before what a definition says.
 */
import { DurableObject } from "cloudflare:workers";
import type { GrantSlot } from "../domain/execution/command.ts";
import type { QueueRef } from "../domain/execution/slot.ts";
import { USUAL_PRIORITY, usualFairness } from "../domain/intake/queued-start.ts";
import type { QueueRule, SlotRecord } from "../domain/intake/slot-book.ts";
import type { SlotMessage } from "../domain/intake/slot-message.ts";
import type { QueueReport } from "../domain/read-models/queue-place.ts";
import { shortDigest } from "../vault/digest.ts";
import type { ActorClass } from "./actor-class.ts";
import type { Heard, LimiterParts } from "./parts/limiter.ts";
import { Limiter } from "./parts/limiter.ts";

/** Whose limiter this is. */
export interface QueueName {
  readonly tenant: string;
  readonly queue: string;
}

/** What the composition root knows and the actor does not. */
export interface LimiterSurroundings<Env> {
  readonly tell: (env: Env, whose: QueueName, id: string, epoch: number) => Promise<Heard>;
  readonly check: (env: Env, whose: QueueName, id: string, epoch: number) => Promise<Heard>;
  /** Resolves when the index knows of this queue. */
  readonly register: (env: Env, whose: QueueName) => Promise<void>;
  readonly log: (entry: Readonly<Record<string, unknown>>) => void;
}

interface Kept {
  readonly whose: QueueName;
  /** As the definition says. */
  readonly declared?: number | undefined;
  /** As an operator set it. */
  readonly set?: QueueRule | undefined;
  readonly registered?: boolean;
}

const KEPT = "queue";
const AFTER_FAULT_MS = 5_000;
const TABLE = "CREATE TABLE IF NOT EXISTS slots (id TEXT PRIMARY KEY, record TEXT NOT NULL) WITHOUT ROWID";

const ruleOf = ({ declared, set }: Kept): QueueRule => ({ limit: set?.limit ?? declared, paused: set?.paused });

// biome-ignore lint/complexity/noExcessiveLinesPerFunction: the class is the value; a base class would be the alternative.
export function limiterActor<Env>(surroundings: LimiterSurroundings<Env>): ActorClass<Env> {
  return class LimiterActor extends DurableObject<Env> {
    #known: Kept | undefined;
    readonly #limiter = new Limiter({
      now: () => Date.now(),
      load: () => this.#load(),
      commit: (change) => this.#commit(change),
      tell: (id, epoch) => surroundings.tell(this.env, this.#whose, id, epoch),
      check: (id, epoch) => surroundings.check(this.env, this.#whose, id, epoch),
      failed: (error) => this.#failed(error),
    });

    /** What an execution says: answered with the slot where one is free. */
    async hear(message: SlotMessage): Promise<GrantSlot | undefined> {
      const { queue, executionId: id } = message;
      this.#remember(message, queue);
      if (message.verb === "give_back") {
        this.#limiter.giveBack(id, message.upToEpoch);
        return undefined;
      }
      const { tenant, epoch, owner, priority = USUAL_PRIORITY, sinceMs, above } = message;
      const fairness = shortDigest(usualFairness({ tenant, owner }));
      const granted = this.#limiter.ask({ id, epoch, priority, fairness, sinceMs, above }, ruleOf(this.#kept));
      if (!this.#kept.registered) this.ctx.waitUntil(this.#register());
      return granted ? { type: "grant_slot", queue: queue.name, epoch } : undefined;
    }

    /** An operator's word; it counts from here on. Nothing: what the definition says. */
    async configure(whose: QueueName, set: QueueRule | undefined): Promise<QueueReport> {
      this.#keep({ ...this.#read(), whose, set });
      this.#limiter.configure(ruleOf(this.#kept));
      return this.report(whose);
    }

    /** `executionId`: one that waits, whose place is told too. */
    async report(whose: QueueName, executionId?: string): Promise<QueueReport> {
      this.#known ??= this.#read() ?? { whose };
      return this.#limiter.report(executionId);
    }

    /** Never throws: after six failures the platform gives an alarm up for good. */
    override async alarm(): Promise<void> {
      try {
        if (!this.#read()) return;
        if (!this.#kept.registered) await this.#register();
        await this.#limiter.round();
      } catch (error) {
        this.#failed(error);
      }
    }

    get #kept(): Kept {
      this.#known ??= this.#read();
      if (!this.#known) throw new Error("no execution has named this queue yet");
      return this.#known;
    }
    get #whose(): QueueName {
      return this.#kept.whose;
    }

    #read(): Kept | undefined {
      return this.ctx.storage.kv.get<Kept>(KEPT);
    }

    #keep(kept: Kept): void {
      this.ctx.storage.kv.put(KEPT, kept);
      this.#known = kept;
    }

    #remember({ tenant }: SlotMessage, { name, limit }: QueueRef): void {
      this.#known ??= this.#read();
      if (!this.#known) this.#keep({ whose: { tenant, queue: name }, declared: limit });
      else if (this.#known.declared !== limit) this.#keep({ ...this.#known, declared: limit });
    }

    async #register(): Promise<void> {
      try {
        await surroundings.register(this.env, this.#whose);
        this.#keep({ ...this.#kept, registered: true });
      } catch (error) {
        surroundings.log({ level: "warn", message: "a queue could not be listed", error: String(error) });
      }
    }

    #load(): ReturnType<LimiterParts["load"]> {
      const { sql } = this.ctx.storage;
      sql.exec(TABLE);
      const rows = sql.exec<{ record: string }>("SELECT record FROM slots").toArray();
      const kept = this.#known ?? this.#read();
      return { records: rows.map(({ record }) => JSON.parse(record) as SlotRecord), rule: kept ? ruleOf(kept) : {} };
    }

    #commit({ put, removed, alarmAtMs }: Parameters<LimiterParts["commit"]>[0]): void {
      const { storage } = this.ctx;
      storage.transactionSync(() => {
        for (const id of removed) storage.sql.exec("DELETE FROM slots WHERE id = ?", id);
        for (const record of put)
          storage.sql.exec("INSERT OR REPLACE INTO slots VALUES (?, ?)", record.id, JSON.stringify(record));
        if (alarmAtMs !== undefined) void storage.setAlarm(Math.max(alarmAtMs, Date.now() + 1));
      });
    }

    #failed(error: unknown): void {
      surroundings.log({ level: "error", message: "a round of a limiter failed", error: String(error) });
      void this.ctx.storage.setAlarm(Date.now() + AFTER_FAULT_MS).catch(() => {});
    }
  };
}
