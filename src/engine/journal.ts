/**
 * One execution's log in memory and on disk: decide → append → commit. The only writer.
 *
 * It owns the state, the entry index, the timers and the outbox rows, and keeps them equal to the store's. It knows
 * nothing of programs and of who calls.
 *
 * L1  Events reach the store in the order in which they were decided, each batch in one transaction with all that
 *     follows from it (state, timers, messages, alarm).
 * L2  What is staged is lost in a crash, and nothing that left the process can depend on it: whoever acts on the outside
 *     calls `flush` first.
 * L3  Every non-terminal execution that was ever committed has an armed alarm (E8).
 */
import type { Command } from "../domain/command.ts";
import { consequencesOf, messageId } from "../domain/consequences.ts";
import { decide } from "../domain/decide.ts";
import type { Decided } from "../domain/decided.ts";
import type { EntryIndex } from "../domain/entry-index.ts";
import { emptyIndex, foldEntry } from "../domain/entry-index.ts";
import type { Event, NewEvent } from "../domain/event.ts";
import { EVENT_VERSION } from "../domain/event.ts";
import { evolve } from "../domain/evolve.ts";
import type { ExecutionState } from "../domain/state.ts";
import { isTerminal } from "../domain/status.ts";
import { outlivesEnd } from "../domain/timer.ts";
import { mayBeLost } from "./may-be-lost.ts";
import { alarmChange } from "./next-wake.ts";
import type { OutboxRow, Store, Tempo, World } from "./ports.ts";
import { RecentEvents } from "./recent-events.ts";

const PAGE = 1_000;

export class Journal {
  readonly #store: Store;
  readonly #world: World;
  readonly #tempo: Tempo;
  #state: ExecutionState | undefined;
  #committed: ExecutionState | undefined;
  #index: EntryIndex | undefined;
  readonly #timers: Map<string, number>;
  readonly #outbox: Map<string, OutboxRow>;
  /** Timers that came due in this process and stay until somebody acts on them: not armed again at once. */
  readonly #fired = new Set<string>();
  #alarmAtMs: number | undefined;
  #durableSeq: number;
  #staged: Event[] = [];
  readonly #recent = new RecentEvents();
  #setTimers = new Map<string, number>();
  #clearTimers = new Set<string>();
  #putMessages = new Map<string, OutboxRow>();
  #removeMessages = new Set<string>();
  #urgent = false;
  /** The staged events are all that will remain of the log. */
  #forgetting = false;
  #lazyFlush = false;
  #onCommit: (events: readonly Event[], state: ExecutionState) => void = () => {};

  constructor(store: Store, world: World, tempo: Tempo) {
    this.#store = store;
    this.#world = world;
    this.#tempo = tempo;
    const { state, timers, outbox, alarmAtMs } = store.load();
    this.#state = state;
    this.#committed = state;
    this.#timers = new Map(timers);
    this.#outbox = new Map(outbox);
    this.#alarmAtMs = alarmAtMs;
    this.#durableSeq = state?.seq ?? 0;
  }

  get state(): ExecutionState | undefined {
    return this.#state;
  }
  /** The state as the store has it: all that others may be told. */
  get committed(): ExecutionState | undefined {
    return this.#committed;
  }
  get alarmAtMs(): number | undefined {
    return this.#alarmAtMs;
  }
  get outbox(): ReadonlyMap<string, OutboxRow> {
    return this.#outbox;
  }
  get hasStaged(): boolean {
    return this.#staged.length > 0;
  }
  /** Something is staged that must be durable before the outside is touched, or that nobody would compute again. */
  get hasUrgent(): boolean {
    return this.#urgent;
  }

  onCommit(listener: (events: readonly Event[], state: ExecutionState) => void): void {
    this.#onCommit = listener;
  }

  /** What the program asked and what came of it; folded from the whole log once, then kept. O(results). */
  index(): EntryIndex {
    if (this.#index) return this.#index;
    const index = emptyIndex();
    for (const event of this.#durable(0)) foldEntry(index, event);
    for (const event of this.#staged) foldEntry(index, event);
    this.#index = index;
    return index;
  }

  *#durable(after: number): Generator<Event> {
    for (let last = after; last < this.#durableSeq; ) {
      const page = this.#store.events(last, PAGE);
      yield* page;
      last = page.at(-1)?.seq ?? this.#durableSeq;
    }
  }

  /** Committed events with `seq > after`, at most `limit`. What is staged is not shown: it may never have happened. */
  events(after: number, limit: number): Event[] {
    return this.#store.events(after, limit);
  }

  /** All committed events with `seq > after`, read page by page. */
  eventsAfter(after: number): Iterable<Event> {
    return this.#durable(after);
  }

  event(seq: number): Event | undefined {
    const known = this.#recent.get(seq);
    if (known) return known;
    const [read] = this.#store.events(seq - 1, 1);
    if (read) this.#recent.keepFirst(read);
    return read;
  }

  /** Decides and stages. Nothing is durable before `flush`. */
  dispatch(command: Command, actor: string): Decided {
    const decided = decide({ state: this.#state, index: () => this.index() }, command, this.#world.now());
    if (decided.ok) for (const event of decided.events) this.#append(event, actor);
    return decided;
  }

  #append(event: NewEvent, actor: string): void {
    const before = this.#state;
    const seq = (before?.seq ?? 0) + 1;
    const stamped = { ...event, seq, atMs: this.#world.now(), actor, v: EVENT_VERSION } as Event;
    const after = evolve(before, stamped);
    if (!after) throw new Error(`the first event must be a creation, not ${event.type}`);
    this.#state = after;
    this.#staged.push(stamped);
    this.#recent.add(stamped);
    this.#urgent ||= !mayBeLost(stamped);
    this.#forgetting ||= stamped.type === "log.archived";
    if (this.#index) foldEntry(this.#index, stamped);
    this.#follow(stamped, before, after);
  }

  #follow(event: Event, before: ExecutionState | undefined, after: ExecutionState): void {
    const { setTimers, clearTimers, messages } = consequencesOf(event, { before, after, index: () => this.index() });
    const ending = () => [...this.#timers.keys()].filter((name) => !outlivesEnd(name));
    for (const name of clearTimers === "all" ? ending() : clearTimers) this.#clearTimer(name);
    for (const { name, atMs } of setTimers) {
      this.#timers.set(name, atMs);
      this.#setTimers.set(name, atMs);
      this.#clearTimers.delete(name);
    }
    for (const message of messages) {
      const row = { message, attempts: 0, nextAtMs: this.#world.now() + this.#tempo.redeliverMs };
      this.#putMessage(messageId(message), row);
    }
  }

  #clearTimer(name: string): void {
    if (!this.#timers.delete(name)) return;
    this.#fired.delete(name);
    this.#setTimers.delete(name);
    this.#clearTimers.add(name);
  }

  #putMessage(id: string, row: OutboxRow): void {
    this.#outbox.set(id, row);
    this.#putMessages.set(id, row);
    this.#removeMessages.delete(id);
  }

  /** False while the message is only staged: then it may never have been. */
  isCommitted(id: string): boolean {
    return !this.#putMessages.has(id);
  }

  /** The receiver has it. A newer message under the same id stays. */
  acknowledge(id: string, row: OutboxRow): void {
    if (this.#outbox.get(id) !== row) return;
    this.#outbox.delete(id);
    this.#putMessages.delete(id);
    this.#removeMessages.add(id);
    // After the end, and with nothing else under way, nothing comes that could share the commit.
    if (this.#state && isTerminal(this.#state.status) && this.#outbox.size === 0) this.flush();
    else this.flushSoon();
  }

  /** The receiver could not be reached: it is tried again at `nextAtMs`. */
  postpone(id: string, row: OutboxRow): void {
    if (this.#outbox.get(id) !== row) return;
    const wait = Math.min(300_000, this.#tempo.redeliverMs * 2 ** row.attempts);
    this.#putMessage(id, { ...row, attempts: row.attempts + 1, nextAtMs: this.#world.now() + wait });
    this.flush();
  }

  /** Names of timers whose instant has come, earliest first. */
  dueTimers(): string[] {
    const now = this.#world.now();
    const due = [...this.#timers].filter(([, atMs]) => atMs <= now).sort((a, b) => a[1] - b[1]);
    return due.map(([name]) => name);
  }

  markFired(name: string): void {
    if (this.#timers.has(name)) this.#fired.add(name);
  }

  /** An alarm has gone off: the platform holds none now, so the next commit or `arm` sets a new one. */
  alarmFired(): void {
    this.#alarmAtMs = undefined;
  }

  /** Writes everything staged in one transaction, with the alarm that it needs. Throws when the storage does; then nothing is written. */
  flush(): void {
    const state = this.#state;
    if (!state || (!this.#dirty() && !this.#alarmNeeded())) return;
    const events = this.#staged;
    const alarmAtMs = this.#alarmChange(state);
    this.#store.commit({
      events,
      state,
      setTimers: this.#setTimers,
      clearTimers: [...this.#clearTimers],
      putMessages: this.#putMessages,
      removeMessages: [...this.#removeMessages],
      forgetLog: this.#forgetting,
      ...(alarmAtMs === undefined ? {} : { alarmAtMs }),
    });
    if (alarmAtMs !== undefined) this.#alarmAtMs = alarmAtMs ?? undefined;
    this.#durableSeq = state.seq;
    this.#committed = state;
    this.#staged = [];
    this.#urgent = false;
    if (this.#forgetting) {
      this.#index = undefined;
      this.#recent.forget(state.seq - events.length);
    }
    this.#forgetting = false;
    this.#setTimers = new Map();
    this.#clearTimers = new Set();
    this.#putMessages = new Map();
    this.#removeMessages = new Set();
    if (events.length === 0) return;
    this.#recent.trim(state.seq);
    this.#onCommit(events, state);
  }

  /** For what a crash may drop: results of computation, progress, acknowledgements. */
  flushSoon(): void {
    if (this.#lazyFlush) return;
    this.#lazyFlush = true;
    this.#world.later(this.#tempo.lazyFlushMs, () => {
      this.#lazyFlush = false;
      this.flush();
    });
  }

  /** For whoever is in the middle of something, and would come to `flushSoon` only at its end. */
  flushOverdue(): void {
    const [oldest] = this.#staged;
    if (oldest && this.#world.now() - oldest.atMs >= this.#tempo.lazyFlushMs) this.flush();
  }

  sync(): Promise<void> {
    return this.#store.sync();
  }

  #dirty(): boolean {
    return this.#staged.length + this.#removeMessages.size + this.#putMessages.size > 0;
  }

  #alarmNeeded(): boolean {
    return this.#state !== undefined && this.#alarmChange(this.#state) !== undefined;
  }

  /** Nothing is staged, nothing is owed to anybody, and no timer stands. */
  get isIdle(): boolean {
    return !this.#dirty() && this.#timers.size === 0 && this.#outbox.size === 0;
  }

  #alarmChange(state: ExecutionState): number | null | undefined {
    const now = this.#world.now();
    const view = { state, now, tempo: this.#tempo, timers: this.#timers, fired: this.#fired, outbox: this.#outbox };
    return alarmChange(view, this.#alarmAtMs);
  }
}
