/**
 * One execution as a Durable Object: decide → append → act; woken by calls and by its alarm; knows no HTTP.
 *
 * It is a shell: the life of an execution is `DurableExecution`, its rows are `SqliteStore`, its sockets are `LiveFeed`.
 *
 * - Every method takes the caller first and passes one check (`#enter`): what is not the caller's does not exist.
 * - A refusal is a value. What is thrown is a bug or a broken transport.
 * - An answer about an execution that has not ended is given only when an alarm stands for it (E8).
 */
import { DurableObject } from "cloudflare:workers";
import { isCheck } from "../contract/stream/flow-control.ts";
import type { Decided } from "../domain/decide/decided.ts";
import type { Verb } from "../domain/execution/access.ts";
import { mayAct, verbOf } from "../domain/execution/access.ts";
import type { KnownHead } from "../domain/execution/chain.ts";
import type { BudgetRequestCommand, CreateCommand, DispatchCommand } from "../domain/execution/command.ts";
import type { Principal } from "../domain/execution/principal.ts";
import type { ReusablePage, ReusableQuery } from "../domain/execution/reusable-result.ts";
import type { ReportWork, TakeWork } from "../domain/execution/work-command.ts";
import type { InvariantReport } from "../domain/invariants/invariants.ts";
import type { EffectPage, EffectQuery, EventPage, EventQuery } from "../domain/read-models/pages.ts";
import type {
  PlanExecutionView,
  ReportAnswer,
  ReportPage,
  ReportQuery,
  WorkAnswer,
} from "../domain/read-models/plan-view.ts";
import type { RunMember } from "../domain/read-models/run-member.ts";
import type { ArchivePlace } from "../domain/read-models/tombstone.ts";
import { archiveOf, gone } from "../domain/read-models/tombstone.ts";
import type { ApprovalView, CommandResult, ExecutionView, Started } from "../domain/read-models/view.ts";
import type { Refusal, Result } from "../domain/values/fault.ts";
import { accept, FAULTS, refusedBy } from "../domain/values/fault.ts";
import type { DurableExecution } from "../engine/execution/durable-execution.ts";
import { LOOK_AGAIN_MS, STANDS_STILL } from "../engine/journal/storage-trouble.ts";
import { promisesOf } from "../engine/views/promises.ts";
import { memberOf } from "../engine/views/run-member.ts";
import { reportTo, takeWorkFrom } from "../engine/work/work-desk.ts";
import type { Look, WakeResult } from "../operations/ports.ts";
import { shortDigest } from "../vault/digest.ts";
import { approvalsFor } from "./executions/decisions.ts";
import { dispatchTo } from "./executions/dispatching.ts";
import { LiveFeed } from "./executions/live-feed.ts";
import { Opening } from "./executions/opening.ts";
import { withPlace } from "./executions/place-in-queue.ts";
import { effectsFor, eventsFor, viewFor } from "./executions/shown.ts";
import { heldBy, planOf, reportsOf } from "./executions/work-calls.ts";
import { taken, unknown, usedName } from "./intake/used-names.ts";
import type { ActorClass } from "./rpc/actor-class.ts";
import type { StartHold } from "./rpc/execution-rpc.ts";
import { subscriptionOf } from "./rpc/subscription.ts";
import { KeysInForce } from "./sockets/keys-in-force.ts";
import { LONGEST_HOLD_MS, untilAtRest, untilStored } from "./sockets/long-poll.ts";
import type { ExecutionSurroundings } from "./surroundings.ts";

/** An execution whose key is missing waits for its operator, and looks this often. */
const UNOPENED_AGAIN_MS = 300_000;

// biome-ignore lint/complexity/noExcessiveLinesPerFunction: the class is the value; a base class would be the alternative.
export function executionActor<Env>(surroundings: ExecutionSurroundings<Env>): ActorClass<Env> {
  return class ExecutionActor extends DurableObject<Env> {
    readonly #keys = new KeysInForce(surroundings.askKey(this.env));
    readonly #feed = new LiveFeed(this.ctx, this.#keys, surroundings.limits(this.env));
    readonly #tombstone = (tenant: string, id: string) => surroundings.tombstone(this.env, tenant, id);
    readonly #opening = new Opening({
      ctx: this.ctx,
      feed: this.#feed,
      vault: () => surroundings.vault(this.env),
      world: (id) => surroundings.world(this.env, id),
      timing: () => surroundings.timing(this.env),
      watch: () => surroundings.watch(this.env),
      mostBytes: () => surroundings.limits(this.env).storageBytes,
    });

    async start(
      caller: Principal,
      command: CreateCommand,
      { holdMs, until = "rest" }: StartHold,
    ): Promise<Result<Started>> {
      const found = await this.#opening.open(command.origin.id);
      if (!found.ok) return found;
      const execution = found.value;
      const used = execution.state ? undefined : await usedName({ caller, command, find: this.#tombstone });
      if (used) return used;
      const isAnothers = () => execution.state !== undefined && !mayAct(caller, "read", execution.state.origin);
      const decided = await execution.begin(command, {
        lazily: holdMs > 0,
        refusal: () => (isAnothers() ? taken(command.origin.id) : undefined),
        dispatchToParent: (...args) => surroundings.dispatch(this.env)(caller, ...args),
      });
      if (!decided.ok) return isAnothers() ? decided : this.#refused(execution, decided);
      await (until === "rest" ? untilAtRest(execution, holdMs) : untilStored(execution, holdMs));
      await execution.flush();
      const view = viewFor(caller, execution);
      return view ? accept({ view, changed: decided.events.length > 0 }) : unknown();
    }

    async dispatch(caller: Principal, command: DispatchCommand): Promise<Result<CommandResult>> {
      const entered = await this.#enter(caller, verbOf(command));
      if (!entered.ok || command.type !== "signal")
        return entered.ok ? dispatchTo(entered.value, caller, command) : entered;
      const { signalBytes: mostBytes } = surroundings.limits(this.env);
      return dispatchTo(entered.value, caller, { ...command, mostBytes });
    }

    /** The parent's word to a child it may or may not have started: afterwards it is cancelled, unless it is another's. */
    async cancelOrRefuse(caller: Principal, command: CreateCommand, reason: string): Promise<Result<null>> {
      const found = await this.#opening.open(command.origin.id);
      if (!found.ok) return found;
      const execution = found.value;
      if (execution.state && !mayAct(caller, "cancel", execution.state.origin)) return unknown();
      const decided = await execution.cancelOrRefuse(command, reason);
      return decided.ok ? accept(null) : decided;
    }

    async plan(caller: Principal, how: { readonly brief: boolean }): Promise<Result<PlanExecutionView>> {
      const entered = await this.#enter(caller);
      if (!entered.ok) return entered;
      await entered.value.flush();
      return planOf(entered.value, how);
    }

    async workReports(caller: Principal, query: ReportQuery): Promise<Result<ReportPage>> {
      const entered = await this.#enter(caller);
      return entered.ok ? reportsOf(entered.value, query) : entered;
    }

    async takeWork(caller: Principal, command: TakeWork): Promise<Result<WorkAnswer>> {
      const entered = await this.#enter(caller, "take_work");
      return entered.ok ? takeWorkFrom(entered.value.journal, command) : entered;
    }

    async reportWork(caller: Principal, commands: readonly ReportWork[]): Promise<Result<readonly ReportAnswer[]>> {
      const entered = await this.#enter(caller, "report");
      return entered.ok ? reportTo(entered.value.journal, commands) : entered;
    }

    async requestBudget(caller: Principal, command: BudgetRequestCommand): Promise<Decided> {
      const entered = await this.#enter(caller, "steer");
      return entered.ok ? entered.value.lend(command) : entered;
    }

    /** The execution as it is, or as it is once it changed from `sinceSeq`, at most `holdMs` later. */
    async view(caller: Principal, look?: Look): Promise<Result<ExecutionView>> {
      const entered = await this.#enter(caller);
      if (!entered.ok) return entered;
      const execution = entered.value;
      await execution.flush();
      if (look && "holdMs" in look && execution.state?.seq === look.sinceSeq)
        await execution.nextCommit(Math.min(look.holdMs, LONGEST_HOLD_MS));
      const view = viewFor(caller, execution, execution.crowd);
      if (!view) return unknown();
      return accept(await withPlace(view, (...whose) => surroundings.queueReport(this.env, ...whose), look));
    }

    async events(caller: Principal, query: EventQuery): Promise<Result<EventPage>> {
      const entered = await this.#enter(caller);
      if (!entered.ok) return entered;
      const execution = entered.value;
      await execution.flush();
      return accept(eventsFor(caller, execution, query));
    }

    /** The named approvals; without names the one that waits, or waited last. */
    async approvals(caller: Principal, gateIds?: readonly string[]): Promise<Result<ApprovalView[]>> {
      const entered = await this.#enter(caller, "see_approval");
      return entered.ok ? accept(await approvalsFor(caller, entered.value, gateIds)) : entered;
    }

    async effects(caller: Principal, query: EffectQuery): Promise<Result<EffectPage>> {
      const entered = await this.#enter(caller);
      return entered.ok ? accept(effectsFor(caller, entered.value, query)) : entered;
    }

    /** What an execution that follows this one may take over. */
    async offers(caller: Principal, query: ReusableQuery): Promise<Result<ReusablePage>> {
      const entered = await this.#enter(caller);
      if (!entered.ok) return entered;
      await entered.value.flush();
      return accept(entered.value.offers.page(query));
    }

    /** Called for a reader who draws the run. Returns this execution and the children it names. */
    async member(caller: Principal, options: { readonly notes: boolean }): Promise<Result<RunMember>> {
      const entered = await this.#enter(caller);
      if (!entered.ok) return entered;
      const execution = entered.value;
      await execution.flush();
      const member = memberOf(execution.journal, options);
      return member ? { ok: true, value: member } : unknown();
    }

    async invariants(caller: Principal, known?: KnownHead): Promise<Result<InvariantReport[]>> {
      const entered = await this.#enter(caller);
      if (!entered.ok) return entered;
      await entered.value.flush();
      const alarmAtMs = await this.ctx.storage.getAlarm();
      return accept(promisesOf(entered.value.journal, { alarmAtMs, digest: shortDigest, now: Date.now(), known }));
    }

    /** As if the alarm had gone off. */
    async wake(caller: Principal): Promise<Result<WakeResult>> {
      const entered = await this.#enter(caller, "steer");
      if (!entered.ok) return entered;
      await entered.value.onAlarm();
      return accept({ owedWakeAtMs: entered.value.indexedWake.whenSeen() ?? null });
    }

    /** Its limiter asks whether it holds a slot, or is about to take it. */
    async wantsSlot(
      caller: Principal,
      { queue, epoch }: { readonly queue: string; readonly epoch: number },
    ): Promise<Result<boolean>> {
      const entered = await this.#enter(caller);
      if (!entered.ok) return entered;
      await entered.value.flush();
      return accept(entered.value.wantsSlot(queue, epoch));
    }

    /** The sweeper found that the time is over for which it is kept. */
    async expire(caller: Principal, retentionMs?: number): Promise<void> {
      const entered = await this.#enter(caller, "steer");
      if (entered.ok) await entered.value.expire(retentionMs);
    }

    /** Accepts the socket of a subscriber: the upgrade request has the caller and the last seq in headers that only the router sets. */
    override async fetch(request: Request): Promise<Response> {
      const subscription = subscriptionOf(request);
      const may = await this.#keys.leaveOf(subscription.caller.key);
      const entered = may.ok ? await this.#enter(subscription.caller) : may;
      if (!entered.ok) return Response.json(entered, { status: FAULTS[entered.code].status });
      await entered.value.flush();
      const { journal } = entered.value;
      const [view, missed] = [viewFor(subscription.caller, entered.value), journal.eventsAfter(subscription.after)];
      return (view && this.#feed.accept(view, missed, subscription)) ?? Response.json(unknown(), { status: 404 });
    }

    /** Never throws: after six failures the platform gives an alarm up for good. */
    override async alarm(): Promise<void> {
      try {
        const found = await this.#opening.open();
        if (!found.ok) return await this.#lookAgain(found.detail, UNOPENED_AGAIN_MS);
        this.#feed.closeExpired();
        if (found.value.journal.standsStill) return await this.#lookAgain(STANDS_STILL, LOOK_AGAIN_MS);
        await found.value.onAlarm();
      } catch (error) {
        await this.#lookAgain(String(error), 5_000);
      }
    }

    async #lookAgain(error: string, afterMs: number): Promise<void> {
      surroundings.log({ level: "error", message: "an alarm failed", ...this.#opening.names, error });
      // What takes no writes may take no alarm either: then the sweeper looks.
      await this.ctx.storage.setAlarm(Date.now() + afterMs).catch(() => {});
    }

    override webSocketMessage(socket: WebSocket, message: string | ArrayBuffer): void {
      if (typeof message === "string" && isCheck(message)) this.#feed.acknowledge(socket, message);
      else socket.close(1003, "this socket only speaks");
    }

    override webSocketClose(socket: WebSocket): void {
      this.#feed.gone(socket);
    }

    override webSocketError(socket: WebSocket): void {
      this.#feed.gone(socket);
    }

    /** The one check: no execution here, or not this caller's, is the same answer. What was removed says so to its owner. */
    async #enter(caller: Principal, verb: Verb = "read"): Promise<Result<DurableExecution>> {
      const found = await this.#opening.open();
      if (!found.ok) return found;
      const { state } = found.value;
      const held = heldBy(found.value, caller);
      if (!state || !held || !mayAct(caller, verb, held)) return unknown();
      if (state.archivedAtMs === undefined) return found;
      return mayAct(caller, "read", state.origin) ? gone(state) : unknown();
    }

    /** Where the log lies that it keeps no longer. */
    async archive(caller: Principal): Promise<Result<ArchivePlace>> {
      const found = await this.#opening.open();
      if (!found.ok) return found;
      const { state } = found.value;
      return state && mayAct(caller, "read", state.origin) ? archiveOf(state) : unknown();
    }

    /** Returns a refusal that names the execution. The caller hears of another caller's start: that has to be on disk. */
    async #refused(execution: DurableExecution, refusal: Refusal): Promise<Refusal> {
      await execution.flush();
      const { state } = execution;
      return state ? refusedBy(state.origin.id, refusal) : refusal;
    }
  };
}
