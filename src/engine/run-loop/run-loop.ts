/**
 * One activation of a program: it runs from the top, and what is finished answers from the journal.
 *
 * It owns the open operations of the program and the order in which they are answered, and knows nothing of storage.
 *
 * E1  Completions are delivered in the order of the log, the next one only when the program has come to rest.
 * E3  An entry that the program does not ask for within a bound, or asks differently, blocks the execution: it changed.
 *     Nothing new begins before the whole log has been matched, so a changed program touches nothing.
 * E5  Suspension never kills: with nothing to deliver the loop simply stops; `wake` goes on where it stood.
 * E6  While it is held (paused, blocked, an approval asked for from outside) nothing is delivered and nothing new begins.
 */
import { PROGRAM_CHANGED } from "../../domain/decide/program.ts";
import type { OneWayCommand } from "../../domain/execution/command.ts";
import { doneSeqOf } from "../../domain/execution/entry.ts";
import { isTerminal } from "../../domain/execution/status.ts";
import type { StoredFiles } from "../../domain/execution/stored-file.ts";
import type { Json } from "../../domain/values/json.ts";
import type { ActivityRunner } from "../activities/activity-runner.ts";
import { recordOnce } from "../activities/intend.ts";
import type { Journal } from "../journal/journal.ts";
import { firstNonDeterminism, notAskedFor } from "../operations/determinism.ts";
import type { Loop, Operation } from "../operations/operation.ts";
import { tookOver } from "../operations/reusable-results.ts";
import type { FoundFunction, World } from "../ports.ts";
import { blockProgram } from "../program/deployment-of.ts";
import { ProgramScratchpad } from "../program/scratchpad.ts";
import { BeginOperations } from "./begin-operations.ts";
import type { Ended } from "./ended.ts";
import { recordEnd } from "./ended.ts";
import { Ending } from "./ending.ts";
import { Grace } from "./grace.ts";
import { RecordedValues } from "./recorded-values.ts";
import { runProgram } from "./run-program.ts";
import { standsStill } from "./standstill.ts";
import { suspend } from "./suspend.ts";
import { Unasked } from "./unasked.ts";
import { Withdrawals } from "./withdrawals.ts";

export interface LoopParts {
  readonly journal: Journal;
  readonly activities: ActivityRunner;
  readonly world: World;
  readonly found: FoundFunction;
  readonly files: StoredFiles | undefined;
  readonly onQuiescent: () => void;
  /** What is waited for before a rest is written, so that more goes into its commit. */
  readonly ahead: () => Promise<unknown> | undefined;
  readonly graceMs: number;
}

export class RunLoop implements Loop {
  readonly journal: Journal;
  readonly activities: ActivityRunner;
  readonly world: World;
  readonly values: RecordedValues;
  readonly scratchpad = new ProgramScratchpad();
  readonly #parts: LoopParts;
  /** Made when the program asks for its signal: few programs do, and one costs as much as a step. */
  #aborter: AbortController | undefined;
  /** What the program asked and has not been told yet. */
  readonly #operations = new Map<string, Operation>();
  readonly #unasked = new Unasked();
  /** How the program was found not to be the one that wrote the log, while it runs: it is blocked when it rests. */
  #changed: string | undefined;
  #fresh: Operation[] = [];
  readonly #withdrawals = new Withdrawals();
  readonly #begin = new BeginOperations(this.#operations, this);
  #cursor = 0;
  /** All that the log held was asked for again. */
  #matched = false;
  #pumping = false;
  /** The program was answered, or asked, since it came to rest. */
  #dirty = true;
  #ahead: Promise<unknown> | undefined;
  #ended: Ended | undefined;
  /** Something that the log holds is waited for: the program has not asked for it yet. */
  #missing = false;
  readonly #own: Grace;
  readonly #ending: Ending;
  /** Where the last answer that the program heard stands in the log. */
  #heardSeq = 0;
  #closed = false;
  #crashed = false;

  constructor(parts: LoopParts) {
    this.#parts = parts;
    this.journal = parts.journal;
    this.activities = parts.activities;
    this.world = parts.world;
    this.journal.onEntry((key) => this.#begin.changed(key));
    const grace = () => new Grace(parts.world, parts.graceMs, () => this.wake());
    [this.#own, this.#ending] = [grace(), new Ending(parts.journal, parts.activities, grace())];
    const onChanged = (how: string) => {
      this.#changed ??= how;
    };
    this.values = new RecordedValues({ ...parts, unasked: this.#unasked, isOver: () => this.#stopped, onChanged });
  }

  get abortSignal(): AbortSignal {
    this.#aborter ??= new AbortController();
    if (this.#closed) this.#aborter.abort();
    return this.#aborter.signal;
  }
  get files(): StoredFiles | undefined {
    return this.#parts.files;
  }
  /** True while the loop goes round: within a moment there is a commit, or a rest. */
  get pumping(): boolean {
    return this.#pumping;
  }
  get queued(): readonly Operation[] {
    return this.#begin.queued;
  }
  get closed(): boolean {
    return this.#closed;
  }
  /** True when the loop stopped by a fault of the engine or the storage, not by anything in the log. */
  get crashed(): boolean {
    return this.#crashed;
  }

  /** Runs the program from the top. The input is the program's own from here on. */
  start(input: Json): void {
    this.#unasked.expect(this.journal.indexForReplay().entries);
    void runProgram(this, { found: this.#parts.found, input }).then(
      (value) => this.#markDirty({ ok: true, value }),
      (error) => this.#markDirty({ ok: false, error }),
    );
    this.wake();
  }

  /** The program did something: what it does in the same breath is looked at together. */
  #markDirty(ended?: Ended): void {
    this.#ended ??= ended;
    this.#dirty = true;
    this.wake();
  }

  /** A question of the program. It is looked at when the program has come to rest. */
  submit(operation: Operation): void {
    if (this.#closed && this.#ended) this.world.log("warn", "a program asked after its end", { key: operation.key });
    if (this.#closed) return;
    this.#unasked.take(operation.key);
    this.#fresh.push(operation);
    this.#markDirty();
  }

  /** A race is decided: what its losers asked is no question any more. */
  withdraw(lost: readonly string[]): void {
    this.#fresh = this.#withdrawals.without(this.#fresh, this.#operations);
    this.#withdrawals.add(this.#unasked.drop(lost));
    if (this.#matched && !this.#stopped) this.#withdrawals.write(this);
  }

  /** Nothing that the program says from here on is written down. */
  get #stopped(): boolean {
    return this.#closed || this.#changed !== undefined;
  }

  /** Called for what the program says once and gets no answer to: notes and progress. Throws when the log cannot take it. */
  say(command: OneWayCommand): void {
    if (!this.#stopped && recordOnce(this.journal, command)) this.journal.flushSoon();
  }

  /** Something changed outside: go on. Safe to call at any time. */
  wake(): void {
    if (this.#pumping || this.#closed) return;
    this.#pumping = true;
    void this.#pump();
  }

  /** Ends this activation: it hears nothing any more, and its program's operations are never answered. */
  close(reason: string): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#aborter?.abort(new Error(reason));
  }

  async #pump(): Promise<void> {
    try {
      do {
        if (this.#ahead !== undefined) await this.#ahead;
        // No turn before this: the watch hears first that an answered program goes on. One that stands still is at rest at no cost.
        await (this.#dirty ? this.world.drainMicrotasks() : undefined);
        this.#dirty = false;
        if (this.#halted()) return;
        if (this.#changed !== undefined) return this.#block(this.#changed);
        if (this.#ended && !this.#ended.ok) return this.#conclude(this.#ended);
        this.journal.flushWhenDue();
        this.#takeFresh();
        if (this.#ended) this.#ending.returned(this.#operations.values(), this.#heardSeq);
      } while (this.#deliverNext() || this.#looksAhead());
      if (this.#halted()) return;
      if (this.#ended && !this.#missing && !this.#ending.isHeldUp(this.#operations.values()))
        this.#conclude(this.#ended);
      else suspend(this, this.#missing);
    } catch (error) {
      this.#crash(error);
    } finally {
      // In the same breath as the last look: a wake that came later finds no pump running and begins anew.
      this.#pumping = false;
      this.#parts.onQuiescent();
    }
  }

  #looksAhead(): boolean {
    this.#ahead = this.#ended ? undefined : this.#parts.ahead();
    return this.#ahead !== undefined;
  }

  #halted(): boolean {
    const { state } = this.journal;
    if (this.#closed || !state) return true;
    if (isTerminal(state.status)) {
      void this.journal.flush();
      this.close(state.status);
      return true;
    }
    return standsStill(this.journal, state, { hasWork: this.#fresh.length > 0 || this.#ended !== undefined });
  }

  /** Matches what the program asked since its last rest with the journal. */
  #takeFresh(): void {
    const fresh = this.#fresh.splice(0);
    const changed = firstNonDeterminism(fresh, this.journal.index().entries);
    if (changed !== undefined) return this.#block(changed);
    this.#begin.add(fresh);
  }

  /** Delivers what the log holds next; with nothing left in it, begins what was asked. False when there is nothing to deliver now. */
  #deliverNext(): boolean {
    const { completions } = this.journal.index();
    if (this.#halted()) return false;
    if (completions[this.#cursor] === undefined) this.#goAhead();
    const key = completions[this.#cursor];
    if (key === undefined || this.#halted()) return false;
    if (this.#withdrawals.has(key)) {
      this.#cursor += 1;
      return true;
    }
    const operation = this.#operations.get(key);
    const passed = this.#unasked.valueBefore(doneSeqOf(this.journal.index().entries.get(key)) ?? 0);
    const value = operation && !passed && this.journal.take(key);
    if (!value) {
      this.#awaitOwn(passed?.key ?? key);
      return false;
    }
    this.#found();
    this.#cursor += 1;
    this.#heardSeq = doneSeqOf(this.journal.index().entries.get(key)) ?? 0;
    this.#operations.delete(key);
    this.scratchpad.absorb(value.scratch);
    operation.complete(value.outcome, value.scratch);
    this.#dirty = true;
    return true;
  }

  /** The log is delivered: what was asked and neither runs nor is finished begins, or is taken up again. */
  #goAhead(): void {
    const { first } = this.#unasked;
    if (first) return this.#awaitOwn(first.key);
    this.#found();
    this.#matched = true;
    this.#withdrawals.write(this);
    if (tookOver(this.#begin.fresh, this.journal)) return;
    this.#begin.begin();
  }

  /** The log holds what the program has not asked for: it may be at something of its own, and is waited for (E3). */
  #awaitOwn(key: string): void {
    this.#missing = this.#own.lasts();
    if (!this.#missing) this.#block(notAskedFor(key));
  }

  #found(): void {
    if (this.#missing) this.#own.over();
    this.#missing = false;
  }

  #conclude(ended: Ended): void {
    const { first } = this.#unasked;
    if (first) return this.#block(notAskedFor(first.key));
    recordEnd(this.journal, this.world, ended);
    void this.journal.flush();
    this.close("ended");
  }

  #block(detail: string): void {
    void blockProgram(this.journal, this.world, detail);
    this.close(PROGRAM_CHANGED);
  }

  /** A fault of the engine itself, or of the storage. Nothing staged is lost to the outside; the alarm finds it again. */
  #crash(error: unknown): void {
    const stack = error instanceof Error ? error.stack : String(error);
    this.world.log("error", "the run loop stopped", { execution_id: this.journal.state?.origin.id, stack });
    this.#crashed = true;
    this.close("crashed");
  }
}
