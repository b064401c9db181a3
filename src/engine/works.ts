/**
 * What runs in this process right now: steps, effects, tools, model turns. It starts their tries, records what came of
 * them, and decides about another try. One for an execution, shared by its activations: the outside does not care which
 * activation asked, and a fact about it is written down in any case.
 *
 * W1  A try of an effect starts only after its intent is committed. W2  Its result is staged before anybody hears of it.
 * W3  One key runs at most once at a time in this process.
 */
import { InDoubt, StepError } from "../define/errors.ts";
import type { Amount } from "../domain/budget.ts";
import { exceededLimit, NOTHING, plus } from "../domain/budget.ts";
import type { StartChild } from "../domain/command.ts";
import type { Entry, EntryError } from "../domain/entry.ts";
import type { Json } from "../domain/json.ts";
import { canonicalJson } from "../domain/json.ts";
import { isTerminal } from "../domain/status.ts";
import type { Journal } from "./journal.ts";
import { Leaf } from "./leaf.ts";
import type { World } from "./ports.ts";
import { NeverHappened, probing } from "./probe.ts";
import { afterInterrupt, retryAtMs, toEntryError } from "./retry.ts";
import { EntryScratchpad } from "./scratchpad.ts";
import { Shares } from "./shares.ts";
import { storable } from "./storable.ts";
import { traceOf } from "./trace.ts";
import type { Launch, Work } from "./work.ts";
import { intentOf } from "./work.ts";

interface Running {
  readonly work: Work;
  readonly attempt: number;
  /** Made when the try asks for its signal. */
  controller?: AbortController;
}

/** How a try ended: with a value, or with an error and perhaps the instant of the next try. */
interface Result {
  readonly value?: Json;
  readonly error?: EntryError;
  readonly retryAtMs?: number | undefined;
  readonly scratch?: Json | undefined;
  /** Of a try that brought no value. */
  readonly spent?: Amount | undefined;
}

export class Works {
  readonly #journal: Journal;
  readonly #world: World;
  readonly #onDone: () => void;
  readonly #running = new Map<string, Running>();
  readonly #shares: Shares;
  readonly #leaf = new Leaf();

  constructor(journal: Journal, world: World, onDone: () => void) {
    this.#journal = journal;
    this.#world = world;
    this.#onDone = onDone;
    this.#shares = new Shares(journal, world, onDone);
  }

  /** The step, effect or tool whose function is being called at this moment: a leaf, which may ask nothing (E4). */
  get leaf(): string | undefined {
    return this.#leaf.name;
  }

  get size(): number {
    return this.#running.size + this.#shares.drawing;
  }

  /** It runs in this process, or its share of the budget is being drawn: nothing to start. */
  has(key: string): boolean {
    return this.#running.has(key) || this.#shares.has(key);
  }

  /** The first try of something the journal does not know yet. */
  begin(work: Work): Launch | undefined {
    if (work.priced !== false || this.#journal.state?.limits.maxCostUsd === undefined) return this.#try(work, 1);
    const message =
      "the model has no known price, and a budget in dollars is set: choose a priced model or another limit";
    const { reserve: _unspent, ...free } = work;
    this.#finish(free, 1, { error: { code: "unknown_price", message } });
    return undefined;
  }

  /** A try whose worst case our own grant must cover first. */
  #try(work: Work, attempt: number, recovered = false): Launch | undefined {
    const { reserve, optional = false } = work;
    const { state } = this.#journal;
    if (!reserve) return this.#prepare(work, attempt, recovered);
    const refused = () => this.#beyondBudget(work, attempt, recovered);
    if (optional && state && exceededLimit(state, reserve)) return refused();
    const proceed = () => this.#prepare(work, attempt, recovered);
    return this.#shares.covered(work.key, reserve, optional ? { proceed, refused } : { proceed });
  }

  /** What is optional ends without the turn; one that a crash interrupted counts as spent all the same. */
  #beyondBudget(work: Work, attempt: number, recovered: boolean): undefined {
    const { reserve, ...free } = work;
    const error = { code: "budget_exceeded", message: `the budget does not cover "${work.name}"` };
    this.#finish(recovered ? work : free, attempt, { error, spent: reserve });
    return undefined;
  }

  /** Stages a child's intent; its start leaves by the outbox. */
  beginChild(command: StartChild): Launch | undefined {
    const share = plus(command.grant, { ...NOTHING, children: 1 });
    const proceed = () => {
      this.#journal.dispatch(command, "program");
      return undefined;
    };
    return this.#shares.covered(command.key, share, { proceed });
  }

  /** Stages the intent of a try and returns what starts it. Computation has no intent: it may simply run again. */
  #prepare(work: Work, attempt: number, recovered: boolean): Launch | undefined {
    const { kind, options } = work;
    if (kind === "step" && attempt === 1 && options.timeoutMs === undefined) return () => this.#start(work, attempt);
    const intent = intentOf(work, { attempt, recovered, now: this.#world.now() });
    const decided = this.#journal.dispatch(intent, "program");
    return decided.ok ? () => this.#start(work, attempt) : undefined;
  }

  /** Takes up an entry that nothing in this process works on: an earlier process began it, or its backoff is over. */
  resume(work: Work, entry: Entry): Launch | undefined {
    if (entry.status === "backing_off") {
      const due = entry.retryAtMs !== undefined && entry.retryAtMs <= this.#world.now();
      return due ? this.#try(work, entry.attempt + 1) : undefined;
    }
    if (entry.status !== "open") return undefined;
    const policy = entry.retryGranted ? "retry" : afterInterrupt(work);
    if (policy === "retry") return this.#try(work, entry.attempt + 1, true);
    if (policy === "fail") {
      const message = `the effect "${work.name}" was interrupted and is not safe to repeat`;
      this.#finish(work, entry.attempt, { error: { code: "interrupted", message } });
      return undefined;
    }
    const { probe } = work.options;
    if (!probe) return this.#doubt(work);
    return () => this.#start(probing(work, probe), entry.attempt);
  }

  #start(work: Work, attempt: number): void {
    const { state } = this.#journal;
    if (!state || isTerminal(state.status) || this.#running.has(work.key)) return;
    const running: Running = { work, attempt };
    this.#running.set(work.key, running);
    const scratchpad = new EntryScratchpad(work.scratchpad);
    const handed: Parameters<Work["perform"]>[0] = {
      key: work.key,
      attempt,
      get signal() {
        running.controller ??= new AbortController();
        return running.controller.signal;
      },
      idempotencyKey: `${this.#journal.index().entries.get(work.key)?.begunIn ?? state.origin.id}:${work.key}`,
      scratchpad,
    };
    const done = (value: unknown) => this.#succeeded(work, attempt, { value, scratch: scratchpad.written() });
    const failed = (error: unknown) => this.#failed(work, attempt, error);
    try {
      const value = this.#leaf.call(work.name, () => work.perform(handed));
      if (value instanceof Promise) value.then(done, failed).catch((error) => this.#unwritten(work, error));
      else done(value);
    } catch (error) {
      failed(error);
    }
  }

  #succeeded(work: Work, attempt: number, { value, scratch }: { value: unknown; scratch: Json | undefined }): void {
    let output: Json;
    try {
      output = storable(value, `the result of "${work.name}"`);
    } catch (error) {
      // The try itself went well: doing it again would not make its result any smaller, and may not be safe.
      if (this.#leave(work, attempt)) this.#settled(work, attempt, { error: toEntryError(error) });
      return;
    }
    if (this.#leave(work, attempt)) this.#settled(work, attempt, { value: output, scratch });
  }

  /** The storage refused what came of a try. Nothing of it is written: the next process takes the entry up (E7). */
  #unwritten({ key }: Work, error: unknown): void {
    this.#world.log("error", "what came of a try could not be written", { key, stack: traceOf(error) });
  }

  #failed(work: Work, attempt: number, thrown: unknown): void {
    if (!this.#leave(work, attempt)) return;
    if (thrown instanceof NeverHappened && thrown.failure !== undefined) {
      const retryAtMs = this.#retryAt(work, thrown.failure);
      return this.#settled(work, attempt, { error: toEntryError(thrown.failure), retryAtMs });
    }
    if (thrown instanceof NeverHappened) {
      // Not begun from here: meanwhile the execution may have been paused or cancelled (E6, P3).
      this.#journal.dispatch({ type: "allow_retry", key: work.key, by: "probe" }, "system");
      this.#onDone();
      return;
    }
    // Where a repetition is safe, not knowing is only a failure.
    if (thrown instanceof InDoubt && afterInterrupt(work) === "ask") {
      this.#leaveOpen(work, attempt, thrown);
      return;
    }
    this.#world.log("warn", "a try failed", { key: work.key, attempt, stack: traceOf(thrown) });
    const retryAtMs = this.#retryAt(work, thrown);
    this.#settled(work, attempt, { error: toEntryError(thrown), retryAtMs, spent: work.spentBy?.(thrown) });
  }

  /**
   * A try that overran its time: it is told to stop, and what it still brings is not heard. Whether it reached the
   * outside nobody knows, so another try follows only where an interrupted one may be repeated (P2).
   */
  timeOut(key: string): void {
    const running = this.#running.get(key);
    if (!running) return;
    const { work, attempt } = running;
    const thrown = new StepError("timeout", `"${work.name}" took longer than ${work.options.timeoutMs} ms`);
    running.controller?.abort(thrown);
    if (!this.#leave(work, attempt)) return;
    const again = this.#retryAt(work, thrown);
    const policy = afterInterrupt(work);
    if (again !== undefined && policy === "ask") this.#leaveOpen(work, attempt, thrown);
    else
      this.#settled(work, attempt, {
        error: toEntryError(thrown),
        retryAtMs: policy === "retry" ? again : undefined,
        // A turn goes on at its provider's and is paid, whoever hears it.
        spent: work.reserve,
      });
  }

  #retryAt(work: Work, thrown: unknown): number | undefined {
    const failures = (this.#journal.index().entries.get(work.key)?.failures ?? 0) + 1;
    return retryAtMs(this.#world, work, { failures, thrown });
  }

  abortAll(reason: string): void {
    for (const { controller } of this.#running.values()) controller?.abort(new Error(reason));
  }

  #leave(work: Work, attempt: number): boolean {
    const running = this.#running.get(work.key);
    if (running?.attempt !== attempt) return false;
    return this.#running.delete(work.key);
  }

  #settled(work: Work, attempt: number, result: Result): void {
    this.#finish(work, attempt, result);
    this.#onDone();
  }

  #finish({ key, kind, name, reserve, usageOf }: Work, attempt: number, result: Result): void {
    const { value, error, retryAtMs, scratch, spent = { ...NOTHING, turns: 1 } } = result;
    // A turn that was answered with an error is not paid; it is a turn all the same.
    const usage = reserve && (value === undefined ? spent : (usageOf?.(value) ?? reserve));
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

  /** Nobody knows what came of the try: the entry stays open until its probe, or else a person, says. */
  #leaveOpen(work: Work, attempt: number, thrown: unknown): void {
    const { probe } = work.options;
    if (probe && !work.probing) this.#start(probing(work, probe, thrown), attempt);
    else this.#doubt(work);
    this.#journal.flush();
    this.#onDone();
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
