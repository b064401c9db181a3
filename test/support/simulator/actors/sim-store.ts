/** The engine's `Store` on a disk that loses its tail: what was committed and not flushed is gone in a crash. */
import { OpenApproval, openApprovalsOf } from "../../../../src/domain/execution/approval.ts";
import type { ChainedRow } from "../../../../src/domain/execution/chain.ts";
import type { Event } from "../../../../src/domain/execution/event.ts";
import { parseEvent } from "../../../../src/domain/execution/event-text.ts";
import { ExecutionState } from "../../../../src/domain/execution/state.ts";
import { isTerminal } from "../../../../src/domain/execution/status.ts";
import { evolve } from "../../../../src/domain/fold/evolve.ts";
import type { Commit, EventRow, Loaded, OutboxRow, Store } from "../../../../src/engine/ports.ts";
import { storedTimersIn } from "../../stored-timers.ts";

export interface Rows {
  readonly events: readonly Event[];
  /** The log as it lies on the disk: the texts of each commit. */
  readonly log: readonly (readonly string[])[];
  readonly state: ExecutionState | undefined;
  readonly timers: ReadonlyMap<string, number>;
  readonly outbox: ReadonlyMap<string, OutboxRow>;
  readonly gates: ReadonlyMap<string, OpenApproval>;
  /** Of the work of a plan, by key. */
  readonly work: ReadonlyMap<string, string>;
  readonly alarmAtMs: number | undefined;
}

const EMPTY: Rows = {
  events: [],
  log: [],
  state: undefined,
  timers: new Map(),
  outbox: new Map(),
  gates: new Map(),
  work: new Map(),
  alarmAtMs: undefined,
};

const UNOPENED_AGAIN_MS = 300_000;
/** Of a disk that keeps no chain. */
const HEAD = "no chain";
/** Hears of a commit by its number; of a flush by the number of the last commit that is on disk. */
type Heard = (mark: number) => void;

/** What a commit throws while the disk takes nothing. */
class DiskFull extends Error {}

interface Refusals {
  /** Commits that are taken before. */
  room: number;
  /** Commits that are refused then. */
  times: number;
  readonly onRefusal: (lost: Commit) => void;
}

/**
 * A storage with an output gate. Commits lie in a tail until the disk has caught up; a crash keeps some of that tail, in
 * order, and loses the rest. Rows pass through JSON and their parsers, as on disk.
 */
export class SimStore {
  #durable: Rows = EMPTY;
  /** Commits that are not on disk, oldest first, each with its number. */
  #tail: { readonly mark: number; readonly rows: Rows }[] = [];
  #mark = 0;
  #durableMark = 0;
  #alarmTaken = false;
  #putOffMs: number | undefined;
  #full: Refusals | undefined;
  readonly #committed: Heard;
  readonly #flushed: Heard;

  constructor(committed: Heard, flushed: Heard = () => {}) {
    this.#committed = committed;
    this.#flushed = flushed;
  }

  /** After `room` commits so many are refused: nothing of them is written, and the object that wanted them lives. */
  failAfter(refusals: Refusals): void {
    this.#full = refusals;
  }

  /** What a living object sees: everything committed. */
  get view(): Rows {
    const rows = this.#tail.at(-1)?.rows ?? this.#durable;
    return this.#alarmTaken ? { ...rows, alarmAtMs: undefined } : rows;
  }
  /** What it owes: an ended execution without an alarm owes nothing, whatever its row says. */
  get owed(): ReadonlyMap<string, OutboxRow> {
    const { state, outbox, alarmAtMs } = this.view;
    return state && isTerminal(state.status) && alarmAtMs === undefined ? new Map() : outbox;
  }
  get durable(): Rows {
    return this.#durable;
  }
  /** The number of the latest commit: what leaves now has to wait until it is on disk. */
  get mark(): number {
    return this.#mark;
  }
  /** It has not ended, and no alarm stands for it. */
  get owesWake(): boolean {
    return [this.view, this.#durable].some(
      ({ state, alarmAtMs }) => state && alarmAtMs === undefined && !isTerminal(state.status),
    );
  }
  /** The alarm that a handler asked for which could do nothing: as long as it stands, timers wait for it. */
  get putOffMs(): number | undefined {
    return this.#putOffMs;
  }
  get dirty(): boolean {
    return this.#tail.length > 0;
  }
  isDurable(mark: number): boolean {
    return mark <= this.#durableMark;
  }

  /** The storage as one incarnation of the object has it: a dead one writes nothing any more. */
  handle(alive: () => boolean): Store {
    return {
      load: () => this.#load(),
      rows: (after) => this.#rows(after),
      approvals: {
        get: (gateId) => openApprovalsOf(this.view.gates).get(gateId),
        first: (limit) => openApprovalsOf(this.view.gates).first(limit),
      },
      timers: storedTimersIn(() => this.view.timers),
      work: {
        get: (key) => this.view.work.get(key),
        under: (prefix) => [...this.view.work].flatMap(([key, text]) => (key.startsWith(prefix) ? [text] : [])),
      },
      commit: (commit) => {
        if (!alive()) return;
        const full = this.#full;
        if (!full || full.room-- > 0) return this.#commit(commit);
        full.times -= 1;
        if (full.times <= 0) this.#full = undefined;
        full.onRefusal(commit);
        throw new DiskFull();
      },
      chain: {
        head: HEAD,
        rows: (after) => this.#texts(after),
        next: () => HEAD,
        check: () => ({ ok: true, head: HEAD }),
      },
      sync: () => (alive() ? Promise.resolve(this.flushed(this.#mark)) : new Promise(() => {})),
    };
  }

  #load(): Loaded {
    const { state, outbox, alarmAtMs } = this.view;
    return { state: state && ExecutionState.parse(JSON.parse(JSON.stringify(state))), outbox, alarmAtMs };
  }

  *#texts(after: number): Generator<ChainedRow> {
    let firstSeq = this.view.events[0]?.seq ?? 1;
    for (const texts of this.view.log) {
      if (firstSeq + texts.length - 1 > after) yield { texts, firstSeq, marks: [] };
      firstSeq += texts.length;
    }
  }

  *#rows(after: number): Generator<EventRow> {
    for (const { texts } of this.#texts(after)) {
      const events = texts.map((text) => parseEvent(JSON.parse(text)));
      yield { events, size: texts.reduce((sum, text) => sum + text.length, 0) };
    }
  }

  #commit(commit: Commit): void {
    const { view } = this;
    this.#alarmTaken = false;
    const timers = new Map(view.timers);
    for (const name of commit.clearTimers) timers.delete(name);
    for (const [name, atMs] of commit.setTimers) timers.set(name, atMs);
    const outbox = new Map(view.outbox);
    for (const id of commit.removeMessages) outbox.delete(id);
    for (const [id, row] of commit.putMessages) outbox.set(id, row);
    const gates = new Map(view.gates);
    for (const id of commit.removeApprovals ?? []) gates.delete(id);
    // As on disk: through JSON and its parser.
    for (const [id, gate] of commit.putApprovals ?? [])
      gates.set(id, OpenApproval.parse(JSON.parse(JSON.stringify(gate))));
    const texts = commit.events.map(({ text }) => text);
    const events = texts.map((text) => parseEvent(JSON.parse(text)));
    const last = view.events.at(-1)?.seq ?? 0;
    for (const [index, { seq }] of events.entries()) {
      const expected = last + 1 + index;
      if (seq !== expected) throw new Error(`gap in the log: ${seq}, not ${expected}`);
    }
    const alarmAtMs = commit.alarmAtMs ?? view.alarmAtMs;
    const kept = commit.forgetLog ? EMPTY : view;
    const log = texts.length === 0 ? kept.log : [...kept.log, texts];
    const { putWork } = commit;
    const work = putWork === undefined || putWork.size === 0 ? kept.work : new Map([...kept.work, ...putWork]);
    const state = commit.state;
    const rows = { events: [...kept.events, ...events], log, state, timers, outbox, gates, work, alarmAtMs };
    this.#mark += 1;
    this.#tail.push({ mark: this.#mark, rows });
    this.#committed(this.#mark);
  }

  /** The disk has caught up with everything up to a commit. */
  flushed(mark: number): void {
    while (this.#tail[0] && this.#tail[0].mark <= mark) {
      this.#durable = this.#tail[0].rows;
      this.#durableMark = this.#tail[0].mark;
      this.#tail.shift();
    }
    this.#flushed(this.#durableMark);
  }

  /** The process died. `draw` in [0, 1) says how much of the tail had reached the disk by luck. */
  crash(draw: number): void {
    const kept = Math.floor(draw * (this.#tail.length + 1));
    this.flushed(this.#tail[kept - 1]?.mark ?? 0);
    this.#tail = [];
    this.#alarmTaken = false;
  }

  /** The platform takes the alarm away and calls `alarm()`; a crash before that has written anything gives it back. */
  takeAlarm(): void {
    this.#alarmTaken = true;
  }

  /** As the alarm's handler does in production when it cannot open the rows. */
  notOpened(now: number): void {
    this.putOff(now + UNOPENED_AGAIN_MS);
  }

  /** The alarm's handler could do nothing, and asked for another alarm. */
  putOff(atMs: number): void {
    this.flushed(this.#mark);
    this.#putOffMs = atMs;
    this.#durable = { ...this.#durable, alarmAtMs: atMs };
  }

  /** The platform forgets the alarm. Its instant; nothing when none stood. */
  loseAlarm(): number | undefined {
    const { alarmAtMs } = this.view;
    const without = (rows: Rows): Rows => ({ ...rows, alarmAtMs: undefined });
    this.#durable = without(this.#durable);
    this.#tail = this.#tail.map(({ mark, rows }) => ({ mark, rows: without(rows) }));
    return alarmAtMs;
  }

  /** Newer code was here for a moment: it added a field to the last event, and an event of a type of its own. */
  writtenByNewerCode(): void {
    const { events, log, state } = this.#durable;
    const [last, row] = [events.at(-1), log.at(-1)];
    if (this.dirty || !last || !row || !state) return;
    const annotated = { ...last, data: { ...last.data, ofNewerCode: { kept: true } } } as unknown as Event;
    const { atMs, actor, v } = last;
    const added = { seq: last.seq + 1, type: "execution.annotated", atMs, actor, v: v + 1, data: { by: "newer code" } };
    const unknown = added as unknown as Event;
    const texts = [[...row.slice(0, -1), JSON.stringify(annotated)], [JSON.stringify(added)]];
    this.#durable = {
      ...this.#durable,
      events: [...events.slice(0, -1), annotated, unknown],
      log: [...log.slice(0, -1), ...texts],
      state: evolve(state, unknown),
    };
  }

  /** The alarm's handler has returned, and long ago. */
  settleAlarm(): void {
    if (this.#alarmTaken) this.#durable = { ...this.#durable, alarmAtMs: undefined };
    this.#alarmTaken = false;
  }
}
