/**
 * What runs in this process right now: steps, effects, tools, model turns. It starts their tries, records what came of
 * them, and decides about another try. One for an execution, shared by its activations: the outside does not care which
 * activation asked, and a fact about it is written down in any case.
 *
 * W1  A try of an effect starts only after its intent is committed. W2  Its result is staged before anybody hears of it.
 * W3  Where nobody knows what came of a try that is not safe to repeat, its probe says, or else a person: a timeout, a
 *     doubt and an interruption allow nothing (P2).
 */
import { StepError } from "../define/errors.ts";
import { exceededLimit } from "../domain/budget.ts";
import { shareOf } from "../domain/child-origin.ts";
import type { OpenGateCommand, StartChild } from "../domain/command.ts";
import type { Entry } from "../domain/entry.ts";
import { isHeld } from "../domain/hold.ts";
import { isTerminal } from "../domain/status.ts";
import type { Written } from "./commits.ts";
import { Gates } from "./gates.ts";
import { intend } from "./intend.ts";
import type { Journal } from "./journal.ts";
import type { KeyedLaunch } from "./launches.ts";
import { Launches } from "./launches.ts";
import type { Inside } from "./leaf.ts";
import type { World } from "./ports.ts";
import { afterInterrupt } from "./retry.ts";
import type { Running } from "./running-tries.ts";
import { RunningTries } from "./running-tries.ts";
import { EntryScratchpad } from "./scratchpad.ts";
import { Shares } from "./shares.ts";
import { TryEnds } from "./try-ends.ts";
import type { KeyedTry, Launch, Work } from "./work.ts";
import { DEFAULT_PROBE_TIMEOUT_MS, intentOf } from "./work.ts";

const WITHDRAWN = "withdrawn";

export interface WorksOptions {
  /** Most tries that run at once. */
  readonly mostTries: number;
  /** Something was written of an end. */
  readonly onDone: () => void;
}

export class Works {
  readonly #journal: Journal;
  readonly #world: World;
  readonly #tries: RunningTries;
  readonly #shares: Shares;
  readonly #gates: Gates;
  readonly #ends: TryEnds;
  readonly #launches: Launches;

  constructor(journal: Journal, world: World, { mostTries, onDone }: WorksOptions) {
    this.#journal = journal;
    this.#world = world;
    this.#shares = new Shares(journal, world, onDone);
    this.#gates = new Gates(journal, world, onDone);
    this.#launches = new Launches(onDone);
    this.#ends = new TryEnds(journal, world, {
      onDone,
      launchWhen: (...given) => this.launchWhen(...given),
      startProbe: (...about) => this.#startProbe(...about),
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
    return this.#tries.size + this.#launches.size + this.#shares.drawing + this.#gates.claiming;
  }

  /** It runs in this process or is about to, its share of the budget is being drawn, or its id claimed: nothing to start. */
  has(key: string): boolean {
    return this.#tries.has(key) || this.#launches.has(key) || this.#shares.has(key) || this.#gates.has(key);
  }

  /** Whether one more try may start, beside so many that are about to. */
  hasRoom(about: number): boolean {
    return this.#tries.hasRoom(about + this.#launches.size);
  }

  /** Starts tries when their intents are on disk. Until then they count as running. */
  launchWhen(written: Written, launches: readonly KeyedLaunch[]): void {
    this.#launches.when(written, launches);
  }

  /** The first try of something the journal does not know yet. */
  begin(work: Work): Launch | undefined {
    if (work.priced !== false || this.#journal.state?.limits.maxCostUsd === undefined) return this.#try(work, 1);
    const message =
      "the model has no known price, and a budget in dollars is set: choose a priced model or another limit";
    const { reserve: _unspent, ...free } = work;
    this.#ends.finish(free, 1, { error: { code: "unknown_price", message } });
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
    this.#ends.finish(recovered ? work : free, attempt, { error, spent: reserve });
    return undefined;
  }

  /** Opens a gate of the program, at once or when its id is claimed. */
  openGate(command: OpenGateCommand): Launch | undefined {
    return this.#gates.open(command);
  }

  /** Stages a child's intent; its start leaves by the outbox. */
  beginChild(command: StartChild): Launch | undefined {
    const share = shareOf(command.grant);
    const proceed = () => {
      intend(this.#journal, "child", command);
      return undefined;
    };
    return this.#shares.covered(command.key, share, { proceed });
  }

  /** Stages the intent of a try and returns what starts it. Computation has no intent: it may simply run again. */
  #prepare(work: Work, attempt: number, recovered: boolean): Launch | undefined {
    const { kind, options } = work;
    if (kind === "step" && attempt === 1 && options.timeoutMs === undefined) return () => this.#start(work, attempt);
    const decided = intend(this.#journal, kind, intentOf(work, { attempt, recovered }));
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
    if (policy === "ask") return this.#ends.unknown(work, entry.attempt);
    const message = `the effect "${work.name}" was interrupted and is not safe to repeat`;
    this.#ends.finish(work, entry.attempt, { error: { code: "interrupted", message } });
    return undefined;
  }

  #start(work: Work, attempt: number): void {
    const scratchpad = new EntryScratchpad(work.scratchpad);
    const { perform, options } = work;
    this.#run(work, {
      phase: "try",
      attempt,
      timeoutMs: options.timeoutMs,
      perform: (signal) => perform(this.#handed(work, { attempt, signal, scratchpad })),
      done: (value) => this.#ends.succeeded(work, attempt, { value, scratch: scratchpad.written() }),
      failed: (thrown) => this.#ends.failed(work, attempt, thrown),
      overran: (timeout) => this.#ends.timedOut(work, attempt, timeout),
      ...this.#whenDropped(work, attempt),
      lost: (error) => this.#ends.lost(work, attempt, error),
    });
  }

  /** A phase of its own: it asks about a try and is none. `failed`: what the try of this process ended with. */
  #startProbe(work: Work, attempt: number, failed?: unknown): void {
    const { probe, probeTimeoutMs = DEFAULT_PROBE_TIMEOUT_MS } = work.options;
    if (!probe) return;
    const scratchpad = new EntryScratchpad(work.scratchpad);
    const cannotTell = (why: unknown) => this.#ends.cannotTell(work, why);
    this.#run(work, {
      phase: "probe",
      attempt,
      timeoutMs: probeTimeoutMs,
      perform: (signal) => probe(this.#handed(work, { attempt, signal, scratchpad })),
      done: (found) => this.#ends.probed(work, attempt, { found, failed, scratch: scratchpad.written() }),
      failed: cannotTell,
      overran: cannotTell,
      dropped: () => {},
      lost: (error) => this.#ends.lost(work, attempt, error),
    });
  }

  /**
   * A computation is nobody's any more. A turn goes on at its provider's and is paid, whoever hears it. What came of an
   * effect is written down whenever it is known.
   */
  #whenDropped(work: Work, attempt: number): Pick<Running, "dropped"> {
    if (work.kind === "step") return { dropped: () => {} };
    if (work.kind !== "turn") return {};
    const error = { code: WITHDRAWN, message: `"${work.name}" lost its race` };
    return { dropped: () => this.#ends.finish(work, attempt, { error, spent: work.reserve }) };
  }

  /** Withdraws losers of a race. Called when the withdrawal is in the log. */
  withdraw(keys: Iterable<string>): void {
    for (const key of keys) {
      this.#shares.drop(key);
      this.#tries.withdraw(key, new StepError(WITHDRAWN, "it lost its race: the program does not wait for it"));
    }
  }

  #run({ key, name }: Work, running: Omit<Running, "key" | "name">): void {
    const { state } = this.#journal;
    if (!state || isTerminal(state.status) || this.#tries.has(key)) return;
    // Paused, or its race lost, while its intent was written: what is still open is taken up on resume (E6, E7).
    if (isHeld(state) || this.#journal.index().entries.get(key)?.status === "done") return;
    this.#tries.start({ key, name, ...running });
  }

  #handed(
    { key }: Work,
    { attempt, signal, scratchpad }: { attempt: number; signal: () => AbortSignal; scratchpad: EntryScratchpad },
  ): KeyedTry {
    const { state } = this.#journal;
    const begunIn = this.#journal.index().entries.get(key)?.begunIn ?? state?.origin.id;
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
