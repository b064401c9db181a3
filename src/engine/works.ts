/**
 * What runs in this process right now: steps, effects, tools, model turns. It starts their tries, records what came of
 * them, and decides about another try. One for an execution, shared by its activations: the outside does not care which
 * activation asked, and a fact about it is written down in any case.
 *
 * W1  A try of an effect starts only after its intent is committed. W2  Its result is staged before anybody hears of it.
 * W3  One key runs at most once at a time in this process.
 */

import type { EffectOptions, Try } from "../define/context.ts";
import { ExecutionFailure, InDoubt, StepError } from "../define/errors.ts";
import { Backoff, backoffMs } from "../domain/backoff.ts";
import type { Amount } from "../domain/budget.ts";
import { exceededLimit, isNothing, NOTHING, plus, shortfall } from "../domain/budget.ts";
import type { StartChild } from "../domain/command.ts";
import type { Entry, EntryError } from "../domain/entry.ts";
import type { Json } from "../domain/json.ts";
import { canonicalJson, toJson } from "../domain/json.ts";
import { isTerminal } from "../domain/status.ts";
import type { Launch } from "./ask.ts";
import type { Journal } from "./journal.ts";
import type { World } from "./ports.ts";
import { EntryScratchpad } from "./scratchpad.ts";
import { Shares } from "./shares.ts";

/** Rows of the store may hold 2 MB; what is above this is refused with the limit in the message. */
export const MAX_VALUE_BYTES = 1_500_000;

export interface Work {
  readonly key: string;
  readonly kind: "step" | "effect" | "tool" | "turn";
  readonly name: string;
  readonly input?: Json;
  readonly digest?: string;
  readonly options: EffectOptions;
  readonly perform: (attempt: Try) => unknown;
  /** Worst case of one try, set aside before it starts. */
  readonly reserve?: Amount;
  readonly usageOf?: (value: Json) => Amount;
  /** False for a turn whose price nobody knows: under a limit in dollars it is refused. */
  readonly priced?: boolean;
}

interface Running {
  readonly work: Work;
  readonly attempt: number;
  readonly controller: AbortController;
}

export class Works {
  readonly #journal: Journal;
  readonly #world: World;
  readonly #onDone: () => void;
  readonly #running = new Map<string, Running>();
  readonly #shares: Shares;

  constructor(journal: Journal, world: World, onDone: () => void) {
    this.#journal = journal;
    this.#world = world;
    this.#onDone = onDone;
    this.#shares = new Shares(journal, world, onDone);
  }

  get size(): number {
    return this.#running.size + this.#shares.drawing;
  }

  has(key: string): boolean {
    return this.#running.has(key);
  }

  /** The first try of something the journal does not know yet. */
  begin(work: Work): Launch | undefined {
    if (!work.reserve) return this.#try(work, 1);
    if (work.priced === false && this.#journal.state?.limits.maxCostUsd !== undefined) {
      const message =
        "the model has no known price, and a budget in dollars is set: choose a priced model or another limit";
      const { reserve: _unspent, ...free } = work;
      this.#finish(free, 1, { error: { code: "unknown_price", message } });
      return undefined;
    }
    return this.#try(work, 1);
  }

  /** A try whose worst case our own grant must cover first. */
  #try(work: Work, attempt: number, recovered = false): Launch | undefined {
    if (!work.reserve) return this.#prepare(work, attempt, recovered);
    return this.#shares.covered(work.key, work.reserve, () => this.#prepare(work, attempt, recovered));
  }

  /** Stages a child's intent; its start leaves by the outbox. */
  beginChild(command: StartChild): Launch | undefined {
    const share = plus(command.grant, { ...NOTHING, children: 1 });
    return this.#shares.covered(command.key, share, () => {
      this.#journal.dispatch(command, "program");
      return undefined;
    });
  }

  /** Stages the intent of a try and returns what starts it. Computation has no intent: it may simply run again. */
  #prepare(work: Work, attempt: number, recovered: boolean): Launch | undefined {
    if (work.kind === "step" && attempt === 1) return () => this.#start(work, attempt);
    const { key, kind, name, digest, input, reserve, options } = work;
    const decided = this.#journal.dispatch(
      {
        type: "start_entry",
        key,
        kind,
        name,
        attempt,
        ...(digest === undefined ? {} : { digest }),
        ...(input === undefined ? {} : { input }),
        ...(reserve === undefined ? {} : { reserve }),
        ...(options.idempotent === undefined ? {} : { idempotent: options.idempotent }),
        ...(options.timeoutMs === undefined ? {} : { timeoutAtMs: this.#world.now() + options.timeoutMs }),
        ...(recovered ? { recovered } : {}),
      },
      "program",
    );
    return decided.ok ? () => this.#start(work, attempt) : undefined;
  }

  /** Takes up an entry that an earlier process began, or whose backoff is over. */
  resume(work: Work, entry: Entry): Launch | undefined {
    if (this.#running.has(work.key)) return undefined;
    if (entry.status === "backing_off") {
      const due = entry.retryAtMs !== undefined && entry.retryAtMs <= this.#world.now();
      return due ? this.#try(work, entry.attempt + 1) : undefined;
    }
    if (entry.status !== "open") return undefined;
    if (entry.retryGranted || work.kind === "turn" || work.kind === "step")
      return this.#try(work, entry.attempt + 1, true);
    const policy = work.options.onInterrupt ?? (work.options.idempotent ? "retry" : "ask");
    if (policy === "retry") return this.#try(work, entry.attempt + 1, true);
    if (policy === "fail") {
      const error = {
        code: "interrupted",
        message: `the effect "${work.name}" was interrupted and is not safe to repeat`,
      };
      this.#finish(work, entry.attempt, { error });
      return undefined;
    }
    const { probe } = work.options;
    if (!probe) return this.#doubt(work);
    return () => this.#start({ ...work, perform: (attempt) => this.#probed(work, attempt, probe) }, entry.attempt);
  }

  /** The declared probe answers for an interrupted try; when it knows that nothing happened, the try is made. */
  async #probed(work: Work, attempt: Try, probe: NonNullable<EffectOptions["probe"]>): Promise<unknown> {
    const found = await probe(attempt);
    if (!found) throw new InDoubt(`the probe of "${work.name}" could not tell`);
    return found.happened ? found.result : work.perform(attempt);
  }

  #start(work: Work, attempt: number): void {
    const { state } = this.#journal;
    if (!state || isTerminal(state.status)) return;
    const controller = new AbortController();
    this.#running.set(work.key, { work, attempt, controller });
    const scratchpad = new EntryScratchpad();
    const handed: Try = {
      attempt,
      signal: controller.signal,
      idempotencyKey: `${state.origin.id}:${work.key}`,
      scratchpad,
    };
    const done = (value: unknown) => this.#succeeded(work, attempt, { value, scratch: scratchpad.written() });
    const failed = (error: unknown) => this.#failed(work, attempt, error);
    try {
      const value = work.perform(handed);
      if (value instanceof Promise) value.then(done).catch(failed);
      else done(value);
    } catch (error) {
      failed(error);
    }
  }

  #succeeded(work: Work, attempt: number, { value, scratch }: { value: unknown; scratch: Json | undefined }): void {
    if (!this.#leave(work, attempt)) return;
    const output = toJson(value);
    const size = byteLength(output);
    if (size > MAX_VALUE_BYTES) {
      const message = `the result of "${work.name}" has ${size} bytes; at most ${MAX_VALUE_BYTES} are stored`;
      return this.#settled(work, attempt, { error: { code: "value_too_large", message } });
    }
    this.#settled(work, attempt, { value: output, ...(scratch === undefined ? {} : { scratch }) });
  }

  #failed(work: Work, attempt: number, thrown: unknown): void {
    if (!this.#leave(work, attempt)) return;
    if (thrown instanceof InDoubt && work.kind !== "step") {
      this.#doubt(work);
      this.#journal.flush();
      return this.#onDone();
    }
    const error = thrown instanceof Error ? thrown : new Error(String(thrown));
    this.#world.log("warn", "a try failed", { key: work.key, attempt, stack: error.stack });
    this.#settled(work, attempt, { error: toEntryError(error), retryAtMs: this.#retryAt(work, attempt, error) });
  }

  /** The instant of the next try, or `undefined` when there is none. */
  #retryAt(work: Work, attempt: number, error: Error): number | undefined {
    const { maxAttempts = 1, retryable, backoff } = work.options;
    if (attempt >= maxAttempts || error instanceof ExecutionFailure) return undefined;
    if (retryable && !retryable(error)) return undefined;
    const policy = Backoff.parse(typeof backoff === "number" ? { initialMs: backoff } : (backoff ?? {}));
    return this.#world.now() + backoffMs(policy, attempt, this.#world.random());
  }

  /** A try that overran its time: it is told to stop, and what it still brings is not heard. */
  timeOut(key: string): void {
    const running = this.#running.get(key);
    if (!running) return;
    const { work, attempt } = running;
    const error = new StepError("timeout", `"${work.name}" took longer than ${work.options.timeoutMs} ms`);
    running.controller.abort(error);
    this.#failed(work, attempt, error);
  }

  abortAll(reason: string): void {
    for (const { controller } of this.#running.values()) controller.abort(new Error(reason));
  }

  #leave(work: Work, attempt: number): boolean {
    const running = this.#running.get(work.key);
    if (running?.attempt !== attempt || running.work.key !== work.key) return false;
    this.#running.delete(work.key);
    return true;
  }

  #settled(
    work: Work,
    attempt: number,
    result: { value?: Json; error?: EntryError; retryAtMs?: number | undefined; scratch?: Json },
  ): void {
    this.#finish(work, attempt, result);
    this.#onDone();
  }

  #finish(
    work: Work,
    attempt: number,
    {
      value,
      error,
      retryAtMs,
      scratch,
    }: { value?: Json; error?: EntryError; retryAtMs?: number | undefined; scratch?: Json },
  ): void {
    const { key, kind, name } = work;
    const usage = work.reserve
      ? value === undefined
        ? { ...NOTHING, turns: 1 }
        : (work.usageOf?.(value) ?? NOTHING)
      : undefined;
    this.#journal.dispatch(
      {
        type: "finish_entry",
        key,
        kind,
        name,
        attempt,
        outcome: error ? { ok: false, error } : { ok: true, value: value ?? null },
        ...(retryAtMs === undefined ? {} : { retryAtMs }),
        ...(scratch === undefined ? {} : { scratch }),
        ...(usage === undefined ? {} : { usage }),
      },
      "program",
    );
  }

  #doubt(work: Work): undefined {
    const entry = this.#journal.index().entries.get(work.key);
    const payload = { effect: work.name, input: entry?.input ?? null, attempt: entry?.attempt ?? 1 };
    const payloadDigest = this.#world.digest(canonicalJson(payload));
    this.#journal.dispatch(
      { type: "doubt_effect", key: work.key, gateId: this.#world.newId("gate"), payloadDigest },
      "system",
    );
    return undefined;
  }
}

function toEntryError(error: Error): EntryError {
  if (error instanceof StepError) {
    return {
      code: error.code,
      message: error.message,
      ...(error.details === undefined ? {} : { details: error.details }),
    };
  }
  if (error instanceof ExecutionFailure) return { code: error.code, message: error.message };
  return { code: "error", message: error.message.slice(0, 2_000) };
}

const encoder = new TextEncoder();
export function byteLength(value: Json): number {
  return encoder.encode(JSON.stringify(value)).length;
}
