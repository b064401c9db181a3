/**
 * The limiter of one queue of one tenant as a Durable Object: it holds the slots of a concurrency limit. It is a shell:
 * `SlotBook` decides which execution gets a slot, `Limiter` tells and asks executions, `QueueKeeper` knows the limit.
 *
 * A row has the execution's id, its epoch, its times, and a digest of its owner. Inputs and results are not stored here.
 */
import { DurableObject } from "cloudflare:workers";
import type { GrantSlot } from "../domain/execution/command.ts";
import type { QueueChange } from "../domain/intake/queue-change.ts";
import { USUAL_PRIORITY, usualFairness } from "../domain/intake/queued-start.ts";
import type { SlotRecord } from "../domain/intake/slot-book.ts";
import type { SlotMessage } from "../domain/intake/slot-message.ts";
import type { QueueReport } from "../domain/read-models/queue-place.ts";
import { shortDigest } from "../vault/digest.ts";
import type { Heard, LimiterParts } from "./queues/limiter.ts";
import { Limiter } from "./queues/limiter.ts";
import type { KeptQueue, QueueIndex, QueueName } from "./queues/queue-keeper.ts";
import { QueueKeeper } from "./queues/queue-keeper.ts";
import type { ActorClass } from "./rpc/actor-class.ts";

/** What the composition root knows and the actor does not. */
export interface LimiterSurroundings<Env> {
  readonly tell: (env: Env, whose: QueueName, id: string, epoch: number) => Promise<Heard>;
  readonly check: (env: Env, whose: QueueName, id: string, epoch: number) => Promise<Heard>;
  readonly index: (env: Env) => QueueIndex;
  readonly log: (entry: Readonly<Record<string, unknown>>) => void;
}

const KEPT = "queue";
const AFTER_FAULT_MS = 5_000;
const TABLE = "CREATE TABLE IF NOT EXISTS slots (id TEXT PRIMARY KEY, record TEXT NOT NULL) WITHOUT ROWID";

// biome-ignore lint/complexity/noExcessiveLinesPerFunction: the class is the value; a base class would be the alternative.
export function limiterActor<Env>(surroundings: LimiterSurroundings<Env>): ActorClass<Env> {
  return class LimiterActor extends DurableObject<Env> {
    readonly #queue = new QueueKeeper({
      read: () => this.ctx.storage.kv.get<KeptQueue>(KEPT),
      write: (kept) => this.ctx.storage.kv.put(KEPT, kept),
      erase: () => this.#erase(),
      index: surroundings.index(this.env),
    });
    readonly #limiter = new Limiter({
      now: () => Date.now(),
      load: () => this.#load(),
      commit: (change) => this.#commit(change),
      tell: (id, epoch) => surroundings.tell(this.env, this.#queue.whose, id, epoch),
      check: (id, epoch) => surroundings.check(this.env, this.#queue.whose, id, epoch),
      isSet: () => this.#queue.kept?.set !== undefined,
      failed: (error) => this.#failed(error),
    });

    /** What an execution says: answered with the slot where one is free. */
    async hear(message: SlotMessage): Promise<GrantSlot | undefined> {
      const { queue, executionId: id } = message;
      this.#queue.hear(message);
      if (!this.#queue.kept) return undefined;
      if (message.verb === "give_back") {
        this.#limiter.giveBack(id, message.upToEpoch);
        return undefined;
      }
      const { tenant, epoch, owner, priority = USUAL_PRIORITY, sinceMs, above } = message;
      const fairness = shortDigest(usualFairness({ tenant, owner }));
      const granted = this.#limiter.ask({ id, epoch, priority, fairness, sinceMs, above }, this.#queue.rule);
      if (!this.#queue.kept.registered) this.ctx.waitUntil(this.#register());
      return granted ? { type: "grant_slot", queue: queue.name, epoch } : undefined;
    }

    /** An operator's word; it counts from here on. Resolves when the index has it: sent again, it does what was left of it. */
    async configure(whose: QueueName, change: QueueChange): Promise<QueueReport> {
      this.#queue.change(whose, change);
      this.#limiter.configure(this.#queue.rule);
      await this.#queue.publish();
      return this.report(whose);
    }

    /** Returns the queue's counts and rule; with `executionId`, also the place of that execution in the line. */
    async report(_whose: QueueName, executionId?: string): Promise<QueueReport> {
      return this.#limiter.report(executionId);
    }

    /** Never throws: after six failures the platform gives an alarm up for good. */
    override async alarm(): Promise<void> {
      try {
        if (!this.#queue.kept) return;
        await this.#limiter.round();
        if (this.#limiter.isIdle) await this.#queue.forget(() => this.#limiter.isIdle);
        else if (!this.#queue.kept.registered) await this.#register();
      } catch (error) {
        this.#failed(error);
      }
    }

    async #register(): Promise<void> {
      try {
        await this.#queue.register();
      } catch (error) {
        surroundings.log({ level: "warn", message: "a queue could not be listed", error: String(error) });
      }
    }

    #load(): ReturnType<LimiterParts["load"]> {
      const { sql } = this.ctx.storage;
      // What is only asked about is not made.
      if (!this.#queue.kept) return { records: [], rule: {} };
      sql.exec(TABLE);
      const rows = sql.exec<{ record: string }>("SELECT record FROM slots").toArray();
      return { records: rows.map(({ record }) => JSON.parse(record) as SlotRecord), rule: this.#queue.rule };
    }

    #commit({ put, removed, alarmAtMs }: Parameters<LimiterParts["commit"]>[0]): void {
      const { storage } = this.ctx;
      storage.transactionSync(() => {
        if (put.length > 0) storage.sql.exec(TABLE);
        for (const id of removed) storage.sql.exec("DELETE FROM slots WHERE id = ?", id);
        for (const record of put)
          storage.sql.exec("INSERT OR REPLACE INTO slots VALUES (?, ?)", record.id, JSON.stringify(record));
        if (alarmAtMs !== undefined) void storage.setAlarm(Math.max(alarmAtMs, Date.now() + 1));
      });
    }

    /** The input gate is closed meanwhile: no ask comes in between. */
    async #erase(): Promise<void> {
      this.#limiter.forgot();
      const { storage } = this.ctx;
      await Promise.all([storage.deleteAlarm(), storage.deleteAll()]);
    }

    #failed(error: unknown): void {
      surroundings.log({ level: "error", message: "a round of a limiter failed", error: String(error) });
      void this.ctx.storage.setAlarm(Date.now() + AFTER_FAULT_MS).catch(() => {});
    }
  };
}
