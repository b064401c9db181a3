/**
 * An intake shard of one tenant as a Durable Object: the queue before the executions' own objects. It is a shell: what it
 * accepts, answers and begins is `IntakeShard`, its rows are `TicketRows`, what lists show of it is `QueuedRows`.
 */
import { DurableObject } from "cloudflare:workers";
import type { CreateCommand } from "../domain/execution/command.ts";
import type { Principal } from "../domain/execution/principal.ts";
import type { Ticket } from "../domain/intake/ticket.ts";
import type { ExecutionView, QueuePlace } from "../domain/read-models/view.ts";
import type { Refusal, Result } from "../domain/values/fault.ts";
import { accept, refuse } from "../domain/values/fault.ts";
import type { Limits } from "../domain/values/limits.ts";
import type { Look } from "../operations/ports.ts";
import type { Vault } from "../vault/vault.ts";
import type { QueueReports } from "./executions/place-in-queue.ts";
import { withPlace } from "./executions/place-in-queue.ts";
import type { ShardParts } from "./intake/intake-shard.ts";
import { IntakeShard } from "./intake/intake-shard.ts";
import type { QueuedRowParts } from "./intake/queued-rows.ts";
import { QueuedRows } from "./intake/queued-rows.ts";
import { TicketRows } from "./intake/ticket-rows.ts";
import type { ActorClass } from "./rpc/actor-class.ts";

/** What the composition root knows and the actor does not. */
export interface IntakeSurroundings<Env> {
  readonly vault: (env: Env) => Result<Vault>;
  readonly limits: (env: Env) => Limits;
  readonly begin: (env: Env) => ShardParts["begin"];
  /** Why no function of this code takes the ticket. */
  readonly unknown: (env: Env) => (ticket: Ticket) => string | undefined;
  /** True when its limiter has a slot for it. */
  readonly slot: (env: Env) => ShardParts["slot"];
  readonly queueReport: QueueReports<Env>;
  /** Resolves when this machine has room for one more object; nothing when it has. */
  readonly room: (env: Env) => (ticket: Ticket) => Promise<void> | undefined;
  readonly index: (env: Env) => Pick<QueuedRowParts, "record" | "list">;
  readonly log: (entry: Readonly<Record<string, unknown>>) => void;
}

const AFTER_FAULT_MS = 5_000;
const LONGEST_HOLD_MS = 10_000;

export function intakeActor<Env>(surroundings: IntakeSurroundings<Env>): ActorClass<Env> {
  return class IntakeActor extends DurableObject<Env> {
    readonly #log: ShardParts["log"] = (level, message, fields) => surroundings.log({ level, message, ...fields });
    readonly #shard = new IntakeShard({
      store: new TicketRows(this.ctx.storage),
      sealer: () => {
        const vault = surroundings.vault(this.env);
        return vault.ok ? accept(vault.value.sealerOf(this.ctx.id.toString())) : vault;
      },
      limits: surroundings.limits(this.env),
      begin: surroundings.begin(this.env),
      unknown: surroundings.unknown(this.env),
      slot: surroundings.slot(this.env),
      room: surroundings.room(this.env),
      now: () => Date.now(),
      pause: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
      setAlarm: (atMs) => void this.ctx.storage.setAlarm(atMs).catch((error) => this.#lost(error)),
      log: this.#log,
    });
    readonly #rows = new QueuedRows({
      ...surroundings.index(this.env),
      shard: this.#shard,
      now: () => Date.now(),
      log: this.#log,
    });

    /** Resolves when the start is durable here. */
    async accept(
      caller: Principal,
      command: CreateCommand,
    ): Promise<Result<QueuePlace & { readonly acceptedAtMs: number }>> {
      if (caller.tenant !== command.origin.tenant) return refuse("not_found", "there is no such queue");
      const accepted = await this.#shard.accept(command);
      if (!accepted.ok) return accepted;
      this.#rows.look();
      const { depth } = this.#shard.tickets;
      return accept({ acceptedAtMs: accepted.value.acceptedAtMs, position: Math.max(1, depth), depth });
    }

    look(caller: Principal, ids: readonly string[]): Readonly<Record<string, Result<ExecutionView>>> {
      return this.#shard.look(caller, ids);
    }

    async lookAfter(caller: Principal, id: string, look?: Look): Promise<Result<ExecutionView> | undefined> {
      const holdMs = look && "holdMs" in look ? Math.min(look.holdMs, LONGEST_HOLD_MS) : 0;
      const view = await this.#shard.lookAfter(caller, id, holdMs);
      if (!view?.ok) return view;
      return accept(await withPlace(view.value, (...whose) => surroundings.queueReport(this.env, ...whose), look));
    }

    /** Its object is there when this resolves with nothing. */
    async make(caller: Principal, id: string): Promise<Refusal | undefined> {
      return this.#shard.make(caller, id);
    }

    /** A limiter has a slot for it; false when no ticket of this id waits here. */
    async admit(_caller: Principal, id: string): Promise<boolean> {
      return this.#shard.admit(id);
    }

    /** As if the alarm had gone off. */
    async wake(_caller: Principal): Promise<void> {
      await this.alarm();
    }

    /** Never throws: after six failures the platform gives an alarm up for good. */
    override async alarm(): Promise<void> {
      try {
        this.#rows.woken();
        await this.#shard.wake();
      } catch (error) {
        this.#log("error", "a queue's alarm failed", { error: String(error) });
        await this.ctx.storage.setAlarm(Date.now() + AFTER_FAULT_MS).catch((lost: unknown) => this.#lost(lost));
      }
    }

    /** What takes no writes may take no alarm either: then the cron handler wakes it. */
    #lost(error: unknown): void {
      this.#log("error", "a queue's alarm could not be set", { error: String(error) });
    }
  };
}
