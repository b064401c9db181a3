/**
 * Events read back from the log, for two kinds of readers. The engine shares what it reads and changes nothing of it. A
 * program is handed what is its own: it may change it, and nothing that it holds is held here.
 *
 * - What is kept in memory is bounded in bytes, however large the log is: a few recent events, a few small rows, and what
 *   a replay is about to hand over. What is large is read again from its row.
 * - A replay parses an event once while all of them fit into `MOST_AHEAD`, and twice beyond that. None is copied.
 */
import type { Event } from "../../domain/execution/event.ts";
import { LruCache } from "../../domain/values/lru-cache.ts";
import type { EventRow, Store } from "../ports.ts";
import { RecentEvents } from "./recent-events.ts";

/** Characters of rows that are kept in case their next event is asked for. A larger row is not kept. */
const ROWS_KEPT = 4;
const LARGEST_KEPT = 131_072;
/** Characters of rows whose events a replay has read, and will hand over without reading them again. */
const MOST_AHEAD = 2_097_152;
/** A row with events above this is read again when it is their turn. */
const LARGEST_AHEAD = 65_536;

const NOTHING = () => false;

export class LogReader {
  readonly #store: Pick<Store, "rows">;
  readonly #onTaken: (characters: number) => void;
  readonly #recent = new RecentEvents();
  /** By the number of their last event. */
  readonly #rows = new LruCache<number, EventRow>(ROWS_KEPT);
  /** Events that no other part holds: each is handed over once. */
  #ahead = new Map<number, Event>();
  #aheadSize = 0;
  /** What a replay hands over; nothing while none is under way. */
  #isWanted: (seq: number) => boolean = NOTHING;

  /** `onTaken` hears of characters that were appended, or read for the program: it may keep what was made of them. */
  constructor(store: Pick<Store, "rows">, onTaken: (characters: number) => void = () => {}) {
    this.#store = store;
    this.#onTaken = onTaken;
  }

  /** An event was appended: until it is on disk it is nowhere else. */
  add(seq: number, text: string): void {
    this.#recent.add(seq, text);
    this.#onTaken(text.length);
  }

  /** Everything up to `seq` is on disk. */
  committed(seq: number): void {
    this.#recent.trim(seq);
  }

  /** The log up to `seq` is no more. */
  forget(seq: number): void {
    this.#recent.forget(seq);
    this.#rows.clear();
    this.letGo();
  }

  /** Committed events with `seq > after`, row by row. */
  *after(after: number): Generator<Event> {
    for (const { events } of this.#store.rows(after)) {
      for (const event of events) if (event.seq > after) yield event;
    }
  }

  /** The same, and keeps what a replay may hand over: events of which `take` is asked soon. */
  *ahead(): Generator<Event> {
    for (const row of this.#store.rows(0)) {
      if (row.size <= LARGEST_AHEAD && this.#aheadSize + row.size <= MOST_AHEAD) this.#keepAhead(row);
      yield* row.events;
    }
  }

  #keepAhead({ events, size }: EventRow): void {
    this.#aheadSize += size;
    this.#onTaken(size);
    for (const event of events) this.#ahead.set(event.seq, event);
  }

  /** A replay begins, which asks for these in the order of the log. */
  expect(isWanted: (seq: number) => boolean): void {
    this.#isWanted = isWanted;
    for (const seq of this.#ahead.keys()) if (!isWanted(seq)) this.#ahead.delete(seq);
  }

  /** The replay is over, or does not come: nothing that was read ahead is needed. */
  letGo(): void {
    this.#isWanted = NOTHING;
    this.#dropAhead();
  }

  #dropAhead(): void {
    if (this.#ahead.size > 0) this.#ahead = new Map();
    this.#aheadSize = 0;
  }

  /** For the engine. */
  event(seq: number): Event | undefined {
    const known = this.#recent.get(seq);
    if (known) return known;
    const row = this.#row(seq);
    const read = row?.events.find((event) => event.seq === seq);
    if (read && row) this.#recent.keepFirst(read, row.size);
    return read;
  }

  /** For the program: an event of its own. */
  take(seq: number): Event | undefined {
    const ahead = this.#ahead.get(seq);
    if (ahead) {
      this.#ahead.delete(seq);
      return ahead;
    }
    const text = this.#recent.textOf(seq);
    if (text !== undefined) return JSON.parse(text) as Event;
    if (this.#isWanted(seq)) return this.#readOn(seq);
    const row = this.#row(seq);
    const read = row?.events.find((event) => event.seq === seq);
    this.#onTaken((row?.size ?? 0) / (row?.events.length ?? 1));
    return read && row && this.#isKept(row) ? copyOf(read) : read;
  }

  /** A replay has come to a row that was not kept: what else it wants of it is handed over without another reading. */
  #readOn(seq: number): Event | undefined {
    const [row] = take(1, this.#store.rows(seq - 1));
    const read = row?.events.find((event) => event.seq === seq);
    if (!row || row.size > LARGEST_KEPT) {
      this.#onTaken(row?.size ?? 0);
      return read;
    }
    const later = row.events.filter((event) => event.seq !== seq && this.#isWanted(event.seq));
    if (this.#aheadSize + row.size > MOST_AHEAD) this.#dropAhead();
    this.#keepAhead({ events: later, size: row.size });
    return read;
  }

  #row(seq: number): EventRow | undefined {
    const known = this.#rows.find(({ events }) => holds(events, seq));
    if (known) return known;
    const [row] = take(1, this.#store.rows(seq - 1));
    const last = row?.events.at(-1)?.seq;
    if (row && last !== undefined && this.#isKept(row)) this.#rows.set(last, row);
    return row;
  }

  /** A page of offers too: it is read once for each of them. */
  #isKept({ size, events }: EventRow): boolean {
    return size <= LARGEST_KEPT || events.some(({ type }) => type === "journal.inherited");
  }
}

/** Whether a row with these events has the one of this number. */
export function holds(events: readonly Event[], seq: number): boolean {
  return (events[0]?.seq ?? 0) <= seq && seq <= (events.at(-1)?.seq ?? 0);
}

function copyOf(event: Event): Event {
  return JSON.parse(JSON.stringify(event)) as Event;
}

function take<T>(count: number, items: Iterable<T>): T[] {
  const taken: T[] = [];
  for (const item of items) {
    taken.push(item);
    if (taken.length === count) break;
  }
  return taken;
}
