/**
 * One execution, whole, without a platform: what it accepts, when its program runs, and what it owes others. The actor is
 * a shell around this; the simulator drives the very same object.
 *
 * - Everything from outside is a command: decided, committed, and only then answered.
 * - A program runs at most once at a time in a process, and only while there is something for it to do.
 * - A recovery is on disk before the replay begins, so a program that kills its process is counted (E7).
 */
import type { Decided } from "../../domain/decide/decided.ts";
import type { AdoptChild } from "../../domain/execution/child-command.ts";
import type { BudgetRequestCommand, CreateCommand, OutsideCommand } from "../../domain/execution/command.ts";
import type { Event } from "../../domain/execution/event.ts";
import { startedBy } from "../../domain/execution/origin.ts";
import { lacksSlot, wantsSlot } from "../../domain/execution/slot-needs.ts";
import type { ExecutionState } from "../../domain/execution/state.ts";
import { isTerminal } from "../../domain/execution/status.ts";
import type { Crowd } from "../../domain/read-models/why.ts";
import { ActivityRunner } from "../activities/activity-runner.ts";
import { CommitSubscribers } from "../journal/commit-subscribers.ts";
import type { Written } from "../journal/commits.ts";
import { Journal } from "../journal/journal.ts";
import { LogRemoval } from "../journal/log-removal.ts";
import { isBusy } from "../journal/next-wake.ts";
import { IndexedWake } from "../outbox/indexed-wake.ts";
import { Outbox } from "../outbox/outbox.ts";
import type { Store, Timing, World } from "../ports.ts";
import { beginning } from "../program/beginning.ts";
import { blockHeldBack, deploymentOf, meantForOther } from "../program/deployment-of.ts";
import { RunLoop } from "../run-loop/run-loop.ts";
import type { Queued } from "../views/effects-view.ts";
import { dispatchSettled } from "../work/settle-work.ts";
import type { BeginOptions } from "./adoption.ts";
import { Adoption } from "./adoption.ts";
import { fireDueTimers, lookAtInstants } from "./due-timers.ts";
import { ResultImport } from "./import-results.ts";
import { Lending } from "./lending.ts";
import { Neighbours } from "./neighbours.ts";
import { openBelow } from "./open-below.ts";
import { cancelByParent } from "./parent-cancel.ts";
import { ReusablePages } from "./reusable-pages.ts";

const LIFTS_A_HOLD: readonly OutsideCommand["type"][] = ["resume", "retry_program", "decide_gate", "grant_slot"];
type ExternalCommand = Exclude<OutsideCommand, CreateCommand | BudgetRequestCommand>;
type Listener = (events: readonly Event[], state: ExecutionState) => void;

export class DurableExecution {
  readonly journal: Journal;
  readonly indexedWake: IndexedWake;
  /** What those that follow it may take over. */
  readonly offers: ReusablePages;
  readonly #world: World;
  readonly #removal: LogRemoval;
  readonly #activities: ActivityRunner;
  readonly #graceMs: number;
  readonly #outbox: Outbox;
  readonly #import: ResultImport;
  readonly #adoption: Adoption;
  readonly #lending: Lending;
  #loop: RunLoop | undefined;
  #starting: Promise<void> | undefined;
  /** The process, or the activation, before us ended in the middle of something. */
  #interrupted: boolean;
  readonly #subscribers: CommitSubscribers;
  readonly #listeners: Listener[] = [];

  constructor(store: Store, world: World, timing: Timing) {
    this.#world = world;
    this.journal = new Journal(store, world, timing);
    this.offers = new ReusablePages(this.journal, world);
    this.#graceMs = timing.graceMs;
    this.#removal = new LogRemoval(this.journal, world, timing);
    const { mostTries } = timing;
    this.#activities = new ActivityRunner(this.journal, world, { mostTries, onDone: () => this.#loopOn() });
    this.#outbox = new Outbox(this.journal, world, {
      onNews: () => this.#goOn(),
      triesRun: () => this.#activities.running.length > 0,
      onIndexed: (owedWakeAtMs) => this.indexedWake.hasHeard(owedWakeAtMs),
    });
    this.indexedWake = new IndexedWake(this.journal, world);
    this.#import = new ResultImport(this.journal, world, () => this.#goOn());
    this.#adoption = new Adoption(this.journal, world);
    this.#lending = new Lending(this.journal, world);
    const neighbours = new Neighbours(this.journal, world);
    this.onCommit(() => neighbours.look());
    this.#subscribers = new CommitSubscribers(world);
    this.journal.onCommit((events, state) => this.#committed(events, state));
    // An object that was given up for its storage has not died of its program.
    this.#interrupted = this.state !== undefined && isBusy(this.state) && !world.givenUp;
  }

  get state(): ExecutionState | undefined {
    return this.journal.state;
  }

  onCommit(listener: Listener): void {
    this.#listeners.push(listener);
  }

  /**
   * Stages an execution and starts its program: one without effects then ends in one commit. A caller of this
   * method that answers before the next commit has to `settle` first.
   */
  start(command: CreateCommand): Decided {
    const decided = dispatchSettled(this.journal, command, startedBy(command.origin));
    // What waits for a slot is on disk before its limiter hears of it.
    if (decided.ok && this.state && lacksSlot(this.state)) void this.journal.flush();
    if (decided.ok) this.#goOn();
    return decided;
  }

  /**
   * The same for a caller who does not wait for its end: durable at once. A program that kills its process in its first
   * breath would else never have been there, and its recoveries could not be counted (E7).
   */
  async accept(command: CreateCommand): Promise<Decided> {
    const named = { ...command, ...deploymentOf(this.#world) };
    const decided = dispatchSettled(this.journal, named, startedBy(command.origin));
    if (!decided.ok) return decided;
    const written = this.journal.flush();
    if (written !== undefined) await written;
    this.#goOn();
    return decided;
  }

  /**
   * A start that may name a parent, which is asked first. `lazily`: as `start`, for a caller who waits for its end;
   * else as `accept`. `refusal` is asked when nothing is awaited any more.
   */
  begin(command: CreateCommand, how: BeginOptions): Promise<Decided> {
    const begin = (joined: CreateCommand) => (how.lazily ? this.start(joined) : this.accept(joined));
    return this.#adoption.begin({ command, ...how, create: (joined) => how.refusal() ?? begin(joined) });
  }

  /**
   * Any other command. It is answered when it is on disk; but a program that it wakes goes on before that, so that what it
   * asks next is in the same commit, and callers that come together share one. What lifts a hold is on disk first.
   */
  async dispatch(command: ExternalCommand, actor: string): Promise<Decided> {
    const decided = meantForOther(this.#world, command) ?? dispatchSettled(this.journal, command, actor);
    // A refusal may rest on what another caller staged: that has to be on disk.
    if (!decided.ok) return this.journal.flushTogether().then(() => decided);
    if (LIFTS_A_HOLD.includes(command.type)) {
      // Instants that were kept while it was held (E6). On disk before it goes on: its death has to count (E7).
      fireDueTimers(this.journal);
      await this.journal.flushTogether().then(() => this.journal.sync());
    }
    this.#goOn();
    if (this.state && isBusy(this.state)) await this.nextCommit(0);
    await this.journal.flushTogether();
    return decided;
  }

  /** A parent's cancel, which may overtake its own start. */
  cancelOrRefuse(command: CreateCommand, reason: string): Promise<Decided> {
    return cancelByParent(this.journal, { command, reason, cancel: (cancel) => this.dispatch(cancel, "parent") });
  }

  /** After a cancel: children that have not said that they ended, and tries that still run here. Quiesced: none (P3). */
  pendingAfterCancel(): string[] {
    return this.state ? [...openBelow(this.journal, this.state), ...this.#activities.running] : [];
  }

  /** A child that came by itself asks to be taken on, or a child asks for more. */
  async lend(command: AdoptChild | BudgetRequestCommand): Promise<Decided> {
    const decided = await (command.type === "draw_budget"
      ? this.#lending.requestBudget(command)
      : this.#lending.adopt(command));
    this.#goOn();
    return decided;
  }

  /** Called before a caller hears about this execution: what is staged becomes durable, and an alarm stands. */
  flush(): Written {
    return this.journal.flush();
  }

  /** The one alarm. Starts or checks the activation; never awaits the program. What it stages has to be written (E8). */
  onAlarm(): Written {
    this.journal.alarmFired();
    // The alarm of an end, which stood in case that a message would be lost: none was.
    if (this.state && isTerminal(this.state.status) && this.journal.isIdle) return;
    lookAtInstants(this.journal);
    const written = this.journal.flush();
    this.#goOn();
    void this.#outbox.deliver();
    return written;
  }

  /** The time may be over for which it is kept after its end. Resolves when that was seen to; never rejects. */
  expire(retentionMs?: number): Promise<void> {
    return this.#removal.removeWhenDue(retentionMs);
  }

  /** Resolves at the next commit, or after `timeoutMs` at rest. */
  nextCommit(timeoutMs: number): Promise<void> {
    return this.#subscribers.next(timeoutMs, { resting: !this.#computing });
  }

  /** Within a moment there is a commit, or a rest. */
  get #computing(): boolean {
    return this.#loop?.pumping === true || (this.#starting !== undefined && !this.state?.inherits);
  }

  readonly deliver = (): Promise<void> => this.#outbox.deliver();

  /** What does not begin, because as many tries run as may run at once. */
  get queued(): readonly Queued[] {
    return this.#loop && !this.#loop.closed ? this.#loop.queued : [];
  }

  get crowd(): Crowd {
    return { running: this.#activities.size, queued: this.queued.length };
  }

  /** Its limiter asks: whether it holds, or is about to take, the slot that it asked for under this epoch. */
  wantsSlot(queue: string, epoch: number): boolean {
    const { committed } = this.journal;
    return committed !== undefined && (wantsSlot(committed, queue, epoch) || this.busy);
  }

  /** True while the process must not be given up: something is in flight here. */
  get busy(): boolean {
    return this.#activities.size > 0;
  }

  #committed(events: readonly Event[], state: ExecutionState): void {
    for (const listener of this.#listeners) listener(events, state);
    this.#subscribers.committed();
    this.indexedWake.look();
    if (isTerminal(state.status)) this.#stop(state.status);
    void this.#outbox.deliver();
  }

  #stop(reason: string): void {
    this.#loop?.close(reason);
    this.#activities.abortAll(reason);
  }

  #goOn(): void {
    const { state } = this;
    if (this.journal.standsStill) return;
    if (state && isTerminal(state.status)) this.#stop(state.status);
    else if (state && isBusy(state)) {
      this.#activities.lookAtClock();
      this.#ensureLoop();
    }
    void this.#outbox.deliver();
  }

  #ensureLoop(): void {
    if (this.#loop && !this.#loop.closed) {
      this.#loop.wake();
      return;
    }
    if (this.#loop?.crashed) this.#interrupted = true;
    this.#loop = undefined;
    this.#starting ??= this.#activate()
      .catch((error: unknown) => {
        // The alarm tries again: what made it fail is the storage or a fault of ours, and both are logged.
        const stack = error instanceof Error ? error.stack : String(error);
        this.#world.log("error", "an activation failed", { execution_id: this.state?.origin.id, stack });
      })
      .finally(() => {
        this.#starting = undefined;
        if (!this.#loop?.pumping) this.#subscribers.rested();
      });
  }

  async #activate(): Promise<void> {
    if (this.#world.isHeldBack?.()) return blockHeldBack(this.journal, this.#world);
    if (this.#interrupted) {
      this.#interrupted = false;
      this.journal.dispatch({ type: "recover", ...deploymentOf(this.#world) }, "system");
      await this.journal.flush();
      await this.journal.sync();
    }
    if (!(await this.#import.isComplete())) return;
    const begun = await beginning(this.journal, this.#world);
    if (!begun) return;
    const { input, ...rest } = begun;
    this.#loop = new RunLoop({
      ...rest,
      journal: this.journal,
      activities: this.#activities,
      world: this.#world,
      onQuiescent: () => this.#subscribers.rested(),
      ahead: this.#outbox.ahead,
      graceMs: this.#graceMs,
    });
    this.#world.onBegin?.();
    this.#loop.start(input);
  }

  #loopOn(): void {
    const { state } = this;
    if (state && !isTerminal(state.status) && this.#loop && !this.#loop.closed) return this.#loop.wake();
    void this.journal.flush();
    void this.#outbox.deliver();
  }
}
