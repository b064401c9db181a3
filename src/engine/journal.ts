/**
 * One execution's log in memory and on disk: decide → append → commit. The only writer. It owns the state and the entry
 * index, and keeps them equal to the store's. It knows nothing of programs and of who calls.
 *
 * L1  Events reach the store in the order in which they were decided, each batch in one transaction with all that
 *     follows from it (state, timers, messages, alarm).
 * L2  What is staged is lost in a crash: whoever acts on the outside calls `flush` first.
 * L3  Every non-terminal execution that was ever committed has an armed alarm (E8).
 * L4  An event is text from the moment it is appended. All events of a decision are checked before the first one is
 *     applied: what does not fit is a refusal, and nothing has moved.
 */
import type { Command } from "../domain/command.ts";
import { consequencesOf } from "../domain/consequences.ts";
import { decide } from "../domain/decide.ts";
import type { Decided } from "../domain/decided.ts";
import type { Entry } from "../domain/entry.ts";
import type { EntryIndex } from "../domain/entry-index.ts";
import { emptyIndex, foldEntry } from "../domain/entry-index.ts";
import type { EntryValue } from "../domain/entry-value.ts";
import { valueIn, valueSeqOf } from "../domain/entry-value.ts";
import type { Event } from "../domain/event.ts";
import { EVENT_VERSION } from "../domain/event.ts";
import type { Appended } from "../domain/event-text.ts";
import { allAppendable } from "../domain/event-text.ts";
import { evolve } from "../domain/evolve.ts";
import { gateChangeOf } from "../domain/evolve-gate.ts";
import type { OpenGates } from "../domain/gate.ts";
import type { ExecutionState } from "../domain/state.ts";
import { isTerminal } from "../domain/status.ts";
import { Beside, NO_CHANGES } from "./beside.ts";
import { LogReader } from "./log-reader.ts";
import { mayBeLost } from "./may-be-lost.ts";
import type { EventRow, OutboxRow, Store, StoredChain, Tempo, World } from "./ports.ts";

/** Hears of each commit with events, which are for the engine (`event`). */
export type CommitListener = (events: readonly Event[], state: ExecutionState) => void;

function seqOf(entry: Entry | undefined): number | undefined {
  return entry && valueSeqOf(entry);
}

export class Journal {
  readonly #store: Store;
  readonly #world: World;
  readonly #lazyFlushMs: number;
  #state: ExecutionState | undefined;
  #committed: ExecutionState | undefined;
  #index: EntryIndex | undefined;
  readonly #beside: Beside;
  #staged: Appended[] = [];
  readonly #reader: LogReader;
  #urgent = false;
  /** The staged events are all that will remain of the log. */
  #forgetting = false;
  #lazyFlush = false;
  #onCommit: CommitListener = () => {};

  constructor(store: Store, world: World, tempo: Tempo) {
    this.#store = store;
    this.#world = world;
    this.#lazyFlushMs = tempo.lazyFlushMs;
    const loaded = store.load();
    this.#state = loaded.state;
    this.#committed = loaded.state;
    this.#beside = new Beside({ ...loaded, gates: store.gates }, tempo);
    this.#reader = new LogReader(store);
  }

  get state(): ExecutionState | undefined {
    return this.#state;
  }
  /** The state as the store has it: all that others may be told. */
  get committed(): ExecutionState | undefined {
    return this.#committed;
  }
  get alarmAtMs(): number | undefined {
    return this.#beside.alarmAtMs;
  }
  /** The open gates, those of staged events included. */
  get gates(): OpenGates {
    return this.#beside.gates;
  }
  get outbox(): ReadonlyMap<string, OutboxRow> {
    return this.#beside.outbox.all;
  }
  /** Instants by name. */
  get timers(): ReadonlyMap<string, number> {
    return this.#beside.timers.all;
  }
  /** Over the committed log; `undefined` where the store does not keep one. */
  get chain(): StoredChain | undefined {
    return this.#store.chain;
  }
  get hasStaged(): boolean {
    return this.#staged.length > 0;
  }
  /** Something is staged that must be durable before the outside is touched, or that nobody would compute again. */
  get hasUrgent(): boolean {
    return this.#urgent;
  }

  onCommit(listener: CommitListener): void {
    this.#onCommit = listener;
  }

  /** What the program asked and what came of it; folded from the whole log once, then kept. O(results). */
  index(): EntryIndex {
    this.#index ??= this.#folded(this.#reader.after(0));
    return this.#index;
  }

  /** The same, for an activation that is about to hand the results over from the first one on. */
  indexForReplay(): EntryIndex {
    if (this.#index) return this.#index;
    this.#index = this.#folded(this.#reader.ahead());
    const { completions, entries } = this.#index;
    const wanted = new Set(completions.map((key) => seqOf(entries.get(key))));
    this.#reader.keepAhead((seq) => wanted.has(seq));
    return this.#index;
  }

  #folded(durable: Iterable<Event>): EntryIndex {
    const index = emptyIndex();
    for (const event of durable) foldEntry(index, event);
    for (const { event } of this.#staged) foldEntry(index, event);
    return index;
  }

  /** The program has heard all that the log held. */
  replayed(): void {
    this.#reader.letGo();
  }

  /** The log from the row on that holds the first event with `seq > after`. */
  rowsAfter(after: number): Iterable<EventRow> {
    return this.#store.rows(after);
  }

  /** All committed events with `seq > after`, read row by row. */
  eventsAfter(after: number): Iterable<Event> {
    return this.#reader.after(after);
  }

  /** For the engine: shared, and not to be changed. */
  event(seq: number): Event | undefined {
    return this.#reader.event(seq);
  }

  /** For the program: an event of its own, which it may change. */
  ownEvent(seq: number): Event | undefined {
    return this.#reader.take(seq);
  }

  /** What a finished entry ended with, for the program alone: what was handed over is held by nobody else. */
  take(key: string): EntryValue | undefined {
    const seq = seqOf(this.index().entries.get(key));
    const event = seq === undefined ? undefined : this.ownEvent(seq);
    return event && valueIn(event, key);
  }

  /** Decides and stages. Nothing is durable before `flush`. What the log cannot take is refused, and nothing has moved. */
  dispatch(command: Command, actor: string): Decided {
    const decided = decide(
      { state: this.#state, index: () => this.index(), gates: this.gates },
      command,
      this.#world.now(),
    );
    if (!decided.ok) return decided;
    const { seq = 0, updatedAtMs = 0 } = this.#state ?? {};
    // A clock may be set back: the log's never is (P8).
    const atMs = Math.max(this.#world.now(), updatedAtMs);
    const checked = allAppendable(decided.events, { seq: seq + 1, atMs, actor, v: EVENT_VERSION });
    if (!checked.ok) return checked;
    for (const event of checked.value) this.#append(event);
    return decided;
  }

  #append(appended: Appended): void {
    const { event, text } = appended;
    const before = this.#state;
    const after = evolve(before, event);
    if (!after) throw new Error(`the first event must be a creation, not ${event.type}`);
    this.#state = after;
    this.#staged.push(appended);
    this.#reader.add(event.seq, text);
    this.#urgent ||= !mayBeLost(event);
    this.#forgetting ||= event.type === "log.archived";
    if (this.#index) foldEntry(this.#index, event);
    const consequences = consequencesOf(event, { before, after, index: () => this.index(), gates: this.gates });
    this.#beside.follow(consequences, this.#world.now());
    this.#beside.gates.follow(gateChangeOf(event, after), before?.gates.open ?? 0);
  }

  /** False while the message is only staged: then it may never have been. */
  isCommitted(id: string): boolean {
    return !this.#beside.outbox.isStaged(id);
  }

  /** The receiver has it. A newer message under the same id stays. */
  acknowledge(id: string, row: OutboxRow): void {
    const { outbox } = this.#beside;
    if (outbox.all.get(id) !== row) return;
    const isWritten = this.#beside.acknowledge(id, row, this.#state);
    // A crash before this leaves the message, which is sent once more: so the object is always removed in the end.
    if (this.#state?.archivedAtMs !== undefined && outbox.isEmpty && this.#world.forget) return this.#world.forget();
    // After the end, and with nothing else under way, nothing comes that could share the commit.
    if (isWritten && this.#state && isTerminal(this.#state.status) && outbox.isEmpty) this.flush();
    else if (this.#needsCommit) this.flushSoon();
  }

  /** The receiver could not be reached: it is tried again at `nextAtMs`. */
  postpone(id: string, row: OutboxRow): void {
    if (this.#beside.outbox.all.get(id) !== row) return;
    this.#beside.postpone(id, row, this.#world.now());
    this.flush();
  }

  /** Names of timers whose instant has come, earliest first. */
  dueTimers(): string[] {
    return this.#beside.dueTimers(this.#world.now());
  }

  markFired(name: string): void {
    this.#beside.markFired(name);
  }

  /** An alarm has gone off: the platform holds none now, so the next commit or `arm` sets a new one. */
  alarmFired(): void {
    this.#beside.alarmFired();
  }

  /** Writes everything staged in one transaction, with the alarm that it needs. Throws when the storage does; then nothing is written. */
  flush(): void {
    const state = this.#state;
    if (!state || !this.#needsCommit) return;
    const isDirty = this.#dirty();
    const events = this.#staged;
    const alarmAtMs = this.#beside.alarmChange(state, this.#world.now());
    const change = alarmAtMs === undefined ? {} : { alarmAtMs };
    const beside = isDirty ? this.#beside.changes() : NO_CHANGES;
    this.#store.commit({ events, state, ...beside, forgetLog: this.#forgetting, ...change });
    this.#beside.settleAlarm(alarmAtMs);
    if (isDirty) this.#beside.settle();
    const told = events.flatMap(({ event }) => this.event(event.seq) ?? []);
    this.#settle(state);
    if (told.length > 0) this.#onCommit(told, state);
  }

  /** What was staged is on disk. */
  #settle(state: ExecutionState): void {
    const kept = state.seq - this.#staged.length;
    this.#committed = state;
    this.#staged = [];
    this.#urgent = false;
    if (this.#forgetting) {
      this.#index = undefined;
      this.#reader.forget(kept);
    }
    this.#forgetting = false;
    this.#reader.committed(state.seq);
  }

  /** For what a crash may drop: results of computation, progress, acknowledgements. */
  flushSoon(): void {
    if (this.#lazyFlush) return;
    this.#lazyFlush = true;
    this.#world.later(this.#lazyFlushMs, () => {
      this.#lazyFlush = false;
      this.flush();
    });
  }

  /** For whoever is in the middle of something, and would come to `flushSoon` only at its end. */
  flushOverdue(): void {
    const [oldest] = this.#staged;
    if (oldest && this.#world.now() - oldest.event.atMs >= this.#lazyFlushMs) this.flush();
  }

  sync(): Promise<void> {
    return this.#store.sync();
  }

  #dirty(): boolean {
    return this.#staged.length > 0 || this.#beside.isDirty;
  }

  get #needsCommit(): boolean {
    if (this.#state === undefined) return false;
    return this.#dirty() || this.#beside.alarmChange(this.#state, this.#world.now()) !== undefined;
  }

  /** Nothing is staged, nothing is owed to anybody, and no timer stands. */
  get isIdle(): boolean {
    return !this.#dirty() && this.#beside.isEmpty;
  }
}
