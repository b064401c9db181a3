/**
 * What runs in this process right now: steps, effects, tools, model turns. It starts their tries, records what came of
 * them, and decides about another try. One for an execution, shared by its activations: the outside does not care which
 * activation asked, and a fact about it is written down in any case.
 *
 * - A try of an effect starts only after its intent is committed. Its result is staged before the program hears of it.
 * - Where no process knows what came of a try that is not safe to repeat, its probe says, or else a person: a timeout, a
 *   doubt and an interruption allow nothing (P2).
 */

import { stepError } from "../../define/errors.ts";
import type { OpenApprovalCommand } from "../../domain/execution/approval-command.ts";
import { exceededLimit } from "../../domain/execution/budget.ts";
import type { StartChild } from "../../domain/execution/child-command.ts";
import { shareOf } from "../../domain/execution/child-origin.ts";
import type { OpenEntry } from "../../domain/execution/entry.ts";
import { asWork, entryError, isOpenWork } from "../../domain/execution/entry.ts";
import { isHeld } from "../../domain/execution/hold.ts";
import { isTerminal } from "../../domain/execution/status.ts";
import type { Written } from "../journal/commits.ts";
import type { Journal } from "../journal/journal.ts";
import type { World } from "../ports.ts";
import type { Inside } from "../program/call-scope.ts";
import { EntryScratchpad } from "../program/scratchpad.ts";
import type { Activity, KeyedAttemptContext, StartThunk } from "./activity.ts";
import { DEFAULT_CHECK_TIMEOUT_MS, intentOf } from "./activity.ts";
import { Approvals } from "./approvals.ts";
import { BudgetReservations } from "./budget-reservations.ts";
import { intend } from "./intend.ts";
import type { KeyedStart } from "./pending-starts.ts";
import { PendingStarts } from "./pending-starts.ts";
import { afterInterrupt } from "./retry.ts";
import type { Running } from "./running-tries.ts";
import { RunningTries } from "./running-tries.ts";
import { TryEnds } from "./try-ends.ts";

const WITHDRAWN = "withdrawn";

export interface RunnerOptions {
  /** Most tries that run at once. */
  readonly mostTries: number;
  /** Something was written of an end. */
  readonly onDone: () => void;
}

export class ActivityRunner {
  readonly #journal: Journal;
  readonly #world: World;
  readonly #tries: RunningTries;
  readonly #reservations: BudgetReservations;
  readonly #approvals: Approvals;
  readonly #ends: TryEnds;
  readonly #starts: PendingStarts;

  constructor(journal: Journal, world: World, { mostTries, onDone }: RunnerOptions) {
    this.#journal = journal;
    this.#world = world;
    this.#reservations = new BudgetReservations(journal, world, onDone);
    this.#approvals = new Approvals(journal, world, onDone);
    this.#starts = new PendingStarts(onDone);
    this.#ends = new TryEnds(journal, world, {
      onDone,
      startWhen: (...given) => this.startWhen(...given),
      startOutcomeCheck: (...about) => this.#startOutcomeCheck(...about),
    });
    this.#tries = new RunningTries({
      world,
      most: mostTries,
      isHeld: () => journal.state !== undefined && isHeld(journal.state),
    });
  }

  /** The try whose code is running at this moment: a leaf, which may ask nothing (E4). */
  get inside(): Inside | undefined {
    return this.#tries.inside;
  }

  /** Keys of the tries and probes that run in this process. */
  get running(): readonly string[] {
    return this.#tries.keys;
  }

  get size(): number {
    return this.#tries.size + this.#starts.size + this.#reservations.pending + this.#approvals.claiming;
  }

  /** True for what runs in this process or is about to, draws its share of the budget, or claims its id: nothing to start. */
  has(key: string): boolean {
    return this.#tries.has(key) || this.#starts.has(key) || this.#reservations.has(key) || this.#approvals.has(key);
  }

  /** Whether one more try may start, beside so many that are about to. */
  hasRoom(about: number): boolean {
    return this.#tries.hasRoom(about + this.#starts.size);
  }

  /** Starts tries when their intents are on disk. Until then they count as running. */
  startWhen(written: Written, starts: readonly KeyedStart[]): void {
    this.#starts.when(written, starts);
  }

  /** The first try of something the journal does not know yet. */
  begin(activity: Activity): StartThunk | undefined {
    if (activity.priced !== false || this.#journal.state?.limits.maxCostUsd === undefined)
      return this.#try(activity, 1);
    const message =
      "the model has no known price, and a budget in dollars is set: choose a priced model or another limit";
    const { reserve: _unspent, ...free } = activity;
    this.#ends.finish(free, 1, { error: entryError("unknown_price", message) });
    return undefined;
  }

  /** A try whose worst case our own grant must cover first. */
  #try(activity: Activity, attempt: number, recovered = false): StartThunk | undefined {
    const { reserve, optional = false } = activity;
    const { state } = this.#journal;
    if (!reserve) return this.#prepare(activity, attempt, recovered);
    const refused = () => this.#beyondBudget(activity, attempt, recovered);
    if (optional && state && exceededLimit(state, reserve)) return refused();
    const proceed = () => this.#prepare(activity, attempt, recovered);
    return this.#reservations.whenReserved(activity.key, reserve, optional ? { proceed, refused } : { proceed });
  }

  /** What is optional ends without the turn; one that a crash interrupted counts as spent all the same. */
  #beyondBudget(activity: Activity, attempt: number, recovered: boolean): undefined {
    const { reserve, ...free } = activity;
    const error = entryError("budget_exceeded", `the budget does not cover "${activity.name}"`);
    this.#ends.finish(recovered ? activity : free, attempt, { error, spent: reserve });
    return undefined;
  }

  /** Opens an approval of the program, at once or when its id is claimed. */
  openApproval(command: OpenApprovalCommand): StartThunk | undefined {
    return this.#approvals.open(command);
  }

  /** Stages a child's intent; its start leaves by the outbox. */
  beginChild(command: StartChild): StartThunk | undefined {
    const share = shareOf(command.grant);
    const proceed = () => {
      intend(this.#journal, "child", command);
      return undefined;
    };
    return this.#reservations.whenReserved(command.key, share, { proceed });
  }

  /** Stages the intent of a try and returns what starts it. Computation has no intent: it may simply run again. */
  #prepare(activity: Activity, attempt: number, recovered: boolean): StartThunk | undefined {
    const { kind, options } = activity;
    if (kind === "step" && attempt === 1 && options.timeoutMs === undefined)
      return () => this.#start(activity, attempt);
    const decided = intend(this.#journal, kind, intentOf(activity, { attempt, recovered }));
    // A limit that was met leaves no intent: the execution ends, or a person is asked, and then it is begun anew.
    const isBegun = decided.ok && this.#journal.index().entries.get(activity.key)?.attempt === attempt;
    return isBegun ? () => this.#start(activity, attempt) : undefined;
  }

  /** Takes up an entry that nothing in this process works on: an earlier process began it, or its backoff is over. */
  resume(activity: Activity, entry: OpenEntry): StartThunk | undefined {
    if (entry.status === "backing_off") return this.#try(activity, entry.attempt + 1);
    if (entry.status !== "open") return undefined;
    const granted = isOpenWork(entry) && entry.status === "open" && entry.retryGranted;
    const policy = granted ? "retry" : afterInterrupt(activity);
    if (policy === "retry") return this.#try(activity, entry.attempt + 1, true);
    if (policy === "ask") return this.#ends.unknown(activity, entry.attempt);
    const message = `the effect "${activity.name}" was interrupted and is not safe to repeat`;
    this.#ends.finish(activity, entry.attempt, { error: entryError("interrupted", message) });
    return undefined;
  }

  #start(activity: Activity, attempt: number): void {
    const scratchpad = new EntryScratchpad(activity.scratchpad);
    const { perform, options } = activity;
    this.#run(activity, {
      phase: "try",
      attempt,
      timeoutMs: options.timeoutMs,
      perform: (signal) => perform(this.#handed(activity, { attempt, signal, scratchpad })),
      done: (value) => this.#ends.succeeded(activity, attempt, { value, scratch: scratchpad.written() }),
      failed: (thrown) => this.#ends.failed(activity, attempt, thrown),
      overran: (timeout) => this.#ends.timedOut(activity, attempt, timeout),
      ...this.#whenDropped(activity, attempt),
      lost: (error) => this.#ends.lost(activity, attempt, error),
    });
  }

  /** A phase of its own: it asks about a try and is none. `failed`: what the try of this process ended with. */
  #startOutcomeCheck(activity: Activity, attempt: number, failed?: unknown): void {
    const { checkOutcome, checkTimeoutMs = DEFAULT_CHECK_TIMEOUT_MS } = activity.options;
    if (!checkOutcome) return;
    const scratchpad = new EntryScratchpad(activity.scratchpad);
    const cannotTell = (why: unknown) => this.#ends.cannotTell(activity, why);
    this.#run(activity, {
      phase: "probe",
      attempt,
      timeoutMs: checkTimeoutMs,
      perform: (signal) => checkOutcome(this.#handed(activity, { attempt, signal, scratchpad })),
      done: (found) => this.#ends.outcomeChecked(activity, attempt, { found, failed, scratch: scratchpad.written() }),
      failed: cannotTell,
      overran: cannotTell,
      dropped: () => {},
      lost: (error) => this.#ends.lost(activity, attempt, error),
    });
  }

  /**
   * Returns what to do when a try loses its race. The result of a computation is dropped. A turn goes on at its provider's
   * and is paid, even if no program hears it. What came of an effect is written down whenever it is known.
   */
  #whenDropped(activity: Activity, attempt: number): Pick<Running, "dropped"> {
    if (activity.kind === "step") return { dropped: () => {} };
    if (activity.kind !== "turn") return {};
    const error = entryError(WITHDRAWN, `"${activity.name}" lost its race`);
    return { dropped: () => this.#ends.finish(activity, attempt, { error, spent: activity.reserve }) };
  }

  /** Withdraws losers of a race. Called when the withdrawal is in the log. */
  withdraw(keys: Iterable<string>): void {
    for (const key of keys) {
      this.#reservations.drop(key);
      this.#tries.withdraw(key, stepError(WITHDRAWN, "it lost its race: the program does not wait for it"));
    }
  }

  #run({ key, name }: Activity, running: Omit<Running, "key" | "name">): void {
    const { state } = this.#journal;
    if (!state || isTerminal(state.status) || this.#tries.has(key)) return;
    // Paused, or its race lost, while its intent was written: what is still open is taken up on resume (E6, E7).
    // What was begun before a person was asked about the budget goes on: it is paid for.
    const isHalted = isHeld(state) && !(state.gates.ofBudget && state.status === "waiting");
    if (isHalted || this.#journal.index().entries.get(key)?.status === "done") return;
    this.#tries.start({ key, name, ...running });
  }

  #handed(
    { key }: Activity,
    { attempt, signal, scratchpad }: { attempt: number; signal: () => AbortSignal; scratchpad: EntryScratchpad },
  ): KeyedAttemptContext {
    const { state } = this.#journal;
    const begunIn = asWork(this.#journal.index().entries.get(key))?.begunIn ?? state?.origin.id;
    return {
      key,
      attempt,
      get signal() {
        return signal();
      },
      idempotencyKey: `${begunIn}:${key}`,
      scratchpad,
      now: () => this.#world.now(),
      random: () => this.#world.random(),
    };
  }

  /** What overran while the execution was held does so now. */
  lookAtClock(): void {
    this.#tries.lookAtClock();
  }

  abortAll(reason: string): void {
    this.#tries.abortAll(reason);
  }
}
