import { type Event, parseEvent } from "../../../src/domain/event.ts";
import { ExecutionState } from "../../../src/domain/state.ts";
import type { Commit, Loaded, OutboxRow, Store } from "../../../src/engine/ports.ts";

interface Rows {
  readonly events: readonly Event[];
  readonly state: ExecutionState | undefined;
  readonly timers: ReadonlyMap<string, number>;
  readonly outbox: ReadonlyMap<string, OutboxRow>;
  readonly alarmAtMs: number | undefined;
}

const EMPTY: Rows = { events: [], state: undefined, timers: new Map(), outbox: new Map(), alarmAtMs: undefined };

/** A storage with an output gate: what is committed is lost in a crash until `flushed`. Rows pass through JSON, as on disk. */
export class SimStore implements Store {
  #durable: Rows = EMPTY;
  #view: Rows = EMPTY;
  readonly #onCommit: (store: SimStore) => void;

  constructor(onCommit: (store: SimStore) => void) {
    this.#onCommit = onCommit;
  }

  load(): Loaded {
    const { state, timers, outbox, alarmAtMs } = this.#view;
    const read = state && ExecutionState.parse(JSON.parse(JSON.stringify(state)));
    return { state: read, timers, outbox, alarmAtMs };
  }

  events(after: number, limit: number): Event[] {
    const page = this.#view.events.slice(after, after + limit);
    return page.map((event) => parseEvent(JSON.parse(JSON.stringify(event))));
  }

  commit(commit: Commit): void {
    const timers = new Map(this.#view.timers);
    for (const name of commit.clearTimers) timers.delete(name);
    for (const [name, atMs] of commit.setTimers) timers.set(name, atMs);
    const outbox = new Map(this.#view.outbox);
    for (const id of commit.removeMessages) outbox.delete(id);
    for (const [id, row] of commit.putMessages) outbox.set(id, row);
    const expected = this.#view.events.length + 1;
    if (commit.events[0] && commit.events[0].seq !== expected) throw new Error(`gap in the log: ${commit.events[0].seq}, not ${expected}`);
    this.#view = {
      events: [...this.#view.events, ...commit.events],
      state: commit.state,
      timers,
      outbox,
      alarmAtMs: commit.alarmAtMs === undefined ? this.#view.alarmAtMs : (commit.alarmAtMs ?? undefined),
    };
    this.#onCommit(this);
  }

  sync(): Promise<void> {
    this.flushed();
    return Promise.resolve();
  }

  get dirty(): boolean {
    return this.#view !== this.#durable;
  }
  /** The disk has caught up. */
  flushed(): void {
    this.#durable = this.#view;
  }
  /** The process died: the uncommitted tail is gone. */
  crash(): void {
    this.#view = this.#durable;
  }
  get durable(): Rows {
    return this.#durable;
  }
  /** The platform takes the alarm away before it calls `alarm()`. */
  takeAlarm(): void {
    this.#view = { ...this.#view, alarmAtMs: undefined };
    this.#durable = { ...this.#durable, alarmAtMs: undefined };
  }
}
