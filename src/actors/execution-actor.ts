/**
 * One execution as a Durable Object: decide → append → act; woken by calls and by its alarm; knows no HTTP.
 *
 * It is a shell: the life of an execution is `DurableExecution`, its rows are `SqliteStore`, its sockets are `LiveFeed`.
 *
 * A1  Every method takes the caller first and passes one door: what is not the caller's does not exist.
 * A2  A refusal is a value. What is thrown is a bug or a broken transport.
 * A3  An answer about an execution that has not ended is given only when an alarm stands for it (E8).
 */
import { DurableObject } from "cloudflare:workers";
import type { Caller } from "../domain/caller.ts";
import { maySee } from "../domain/caller.ts";
import type { CreateCommand, DrawCommand, TellCommand } from "../domain/command.ts";
import type { Decided } from "../domain/decided.ts";
import type { Event } from "../domain/event.ts";
import type { Result } from "../domain/fault.ts";
import { refuse } from "../domain/fault.ts";
import type { InvariantReport } from "../domain/invariants.ts";
import { checkInvariants } from "../domain/invariants.ts";
import type { RunMember } from "../domain/run-member.ts";
import { isTerminal } from "../domain/status.ts";
import type { EffectView, ExecutionView, Told } from "../domain/view.ts";
import { DurableExecution } from "../engine/durable-execution.ts";
import { effectsOf } from "../engine/effects-view.ts";
import type { Tempo, World } from "../engine/ports.ts";
import { memberOf } from "../engine/run-member.ts";
import { viewOf } from "../engine/view.ts";
import { SqliteStore } from "./parts/journal.ts";
import { LiveFeed } from "./parts/live-feed.ts";
import { watcherOf } from "./watcher.ts";

/** What the composition root knows and the actor does not. */
export interface ExecutionSurroundings<Env> {
  readonly tempo: (env: Env) => Tempo;
  readonly log: (entry: Readonly<Record<string, unknown>>) => void;
  readonly world: (env: Env, executionId: string) => World;
}

/** A cancel waits this long for children to confirm, then names those that have not. */
const CANCEL_PATIENCE_MS = 2_000;
/** Inside the object nobody waits longer than this: a waiting call would keep it in memory. */
const LONGEST_HOLD_MS = 1_000;

// biome-ignore lint/complexity/noExcessiveLinesPerFunction: the class is the value; a base class would be the alternative.
export function executionActor<Env>(surroundings: ExecutionSurroundings<Env>) {
  return class ExecutionActor extends DurableObject<Env> {
    readonly #feed = new LiveFeed(this.ctx);
    #opened: DurableExecution | undefined;
    #opening: Promise<DurableExecution> | undefined;

    async start(caller: Caller, command: CreateCommand, options: { readonly holdMs: number }): Promise<Result<Told>> {
      const execution = await this.#open(command.origin.id);
      if (execution.state && !maySee(caller, execution.state.origin)) return unknown();
      const before = this.#status(execution);
      const decided = execution.start(command, { lazily: options.holdMs > 0 });
      if (!decided.ok) return decided;
      await this.#hold(execution, options.holdMs);
      execution.settle();
      return this.#told(execution, { before, decided });
    }

    async tell(caller: Caller, command: TellCommand): Promise<Result<Told>> {
      const execution = await this.#enter(caller);
      if (!execution) return unknown();
      const before = this.#status(execution);
      const decided = execution.tell(command, caller.subject);
      if (!decided.ok) return decided;
      if (command.type === "cancel") await this.#quiesce(execution);
      return this.#told(execution, { before, decided });
    }

    /** The parent's word to a child it may or may not have started: afterwards it is cancelled in any case. */
    async cancelOrRefuse(caller: Caller, command: CreateCommand, reason: string): Promise<Result<null>> {
      const execution = await this.#open(command.origin.id);
      if (execution.state && !maySee(caller, execution.state.origin)) return unknown();
      const decided = execution.cancelOrRefuse(command, reason);
      return decided.ok ? { ok: true, value: null } : decided;
    }

    async draw(caller: Caller, command: DrawCommand): Promise<Decided> {
      const execution = await this.#enter(caller);
      return execution ? execution.draw(command) : unknown();
    }

    /** The execution as it is, or as it is once it changed from `sinceSeq`, at most `holdMs` later. */
    async view(
      caller: Caller,
      hold?: { readonly sinceSeq: number; readonly holdMs: number },
    ): Promise<Result<ExecutionView>> {
      const execution = await this.#enter(caller);
      if (!execution) return unknown();
      execution.settle();
      if (hold && execution.state?.seq === hold.sinceSeq)
        await execution.nextCommit(Math.min(hold.holdMs, LONGEST_HOLD_MS));
      const view = viewOf(execution.journal);
      return view ? { ok: true, value: view } : unknown();
    }

    async events(caller: Caller, page: { readonly after: number; readonly limit: number }): Promise<Result<Event[]>> {
      const execution = await this.#enter(caller);
      if (!execution) return unknown();
      execution.settle();
      return { ok: true, value: execution.journal.events(page.after, page.limit) };
    }

    async effects(caller: Caller): Promise<Result<EffectView[]>> {
      const execution = await this.#enter(caller);
      return execution ? { ok: true, value: effectsOf(execution.journal.index()) } : unknown();
    }

    /** Itself and the children it names, for whoever draws the run. */
    async member(caller: Caller, options: { readonly notes: boolean }): Promise<Result<RunMember>> {
      const execution = await this.#enter(caller);
      execution?.settle();
      const member = execution && memberOf(execution.journal, options);
      return member ? { ok: true, value: member } : unknown();
    }

    async invariants(caller: Caller): Promise<Result<InvariantReport[]>> {
      const execution = await this.#enter(caller);
      if (!execution?.state) return unknown();
      execution.settle();
      const { journal, state } = execution;
      const alarmAtMs = await this.ctx.storage.getAlarm();
      const events = journal.events(0, Number.MAX_SAFE_INTEGER);
      const found = checkInvariants({ events, state, now: Date.now(), ...(alarmAtMs === null ? {} : { alarmAtMs }) });
      return { ok: true, value: found };
    }

    /** As if the alarm had gone off. */
    async poke(caller: Caller): Promise<void> {
      const execution = await this.#enter(caller);
      execution?.onAlarm();
    }

    /** A watcher's upgrade request, with its caller and the last seq it has in headers that only the router sets. */
    override async fetch(request: Request): Promise<Response> {
      const { caller, after } = watcherOf(request);
      const execution = await this.#enter(caller);
      execution?.settle();
      const view = execution && viewOf(execution.journal);
      if (!execution || !view) return Response.json(unknown(), { status: 404 });
      return this.#feed.accept(view, execution.journal.eventsAfter(after), caller);
    }

    /** Never throws: after six failures the platform gives an alarm up for good. */
    override async alarm(): Promise<void> {
      const execution = await this.#open();
      try {
        execution.onAlarm();
      } catch (error) {
        surroundings.log({
          level: "error",
          message: "an alarm failed",
          execution_id: execution.state?.origin.id,
          error: String(error),
        });
        await this.ctx.storage.setAlarm(Date.now() + 5_000);
      }
    }

    override webSocketMessage(socket: WebSocket): void {
      socket.close(1003, "this socket only speaks");
    }

    override webSocketClose(socket: WebSocket): void {
      socket.close();
    }

    /** The execution in memory; its rows are read once. `executionId` is known from outside only before the first write. */
    async #open(executionId?: string): Promise<DurableExecution> {
      if (this.#opened) return this.#opened;
      this.#opening ??= this.#load(executionId);
      return this.#opening;
    }

    async #load(executionId?: string): Promise<DurableExecution> {
      const store = new SqliteStore(this.ctx.storage);
      store.alarmAtMs = (await this.ctx.storage.getAlarm()) ?? undefined;
      const id = store.load().state?.origin.id ?? executionId ?? "";
      const execution = new DurableExecution(store, surroundings.world(this.env, id), surroundings.tempo(this.env));
      execution.onCommit((events, state) => this.#feed.publish(events, state));
      this.#opened = execution;
      return execution;
    }

    /** The one door: no execution here, or not this caller's, is the same answer. */
    async #enter(caller: Caller): Promise<DurableExecution | undefined> {
      const execution = await this.#open();
      return execution.state && maySee(caller, execution.state.origin) ? execution : undefined;
    }

    #status(execution: DurableExecution): ExecutionView["state"]["status"] {
      return execution.state?.status ?? "pending";
    }

    #told(
      execution: DurableExecution,
      { before, decided }: { before: Told["before"]; decided: Decided },
    ): Result<Told> {
      const view = viewOf(execution.journal);
      if (!view) return unknown();
      const changed = decided.ok && decided.events.length > 0;
      return { ok: true, value: { view, before, changed, pending: execution.pendingAfterCancel() } };
    }

    /** Holds a caller while the program runs; a person's decision is not waited for. */
    async #hold(execution: DurableExecution, holdMs: number): Promise<void> {
      const until = Date.now() + Math.min(holdMs, LONGEST_HOLD_MS);
      const going = () => !isTerminal(this.#status(execution)) && this.#status(execution) !== "waiting";
      while (going() && Date.now() < until) await execution.nextCommit(until - Date.now());
    }

    async #quiesce(execution: DurableExecution): Promise<void> {
      const until = Date.now() + CANCEL_PATIENCE_MS;
      while (execution.pendingAfterCancel().length > 0 && Date.now() < until)
        await execution.nextCommit(until - Date.now());
    }
  };
}

function unknown() {
  return refuse("not_found", "there is no such execution");
}
