/**
 * One subtask in the hands of the agent: announced, done, reported, with its lease kept meanwhile.
 *
 * - W1: `run` begins when the server has heard that it begins, under a lease that is held, and the store knows it: an attempt that
 *   is lost is never silent.
 * - W2: when the lease is lost, the work is aborted first and reported afterwards, so that two agents never do it for long.
 * - W3: the end is in the store before it is reported, and is reported until the server has it.
 * - W4: what was interrupted is made again only when it is idempotent, or is known not to have happened. Else a person is asked.
 */
import type { z } from "zod";
import type { Json } from "../domain/values/json.ts";
import type { Action, ActionContext, Output } from "./action.ts";
import { ActionError, Waiting } from "./action.ts";
import { contextOf } from "./action-context.ts";
import type { EndOf } from "./endings.ts";
import { blockedOn, completedAs, failedAs, inDoubt, interruptedAs, unfit, unknownAction } from "./endings.ts";
import { isHeldBy, LeaseKeeper } from "./lease-keeper.ts";
import type { Told } from "./reporter.ts";
import type { AgentStore, StoredWork } from "./store.ts";
import { deferred } from "./time.ts";
import type { AgentEvent, Work } from "./wire.ts";

export interface WorkParts {
  readonly agentId: string;
  readonly actions: ReadonlyMap<string, Action>;
  readonly store: AgentStore;
  readonly report: (executionId: string, event: AgentEvent) => Promise<Told>;
  readonly log: (level: "info" | "warning" | "error", message: string) => void;
  readonly now: () => number;
  /** The longest between two heartbeats of what runs. */
  readonly heartbeatMs: number;
  /** Called when it waits for the outside. */
  readonly waits: () => void;
  /** Its execution is paused. */
  readonly isPaused: () => boolean;
}

/** Why the work was aborted: lost, cancelled and late are reported, a stop leaves it to the next process. */
type AbortReason = "lease_lost" | "cancelled" | "timeout" | "agent_stopped";

/** What comes from outside to a subtask that waits. */
export type Settlement = { readonly output: Output; readonly message?: string } | { readonly error: unknown };

type Ran = { readonly output: Output | Waiting } | { readonly error: unknown };

const DONE_AGAIN = { happened: false } as const;

/** A timer cannot be longer. */
const LONGEST_TIMER_MS = 2_147_483_647;

export class RunningWork {
  readonly work: Work;
  readonly #parts: WorkParts;
  readonly #abort = new AbortController();
  readonly #keeper: LeaseKeeper;
  readonly #settled = deferred<Settlement>();
  #said: string | undefined;

  constructor(work: Work, parts: WorkParts) {
    this.work = work;
    this.#parts = parts;
    this.#keeper = new LeaseKeeper(work.lease, {
      renew: () => this.#report("heartbeat", { status: parts.isPaused() ? "paused" : "running" }),
      lost: (reason) => this.abort("lease_lost", reason),
      now: parts.now,
      heartbeatMs: parts.heartbeatMs,
    });
  }

  get key(): string {
    return this.work.next_task.idempotency_key;
  }

  abort(reason: AbortReason, detail: string): void {
    if (this.#abort.signal.aborted) return;
    this.#parts.log("warning", `Task ${this.#taskId} is aborted: ${detail}`);
    this.#abort.abort(new ActionError(detail, { type: reason }));
  }

  settle(settlement: Settlement): void {
    this.#settled.resolve(settlement);
  }

  /** A subtask that was just given out. Resolves when its end is reported, or is left to another process. */
  async begin(): Promise<void> {
    const { next_task } = this.work;
    await this.#keeping(async () => {
      const action = this.#parts.actions.get(next_task.action);
      const params = action?.input.safeParse(next_task.params);
      if (!action) return this.#end(failedAs(unknownAction(next_task.action)));
      if (!params?.success) return this.#end(failedAs(unfit(params?.error)));
      await this.#save({ phase: "started", work: this.work });
      await this.#announced(action, params.data, false);
    });
  }

  /** What an earlier process left. */
  async resume(stored: StoredWork): Promise<void> {
    if (stored.phase === "ended") return this.#deliver(stored.end);
    const { next_task } = this.work;
    await this.#keeping(async () => {
      const held = await this.#report("heartbeat", { status: "running" });
      if (!held.applied) return this.#forget(held.reason ?? "its lease is over");
      // What the earlier process may have told is told again: it is the same event.
      if (stored.phase === "waiting") return this.#came(new Waiting(stored.message, stored.for));
      const action = this.#parts.actions.get(next_task.action);
      const params = action?.input.safeParse(next_task.params);
      if (!action || !params?.success) return this.#end(inDoubt());
      const isIdempotent = next_task.idempotent ?? action.idempotent ?? false;
      const outcome = isIdempotent ? DONE_AGAIN : await this.#checked(action, params.data);
      if (outcome === undefined) return this.#end(inDoubt());
      if (outcome.happened) return this.#came(outcome.output);
      return this.#announced(action, params.data, true);
    });
  }

  async #keeping(fn: () => Promise<void>): Promise<void> {
    this.#keeper.start();
    try {
      await fn();
    } finally {
      this.#keeper.stop();
    }
  }

  /** A check that fails knows nothing. */
  async #checked(action: Action, params: z.output<Action["input"]>) {
    try {
      return await action.checkOutcome?.(params, this.#context(true));
    } catch (error) {
      this.#parts.log("error", `Task ${this.#taskId}: its outcome could not be checked: ${messageIn(error)}`);
      return undefined;
    }
  }

  /** W1. */
  async #announced(action: Action, params: z.output<Action["input"]>, isInterrupted: boolean): Promise<void> {
    let held = await this.#report("task_started", { status: "running" }, "started");
    if (this.#keeper.isUnsure && held.applied) held = await this.#report("heartbeat", { status: "running" });
    if (!isHeldBy(held, this.work.lease)) return this.#forget(held.reason ?? "it is not held any more");
    // Nothing was done yet, whatever aborted it: that is no doubt.
    if (this.#abort.signal.aborted) return this.#end(failedAs(this.#abort.signal.reason));
    await this.#run(action, params, isInterrupted);
  }

  async #run(action: Action, params: z.output<Action["input"]>, isInterrupted: boolean): Promise<void> {
    const ran = await this.#ran(action, params, isInterrupted);
    if ("error" in ran) return this.#failed(action, ran.error);
    return this.#came(ran.output);
  }

  /** Of what was done: its end, or that it waits. */
  async #came(output: Output | Waiting): Promise<void> {
    if (!(output instanceof Waiting)) return this.#end(completedAs(output, this.#said ?? this.work.next_task.title));
    await this.#save({ phase: "waiting", work: this.work, message: output.message, for: output.for });
    const waits = await this.#report("task_blocked", blockedOn(output.message), "waiting");
    if (!isHeldBy(waits, this.work.lease)) return this.#forget(waits.reason ?? "it is not held any more");
    await this.#wait(output.message);
  }

  async #ran(action: Action, params: z.output<Action["input"]>, isInterrupted: boolean): Promise<Ran> {
    const hours = this.work.next_task.timeout_hours ?? 24;
    const late = setTimeout(
      () => this.abort("timeout", `it took longer than ${hours} h`),
      Math.min(hours * 3_600_000, LONGEST_TIMER_MS),
    );
    try {
      const output = await action.run(params, this.#context(isInterrupted));
      return { output: output instanceof Waiting ? output : (JSON.parse(JSON.stringify(output ?? {})) as Output) };
    } catch (error) {
      return { error };
    } finally {
      clearTimeout(late);
    }
  }

  async #failed(action: Action, error: unknown): Promise<void> {
    const { aborted, reason } = this.#abort.signal;
    if (!aborted) return this.#end(failedAs(error));
    const why = reason instanceof ActionError ? reason : new ActionError(messageIn(reason));
    // The next process finds it in the store, and looks what became of it.
    if (why.type === "agent_stopped" && this.#parts.store.isDurable) return;
    await this.#end(interruptedAs(why, this.work.next_task.idempotent ?? action.idempotent ?? false));
  }

  async #wait(message: string): Promise<void> {
    this.#parts.log("info", `Task ${this.#taskId} waits: ${message}`);
    this.#keeper.waits();
    this.#parts.waits();
    const aborted = deferred<never>();
    const stop = () => aborted.reject(this.#abort.signal.reason);
    if (this.#abort.signal.aborted) return;
    this.#abort.signal.addEventListener("abort", stop, { once: true });
    try {
      const settled = await Promise.race([this.#settled.promise, aborted.promise]);
      await this.#end(
        "error" in settled ? failedAs(settled.error) : completedAs(settled.output, settled.message ?? message),
      );
    } catch (error) {
      if (!(error instanceof ActionError) || error.type === "agent_stopped") return;
      await this.#forget(error.message);
    } finally {
      this.#abort.signal.removeEventListener("abort", stop);
    }
  }

  async #end(end: EndOf): Promise<void> {
    const event = this.#event(end.event_type, end, "end");
    await this.#save({ phase: "ended", work: this.work, end: event });
    // Its end gives the lease back: a heartbeat behind it would be refused.
    this.#keeper.stop();
    await this.#deliver(event);
  }

  async #deliver(event: AgentEvent): Promise<void> {
    const { execution_id } = this.work;
    let reply = await this.#parts.report(execution_id, event);
    // Else no person hears of it until the lease is over.
    if (reply.isRefused) reply = await this.#parts.report(execution_id, this.#refused(reply.reason));
    await this.#parts.store.remove(this.key);
    if (reply.next_step_options)
      this.#parts.log(
        "info",
        `Task ${this.#taskId} is blocked, and a person decides: ${reply.next_step_options.join(", ")}`,
      );
    if (!reply.applied)
      this.#parts.log("warning", `Task ${this.#taskId}: the report changed nothing: ${reply.reason ?? "it came late"}`);
  }

  #refused(reason: string | null | undefined): AgentEvent {
    const end = inDoubt(`the server refused its report: ${reason ?? "no reason was given"}`);
    return this.#event(end.event_type, end, "refused");
  }

  async #forget(reason: string): Promise<void> {
    this.#parts.log("warning", `Task ${this.#taskId} is left: ${reason}`);
    await this.#parts.store.remove(this.key);
  }

  #save(stored: StoredWork): Promise<void> {
    return this.#parts.store.save(this.key, stored);
  }

  async #report(type: AgentEvent["event_type"], fields: Omit<EndOf, "event_type">, once?: string): Promise<Told> {
    const askedAt = this.#parts.now();
    const reply = await this.#parts.report(this.work.execution_id, this.#event(type, fields, once));
    if (isHeldBy(reply, this.work.lease)) this.#keeper.renewed(askedAt, reply.lease ?? undefined);
    return reply;
  }

  /** `once`: what is said once of a lease, so that a repetition by another process is the same event. */
  #event(event_type: AgentEvent["event_type"], fields: Omit<EndOf, "event_type">, once?: string): AgentEvent {
    const { lease } = this.work;
    return {
      ...fields,
      event_id: once === undefined ? `${lease.lease_id}:${crypto.randomUUID()}` : `${lease.lease_id}:${once}`,
      agent_id: this.#parts.agentId,
      agent_timestamp: new Date(this.#parts.now()).toISOString(),
      event_type,
      task_id: this.#taskId,
      lease_id: lease.lease_id,
    };
  }

  get #taskId(): string {
    return this.work.next_task.task_id;
  }

  #context(isInterrupted: boolean): ActionContext {
    return contextOf(this.work, {
      signal: this.#abort.signal,
      isInterrupted,
      progress: (message, data) => this.#progress(message, data),
      say: (message) => {
        this.#said = message;
      },
    });
  }

  #progress(message: string, data: { readonly [key: string]: Json } | undefined): void {
    const fields = { status: "running" as const, message, ...(data === undefined ? {} : { output_data: data }) };
    this.#report("task_progress", fields).then(
      (reply) => {
        const why = reply.reason ?? "the server did not take its progress";
        // What the server cannot take says nothing of the lease.
        if (reply.isRefused) this.#parts.log("warning", `Task ${this.#taskId}: its progress was refused: ${why}`);
        else if (!reply.applied) this.abort("lease_lost", why);
      },
      () => {},
    );
  }
}

function messageIn(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
