/**
 * One execution, whole, without a platform: what it accepts, when its program runs, and what it owes others. The actor is
 * a shell around this; the simulator drives the very same object.
 *
 * X1  Everything from outside is a command: decided, committed, and only then answered.
 * X2  A program runs at most once at a time in a process, and only while there is something for it to do.
 * X3  A recovery is on disk before the replay begins, so a program that kills its process is counted (E7).
 */
import { isNothing, shortfall } from "../domain/budget.ts";
import type { OutsideCommand } from "../domain/command.ts";
import type { Decided } from "../domain/decided.ts";
import type { Event } from "../domain/event.ts";
import { type Refusal, refuse } from "../domain/fault.ts";
import type { ExecutionState } from "../domain/state.ts";
import { isTerminal } from "../domain/status.ts";
import { timerName, timerOf } from "../domain/timer.ts";
import { Journal } from "./journal.ts";
import { Outbox } from "./outbox.ts";
import type { Store, Tempo, World } from "./ports.ts";
import { RunLoop } from "./run-loop.ts";
import { Works } from "./works.ts";

type Create = Extract<OutsideCommand, { type: "create" }>;
type Draw = Extract<OutsideCommand, { type: "draw_budget" }>;

export class DurableExecution {
  readonly journal: Journal;
  readonly #world: World;
  readonly #works: Works;
  readonly #outbox: Outbox;
  #loop: RunLoop | undefined;
  #starting: Promise<void> | undefined;
  /** The process before us ended in the middle of something. */
  #interrupted: boolean;
  #watchers = new Set<() => void>();

  constructor(store: Store, world: World, tempo: Tempo) {
    this.#world = world;
    this.journal = new Journal(store, world, tempo);
    this.#works = new Works(this.journal, world, () => this.#loopOn());
    this.#outbox = new Outbox(this.journal, world);
    const { state } = this.journal;
    this.#interrupted = state?.status === "queued" || (state?.status === "running" && state.suspended === undefined);
  }

  get state(): ExecutionState | undefined {
    return this.journal.state;
  }

  /** Called after each commit, with what was committed. */
  onCommit(listener: (events: readonly Event[], state: ExecutionState) => void): void {
    this.journal.onCommit((events, state) => {
      listener(events, state);
      for (const wake of [...this.#watchers]) wake();
    });
  }

  /**
   * Accepts an execution and starts its program. `lazily` leaves the acceptance staged: a program without effects then
   * ends in one commit; whoever answers before that has to `settle` first.
   */
  start(command: Create, { lazily }: { readonly lazily: boolean }): Decided {
    const decided = this.journal.dispatch(command, command.origin.owner);
    if (!decided.ok) return decided;
    if (!lazily) this.journal.flush();
    this.#goOn();
    return decided;
  }

  /** Any other command. Answers when it is committed. */
  tell(command: Exclude<OutsideCommand, Create | Draw>, actor: string): Decided {
    const decided = this.journal.dispatch(command, actor);
    if (!decided.ok) return decided;
    this.journal.flush();
    if (command.type === "resume") this.#fireDueTimers();
    this.#goOn();
    return decided;
  }

  /** A child asks for more: from our own grant, or first from our parent. */
  async draw(command: Draw): Promise<Decided> {
    const { state } = this;
    if (!state) return refuse("not_found", "there is no such execution");
    const missing = shortfall(state, command.amount);
    const { parentId } = state.origin;
    if (!isNothing(missing) && parentId !== undefined && !this.journal.index().draws.has(command.drawId)) {
      const drawId = `${state.origin.id}<${command.drawId}`;
      const drawn: { ok: true } | Refusal = await this.#world.draw({ origin: state.origin, parentId, drawId, amount: missing });
      if (!drawn.ok) return drawn;
      this.journal.dispatch({ type: "add_grant", drawId, amount: missing }, "system");
    }
    const decided = this.journal.dispatch(command, "system");
    this.journal.flush();
    return decided;
  }

  /** Before anybody is told about this execution: what is staged becomes durable, and an alarm stands. */
  settle(): void {
    this.journal.flush();
  }

  /** The one alarm. Starts or checks the activation and returns; never awaits the program, never throws (E8). */
  onAlarm(): void {
    this.journal.alarmFired();
    this.#fireDueTimers();
    if (this.state) this.journal.dispatch({ type: "fire_timer", name: timerName("active") }, "system");
    this.journal.flush();
    this.#goOn();
    void this.#outbox.deliver({ dueOnly: true });
  }

  #fireDueTimers(): void {
    for (const name of this.journal.dueTimers()) {
      const { kind, subject } = timerOf(name);
      if (kind === "timeout" && this.state?.status === "running") this.#works.timeOut(subject);
      const decided = this.journal.dispatch({ type: "fire_timer", name }, "system");
      if (decided.ok) this.journal.markFired(name);
    }
    this.journal.flush();
  }

  /** Resolves at the next commit, or after `timeoutMs`. */
  nextCommit(timeoutMs: number): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        this.#watchers.delete(done);
        resolve();
      };
      this.#watchers.add(done);
      this.#world.later(timeoutMs, done);
    });
  }

  /** Resolves when every message of the outbox was tried once more. */
  async deliver(): Promise<void> {
    await this.#outbox.deliver({ dueOnly: false });
  }

  /** True while the process must not be given up: something is in flight here. */
  get busy(): boolean {
    return this.#works.size > 0;
  }

  #goOn(): void {
    const { state } = this;
    if (state && isTerminal(state.status)) {
      this.#works.abortAll(state.status);
      this.#loop?.close(state.status);
    } else if (state && this.#hasWork(state)) this.#ensureLoop();
    void this.#outbox.deliver({ dueOnly: false });
  }

  /** Something for the program: it runs, was never begun, or a timer of its own is due. */
  #hasWork(state: ExecutionState): boolean {
    if (state.status === "queued" || state.status === "pending") return true;
    if (state.status !== "running") return false;
    if (state.suspended === undefined) return true;
    return this.journal.dueTimers().some((name) => timerOf(name).kind === "retry");
  }

  #ensureLoop(): void {
    if (this.#loop && !this.#loop.closed) return this.#loop.wake();
    this.#starting ??= this.#activate().finally(() => {
      this.#starting = undefined;
    });
  }

  async #activate(): Promise<void> {
    if (this.#interrupted) {
      this.#interrupted = false;
      this.journal.dispatch({ type: "recover" }, "system");
      this.journal.flush();
      await this.journal.sync();
    }
    const { state } = this;
    if (!state || isTerminal(state.status)) return this.#goOn();
    const found = this.#world.find(state.origin.agent, state.origin.fn);
    const created = this.journal.event(1);
    if (!found || created?.type !== "execution.created") {
      const detail = `no function ${state.origin.agent}.${state.origin.fn} is known to this version of the code`;
      this.journal.dispatch({ type: "block", reason: "program_changed", detail }, "system");
      return this.journal.flush();
    }
    this.journal.dispatch({ type: "begin" }, "system");
    const { journal } = this;
    this.#loop = new RunLoop({ journal, works: this.#works, world: this.#world, found, input: created.data.input });
    this.#loop.start();
  }

  #loopOn(): void {
    const { state } = this;
    if (state && isTerminal(state.status)) {
      this.journal.flush();
      this.#goOn();
    } else if (this.#loop && !this.#loop.closed) this.#loop.wake();
    else this.journal.flush();
  }
}
