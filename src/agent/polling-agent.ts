/**
 * An agent that asks Errand for its work: registers, polls, does one subtask after the other (or several at once), reports, and
 * goes on until it is stopped. It needs no address: it is never called.
 *
 * - A process that dies loses nothing: what was begun is in the store, and the server has the rest.
 * - `stop` drains: no new work is taken, what runs may end within the grace, what is left is for the next process.
 */
import * as z from "zod";
import { ProblemError } from "../client/transport/errors.ts";
import type { Action } from "./action.ts";
import type { Inputs, LogLine, PollingAgent, PollingAgentOptions } from "./options.ts";
import { Reporter } from "./reporter.ts";
import type { Settlement } from "./running-work.ts";
import { RunningWork } from "./running-work.ts";
import { AgentServer } from "./server.ts";
import { onStopSignals } from "./signals.ts";
import type { AgentStore } from "./store.ts";
import { memoryStore, StoredWork } from "./store.ts";
import { deferred, rest, within } from "./time.ts";
import type { Reply, Work } from "./wire.ts";

const POLL_S = 25;
const INTERVAL_MS = 600_000;
const HEARTBEAT_MS = 60_000;
const GRACE_MS = 30_000;
/** What was aborted may end within this. */
const ABORT_MS = 5_000;
/** A held poll that brought nothing sooner than this was not held. */
const HELD_MS = 1_000;

export function createPollingAgent<const Actions extends Inputs>(options: PollingAgentOptions<Actions>): PollingAgent {
  return new Poller(options as unknown as PollingAgentOptions);
}

class Poller implements PollingAgent {
  readonly #options: PollingAgentOptions;
  readonly #actions: ReadonlyMap<string, Action>;
  readonly #server: AgentServer;
  readonly #store: AgentStore;
  readonly #reporter: Reporter;
  readonly #works = new Map<string, { readonly work: RunningWork; readonly ended: Promise<void>; waits: boolean }>();
  /** Executions that the server says are paused. */
  readonly #paused = new Set<string>();
  /** No new work. */
  readonly #draining = new AbortController();
  /** Nothing at all any more. */
  readonly #ended = new AbortController();
  readonly #done = deferred<void>();
  #wake = deferred<void>();
  #polling: Promise<void> | undefined;
  /** Why it ended, where it was not asked to. */
  #failure: { readonly error: unknown } | undefined;
  #stopping: Promise<void> | undefined;
  /** Listens to signals no longer. */
  #deafen: () => void = () => {};

  constructor(options: PollingAgentOptions) {
    const { url, key, fetch, timing = {}, store = memoryStore() } = options;
    this.#options = options;
    this.#actions = new Map(Object.entries(options.actions));
    if (this.#actions.size === 0) throw new TypeError("actions: an agent needs at least one action");
    this.#server = new AgentServer({ url, key, fetch, timing, onReach: (trouble) => this.#reach(url, trouble) });
    this.#store = store;
    this.#reporter = new Reporter({
      server: this.#server,
      signal: this.#ended.signal,
      onReport: (_executionId, { event_type, task_id }) =>
        this.#log("info", `Reporting event: ${event_type} for task ${task_id}`),
      onReply: (executionId, reply) => this.#heed(executionId, reply),
    });
    this.#done.promise.catch(() => {});
  }

  get done(): Promise<void> {
    return this.#done.promise;
  }

  get working(): readonly string[] {
    return [...this.#works.keys()];
  }

  async start(): Promise<void> {
    if (this.#polling !== undefined) throw new Error("start: the agent is started already");
    try {
      await this.#begin();
    } catch (error) {
      // One that was stopped while it registered ended as it was asked to.
      if (!this.#draining.signal.aborted) this.#fail(error);
      throw error;
    }
  }

  async #begin(): Promise<void> {
    if (this.#options.signals ?? true) this.#deafen = onStopSignals(() => this.stop());
    await this.#register();
    const left = Object.entries(await this.#store.load());
    for (const [key, value] of left) await this.#takeUp(key, value);
    this.#polling = this.#poll();
    this.#polling.catch((error: unknown) => this.#fail(error));
  }

  #fail(error: unknown): void {
    this.#log("error", `The agent ends: ${messageIn(error)}`);
    this.#failure = { error };
    void this.stop();
  }

  async settle(idempotencyKey: string, settlement: Settlement): Promise<boolean> {
    const running = this.#works.get(idempotencyKey);
    if (!running) return false;
    running.work.settle(settlement);
    await running.ended;
    return true;
  }

  stop({ graceMs = this.#options.graceMs ?? GRACE_MS }: { readonly graceMs?: number } = {}): Promise<void> {
    this.#stopping ??= this.#drain(graceMs);
    return this.#stopping;
  }

  async #drain(graceMs: number): Promise<void> {
    this.#draining.abort(new Error("the agent stops"));
    this.#awake();
    await this.#polling?.catch(() => {});
    const busy = () => [...this.#works.values()].filter(({ waits }) => !waits).map(({ ended }) => ended);
    await within(graceMs, Promise.all(busy()));
    for (const { work } of this.#works.values()) work.abort("agent_stopped", "the agent stops");
    await within(ABORT_MS, Promise.all([...this.#works.values()].map(({ ended }) => ended)));
    this.#ended.abort(new Error("the agent is stopped"));
    this.#deafen();
    if (this.#failure) this.#done.reject(this.#failure.error);
    else this.#done.resolve();
  }

  async #register(): Promise<void> {
    const { id, name, role, rateLimitPerMin, onKey } = this.#options;
    const capabilities = [...this.#actions].map(([action, { input, idempotent }]) => ({
      ...{ action, params: paramsOf(input) },
      ...(idempotent === undefined ? {} : { idempotent }),
    }));
    const body = {
      ...{ id, capabilities },
      ...(name === undefined ? {} : { name }),
      ...(role === undefined ? {} : { role }),
      ...(rateLimitPerMin === undefined ? {} : { rate_limit_per_min: rateLimitPerMin }),
    };
    try {
      const { key } = await this.#server.register(body, this.#draining.signal);
      if (key === undefined) return;
      await onKey?.(key);
      this.#server.use(key);
    } catch (error) {
      // It is registered, and this key may act for it all the same, but not change it.
      if (!(error instanceof ProblemError) || error.code !== "id_taken") throw error;
      this.#log("warning", `The agent ${id} stays registered as it is: ${error.detail}`);
    }
  }

  async #takeUp(key: string, value: unknown): Promise<void> {
    const stored = StoredWork.safeParse(value);
    if (!stored.success) {
      this.#log("error", `What the store has under ${key} cannot be read, and is removed`);
      return this.#store.remove(key);
    }
    this.#log("info", `Task ${stored.data.work.next_task.task_id} is taken up again: it was ${stored.data.phase}`);
    this.#keep(stored.data.work, (work) => work.resume(stored.data));
  }

  async #poll(): Promise<void> {
    const { concurrency = 1, waitSeconds = POLL_S, intervalMs = INTERVAL_MS } = this.#options;
    const { signal } = this.#draining;
    while (!signal.aborted) {
      if (this.#busy() >= concurrency) {
        await this.#wake.promise;
        continue;
      }
      const askedAtMs = Date.now();
      const isNew = await this.#askOnce(waitSeconds);
      if (isNew || signal.aborted) continue;
      const wasHeld = waitSeconds > 0 && Date.now() - askedAtMs >= HELD_MS;
      if (!wasHeld) await rest(waitSeconds > 0 ? HELD_MS : intervalMs, signal);
    }
  }

  /** Returns whether there may be more: work, or a flag. */
  async #askOnce(waitS: number): Promise<boolean> {
    const { signal } = this.#draining;
    const actions = [...this.#actions.keys()].join(",");
    try {
      const answer = await this.#server.poll(this.#options.id, { actions, waitS, signal });
      if (answer === null) return false;
      this.#heed(answer.execution_id ?? "", answer);
      if (!answer.work_available) return true;
      // The same unstarted lease again: it is begun just now.
      if (this.#works.has(answer.next_task.idempotency_key)) return false;
      this.#keep(answer, (work) => work.begin());
      return true;
    } catch (error) {
      if (signal.aborted) return false;
      throw error;
    }
  }

  #keep(given: Work, how: (work: RunningWork) => Promise<void>): void {
    const work = new RunningWork(given, {
      agentId: this.#options.id,
      actions: this.#actions,
      store: this.#store,
      report: (executionId, event) => this.#reporter.report(executionId, event),
      waits: () => this.#waits(given),
      isPaused: () => this.#paused.has(given.execution_id),
      log: (level, message) => this.#log(level, message),
      now: () => Date.now(),
      heartbeatMs: this.#options.heartbeatMs ?? HEARTBEAT_MS,
    });
    const ended = how(work)
      .catch((error: unknown) => {
        if (!this.#ended.signal.aborted) this.#log("error", `Task ${given.next_task.task_id}: ${messageIn(error)}`);
      })
      .finally(() => {
        this.#works.delete(work.key);
        if (this.#works.size === 0) this.#paused.clear();
        this.#awake();
      });
    this.#works.set(work.key, { work, ended, waits: false });
  }

  #waits({ next_task }: Work): void {
    const running = this.#works.get(next_task.idempotency_key);
    if (running) running.waits = true;
    this.#awake();
  }

  /** What waits for the outside takes no place. */
  #busy(): number {
    return [...this.#works.values()].filter(({ waits }) => !waits).length;
  }

  /** Flags come with every answer. Of a pause what runs may end: its next heartbeat says that it was heard of. */
  #heed(executionId: string, { force_cancel, force_pause }: Pick<Reply, "force_cancel" | "force_pause">): void {
    if (force_pause && !this.#paused.has(executionId)) this.#log("info", `Execution ${executionId} is paused`);
    if (force_pause) this.#paused.add(executionId);
    else this.#paused.delete(executionId);
    if (!force_cancel) return;
    for (const { work } of this.#works.values())
      if (work.work.execution_id === executionId) work.abort("cancelled", "the execution is cancelled");
  }

  #awake(): void {
    this.#wake.resolve();
    this.#wake = deferred<void>();
  }

  #reach(url: string, trouble: Error | undefined): void {
    if (trouble) this.#log("warning", `${url} does not answer, and is asked until it does: ${trouble.message}`);
    else this.#log("info", `${url} answers again`);
  }

  #log(level: LogLine["level"], message: string): void {
    this.#options.log?.({ level, message });
  }
}

/** As JSON Schema; of an input that it has no word for, anything. */
function paramsOf(input: z.ZodType): object {
  const { $schema: _draft, ...schema } = z.toJSONSchema(input, { io: "input", unrepresentable: "any" });
  return schema;
}

function messageIn(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
