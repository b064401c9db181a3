/**
 * One execution's log in memory and on disk: decide → append → commit. The only writer. It owns the state and the entry
 * index, and keeps them equal to the store's. It knows nothing of programs and of who calls.
 *
 * - Events reach the store in the order in which they were decided, each batch in one transaction with all that
 *   follows from it (state, timers, messages, alarm).
 * - What is staged is lost in a crash: a caller that acts on the outside calls `flush` first.
 * - Every non-terminal execution that was ever committed has an armed alarm (E8).
 * - An event is text from the moment it is appended. All events of a decision are checked before the first one is
 *   applied: what does not fit is a refusal, and nothing has moved.
 */
import { decide } from "../../domain/decide/decide.ts";
import type { Decided } from "../../domain/decide/decided.ts";
import type { OpenApprovals } from "../../domain/execution/approval.ts";
import type { Command } from "../../domain/execution/command.ts";
import type { EntryValue } from "../../domain/execution/entry-value.ts";
import type { Event } from "../../domain/execution/event.ts";
import { EVENT_VERSION } from "../../domain/execution/event.ts";
import type { Appended } from "../../domain/execution/event-text.ts";
import { allAppendable } from "../../domain/execution/event-text.ts";
import type { ExecutionState } from "../../domain/execution/state.ts";
import { isTerminal } from "../../domain/execution/status.ts";
import type { EntryIndex } from "../../domain/fold/entry-index.ts";
import { evolve } from "../../domain/fold/evolve.ts";
import { reactionsOf } from "../../domain/fold/reactions.ts";
import type { Refusal } from "../../domain/values/fault.ts";
import { refuse } from "../../domain/values/fault.ts";
import type { EventRow, OutboxRow, Store, StoredChain, Timing, World } from "../ports.ts";
import { Beside, NO_CHANGES } from "./beside.ts";
import type { Written } from "./commits.ts";
import { Commits, whateverComes } from "./commits.ts";
import { Entries } from "./entries.ts";
import { LogReader } from "./log-reader.ts";
import { lacksRoom } from "./room.ts";
import { commitDelayMs, Staged } from "./staged.ts";
import { STANDS_STILL, troubleOf } from "./storage-trouble.ts";
import type { TimerRows } from "./timer-rows.ts";
import { WorkBook } from "./work-book.ts";

/** Hears of each commit with events, which are for the engine (`event`). */
export type CommitListener = (events: readonly Event[], state: ExecutionState) => void;

export class Journal {
  readonly #store: Store;
  readonly #world: World;
  readonly #lazyFlushMs: number;
  #state: ExecutionState | undefined;
  #committed: ExecutionState | undefined;
  readonly #entries: Entries;
  readonly #beside: Beside;
  #staged = new Staged();
  readonly #reader: LogReader;
  #onCommit: CommitListener = () => {};
  readonly #commits: Commits;
  /** Its storage takes nothing (`storage-trouble.ts`): it is read and nothing else. */
  readonly standsStill: boolean;
  readonly work: WorkBook;

  constructor(store: Store, world: World, timing: Timing) {
    this.#store = store;
    this.#world = world;
    this.#lazyFlushMs = timing.lazyFlushMs;
    const loaded = store.load();
    this.#state = loaded.state;
    this.#committed = loaded.state;
    const { approvals, timers } = store;
    const [state, event] = [() => this.#state, (seq: number) => this.event(seq)];
    this.work = new WorkBook({ stored: store.work, state, event });
    this.#beside = new Beside({ ...loaded, approvals, timers, givenUp: !!world.givenUp, work: this.work }, timing);
    this.#reader = new LogReader(store, (characters) => world.growth?.grew(characters));
    this.#entries = new Entries(this.#reader, () => this.#staged.events.map(({ event }) => event));
    this.standsStill = troubleOf(world) === "stand still";
    this.#commits = new Commits({ world, write: () => this.#write() });
  }

  get state(): ExecutionState | undefined {
    return this.#state;
  }
  get committed(): ExecutionState | undefined {
    return this.#committed;
  }
  get alarmAtMs(): number | undefined {
    return this.#beside.alarmAtMs;
  }
  get approvals(): OpenApprovals {
    return this.#beside.approvals;
  }
  /** When it has to wake by itself, as the index is told; `undefined` when it waits for others only, or has ended. */
  get owedWakeAtMs(): number | undefined {
    return this.#committed && this.#beside.owedWake(this.#committed, this.#world.now());
  }
  get outbox(): ReadonlyMap<string, OutboxRow> {
    return this.#beside.outbox.all;
  }
  get timers(): Pick<TimerRows, "all" | "awaited"> {
    return this.#beside.timers;
  }
  get chain(): StoredChain | undefined {
    return this.#store.chain;
  }
  get hasStaged(): boolean {
    return this.#staged.events.length > 0;
  }
  /** Something is staged that must be durable before the outside is touched, or that no replay would compute again. */
  get hasUrgent(): boolean {
    return this.#staged.isUrgent;
  }

  onCommit(listener: CommitListener): void {
    this.#onCommit = listener;
  }
  /** Hears the key of each entry that an event is about, when it is appended; the newest listener alone. */
  onEntry(listener: (key: string) => void): void {
    this.#entries.onEntry = listener;
  }
  /** What the program asked and what came of it. */
  index(): EntryIndex {
    return this.#entries.index();
  }
  /** The same, for an activation that is about to hand the results over from the first one on. */
  indexForReplay(): EntryIndex {
    return this.#entries.indexForReplay();
  }

  /** The log from the row on that holds the first event with `seq > after`. */
  rowsAfter(after: number): Iterable<EventRow> {
    return this.#store.rows(after);
  }

  /** All committed events with `seq > after`, read row by row. */
  eventsAfter(after: number): Iterable<Event> {
    return this.#reader.after(after);
  }

  event(seq: number): Event | undefined {
    return this.#reader.event(seq);
  }

  /** For the program: an event of its own, which it may change. */
  ownEvent(seq: number): Event | undefined {
    return this.#reader.take(seq);
  }

  /** Returns what a finished entry ended with, for the program alone: no other part holds what was handed over. */
  take(key: string): EntryValue | undefined {
    return this.#entries.take(key);
  }

  /** Decides and stages. Nothing is durable before `flush`. What the log cannot take is refused, and nothing has moved. */
  dispatch(command: Command, actor: string): Decided {
    const decided = this.#decide(command, actor);
    this.#entries.decided(this.#state);
    return decided;
  }

  #decide(command: Command, actor: string): Decided {
    if (this.standsStill || this.#commits.isGivenUp) return refuse("storage_unavailable", STANDS_STILL);
    const { current: work, isReported } = this.work;
    const index = () => this.#entries.indexAhead();
    const view = { state: this.#state, index, approvals: this.approvals, work, isReported, digest: this.#world.digest };
    const decided = decide(view, command, this.#world.now());
    if (!decided.ok) return decided;
    const { seq = 0, updatedAtMs = 0 } = this.#state ?? {};
    // A clock may be set back: the log's never is (P8).
    const stamp = { seq: seq + 1, atMs: Math.max(this.#world.now(), updatedAtMs), actor, v: EVENT_VERSION };
    const checked = allAppendable(decided.events, stamp);
    if (!checked.ok) return checked;
    const full = lacksRoom(this.#store, checked.value, this.#staged.size);
    if (full) return this.#outOfRoom(full, actor);
    for (const event of checked.value) this.#append(event);
    return decided;
  }

  /** A caller may send less; what the execution itself has to write would not become any smaller. */
  #outOfRoom(full: NonNullable<ReturnType<typeof lacksRoom>>, actor: string): Refusal {
    const { code, detail: message } = full;
    if (actor === "program" || actor === "system") this.dispatch({ type: "fail", code, message }, "system");
    return full;
  }

  #append(appended: Appended): void {
    const { event, text } = appended;
    const before = this.#state;
    const after = evolve(before, event);
    if (!after) throw new Error(`the first event must be a creation, not ${event.type}`);
    this.#state = after;
    this.#staged.add(appended);
    this.#reader.add(event.seq, text);
    this.#entries.fold(event);
    const reactions = reactionsOf(event, { before, after, index: () => this.index(), approvals: this.approvals });
    this.#beside.applyReactions(reactions, this.#world.now());
    this.#beside.fold(event, after, before?.gates.open ?? 0);
  }

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
    if (isWritten && this.#state && isTerminal(this.#state.status) && outbox.isEmpty) void this.flush();
    else if (this.#needsCommit) this.flushSoon();
  }

  /** The receiver could not be reached: it is tried again at `nextAtMs`. */
  postpone(id: string, row: OutboxRow): void {
    if (this.#beside.outbox.all.get(id) !== row) return;
    this.#beside.postpone(id, row, this.#world.now());
    void this.flush();
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

  /** Writes everything staged in one transaction, with the alarm that it needs. Never throws: see `commits.ts`. */
  flush(): Written {
    return this.standsStill ? undefined : this.#commits.now();
  }

  /** The same with all that comes in this turn of the event loop, where nothing outside is touched before. */
  flushTogether(): Promise<void> {
    return this.standsStill || !this.#needsCommit ? Promise.resolve() : this.#commits.together();
  }

  /** For faults that leave the memory of this object worth nothing. */
  giveUp(error: unknown): void {
    this.#commits.giveUp(error);
  }

  #write(): void {
    const state = this.#state;
    if (!state || !this.#needsCommit) return;
    const isDirty = this.#isDirty;
    const { events, forgets } = this.#staged;
    const alarmAtMs = this.#beside.alarmChange(state, this.#world.now());
    const alarm = alarmAtMs === undefined ? {} : { alarmAtMs };
    const beside = isDirty ? this.#beside.changes() : NO_CHANGES;
    this.#store.commit({ events, state, ...beside, forgetLog: forgets, ...alarm });
    this.#beside.settleAlarm(alarmAtMs);
    if (isDirty) this.#beside.flush();
    const published = events.flatMap(({ event }) => this.event(event.seq) ?? []);
    this.#finalize(state);
    if (published.length > 0) whateverComes(this.#world, () => this.#onCommit(published, state));
  }

  /** What was staged is on disk. */
  #finalize(state: ExecutionState): void {
    const { events, forgets } = this.#staged;
    this.#committed = state;
    this.#staged = new Staged();
    if (forgets) {
      this.#entries.forget();
      this.#reader.forget(state.seq - events.length);
    }
    this.#reader.committed(state.seq);
  }

  /** For what a crash may drop: results of computation, progress, acknowledgements. */
  flushSoon(): void {
    if (!this.standsStill) this.#commits.soon(commitDelayMs(this.#committed, this.#lazyFlushMs));
  }

  /** In the middle of something that comes to `flushSoon` only at its end: so that what waits is bounded. */
  flushWhenDue(): void {
    if (this.#staged.isDue(this.#world.now() - commitDelayMs(this.#committed, this.#lazyFlushMs))) void this.flush();
  }

  sync(): Promise<void> {
    return this.#store.sync();
  }

  get #isDirty(): boolean {
    return this.hasStaged || this.#beside.isDirty;
  }
  get #needsCommit(): boolean {
    const state = this.#state;
    return state !== undefined && (this.#isDirty || this.#beside.alarmChange(state, this.#world.now()) !== undefined);
  }
  /** True when nothing is staged, no outbox message is owed, and no timer stands. */
  get isIdle(): boolean {
    return !this.#isDirty && this.#beside.isEmpty;
  }
}
