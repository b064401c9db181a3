/**
 * The tickets of one shard by their marks: who waits, who begins, who stands aside, and which stored rows are done with.
 * Pure: an intake shard owns one, and reads it anew from its rows after a death.
 *
 * - A ticket leaves only when its execution's object has it durably. What is forgotten in a crash begins once more, which
 *   the object recognises by its id.
 * - A row goes when all its tickets have gone; until then the places that have gone are noted beside it, and those whose
 *   limiter knows of them: after a death they wait for its word, and it is not asked again for each.
 */
import { LapsingHeap } from "./lapsing-heap.ts";
import { USUAL_PRIORITY, usualFairness } from "./queued-start.ts";
import { StartOrder } from "./start-order.ts";
import type { TicketMark } from "./ticket.ts";

export interface WaitingTicket extends TicketMark {
  readonly row: number;
  /** Its place in the row. */
  readonly at: number;
  /** `limited`: its limiter knows of it, and says when it has a slot. */
  stage: "waiting" | "beginning" | "aside" | "limited";
  /** Its limiter has a slot for it. */
  hasSlot?: boolean;
  /** Its object is there, and answers for it. */
  made?: boolean;
  /** Why it stands aside, and when it is tried again. */
  reason?: string | undefined;
  againAtMs?: number | undefined;
}

/** Places of a row: of tickets that have gone, and of those whose object was made before their turn. */
export interface RowNotes {
  readonly gone: readonly number[];
  readonly made: readonly number[];
  /** Of those that wait for the word of their limiter, with the instant at which it is asked again. */
  readonly limited?: readonly (readonly [place: number, againAtMs: number])[];
}

/** What is to be written of tickets that have gone, or were made. */
export interface Removal {
  readonly rows: readonly number[];
  /** Of rows that stay. */
  readonly notes: readonly (readonly [row: number, notes: RowNotes])[];
}

export const NOTHING_GONE: Removal = { rows: [], notes: [] };

interface Row {
  readonly total: number;
  readonly gone: Set<number>;
  readonly made: Set<number>;
  readonly limited: Map<number, number>;
}

interface Again {
  readonly ticket: WaitingTicket;
  readonly atMs: number;
}

export class WaitingTickets {
  readonly #byId = new Map<string, WaitingTicket>();
  readonly #rows = new Map<number, Row>();
  readonly #order = new StartOrder();
  /** Put back after a try that failed: they go first. */
  readonly #first: WaitingTicket[] = [];
  /** Those that stand aside, or are limited. */
  readonly #again = new LapsingHeap<Again>(
    (a, b) => a.atMs < b.atMs,
    ({ ticket, atMs }) => isTriedAgain(ticket) && ticket.againAtMs === atMs && this.#byId.get(ticket.id) === ticket,
  );
  readonly #changed = new Set<number>();
  #bytes = 0;
  #unwritten = 0;

  /** A stored row, with what was noted of it. */
  add(
    row: number,
    marks: readonly TicketMark[],
    { notes, now }: { readonly notes?: RowNotes; readonly now: number },
  ): void {
    const { gone, made, limited } = notes ?? {};
    const known: Row = { total: marks.length, gone: new Set(gone), made: new Set(made), limited: new Map(limited) };
    this.#rows.set(row, known);
    for (const [at, mark] of marks.entries()) {
      if (known.gone.has(at)) continue;
      const ticket: WaitingTicket = { ...mark, row, at, stage: "waiting", made: known.made.has(at) };
      this.#byId.set(mark.id, ticket);
      this.#bytes += mark.bytes;
      const againAtMs = ticket.made ? undefined : known.limited.get(at);
      if (againAtMs === undefined) this.#enqueue(ticket, now);
      else this.#tryLater(ticket, "limited", againAtMs);
    }
  }

  #enqueue(ticket: WaitingTicket, now: number): void {
    const { id, priority = USUAL_PRIORITY, fairness = usualFairness(ticket), atMs: sinceMs } = ticket;
    this.#order.add({ id, priority, fairness, sinceMs }, now);
  }

  get(id: string): WaitingTicket | undefined {
    return this.#byId.get(id);
  }

  /** Tickets that have not gone. */
  get depth(): number {
    return this.#byId.size;
  }
  /** Those that may begin now, as far as none is tried again meanwhile. */
  get ready(): number {
    return this.#first.length + this.#order.size;
  }
  get bytes(): number {
    return this.#bytes;
  }
  /** Tickets that have gone since the last removal. */
  get unwritten(): number {
    return this.#unwritten;
  }
  /** When the first of those that stand aside is tried again. */
  get againAtMs(): number | undefined {
    return this.#again.first?.atMs;
  }
  /** Whether `take` has one. */
  hasNext(now: number): boolean {
    this.#tryAgain(now);
    return this.ready > 0;
  }

  /** The next one, which begins now. */
  take(now: number): WaitingTicket | undefined {
    if (!this.hasNext(now)) return undefined;
    const ticket = this.#first.shift() ?? this.#byId.get(this.#order.take(now)?.id ?? "");
    if (ticket) ticket.stage = "beginning";
    return ticket;
  }

  /** Its object is there before its turn. */
  hasMade(ticket: WaitingTicket): void {
    ticket.made = true;
    this.#rows.get(ticket.row)?.made.add(ticket.at);
    this.#changed.add(ticket.row);
  }

  /** It could not begin now. */
  putBack(ticket: WaitingTicket): void {
    if (ticket.stage !== "beginning") return;
    ticket.stage = "waiting";
    this.#first.push(ticket);
  }

  setAside(ticket: WaitingTicket, reason: string, againAtMs: number): void {
    ticket.reason = reason;
    this.#tryLater(ticket, "aside", againAtMs);
  }

  /** It waits for a slot under a limit; its limiter is asked again then, should it have forgotten. */
  setLimited(ticket: WaitingTicket, againAtMs: number): void {
    this.#tryLater(ticket, "limited", againAtMs);
    this.#rows.get(ticket.row)?.limited.set(ticket.at, againAtMs);
    this.#changed.add(ticket.row);
  }

  #tryLater(ticket: WaitingTicket, stage: "aside" | "limited", againAtMs: number): void {
    ticket.stage = stage;
    ticket.againAtMs = againAtMs;
    this.#again.add({ ticket, atMs: againAtMs });
  }

  /** What its limiter said since it was asked: it counts once. */
  takeSlot(ticket: WaitingTicket): boolean {
    const had = ticket.hasSlot === true;
    ticket.hasSlot = false;
    return had;
  }

  /** Its limiter has a slot for it: it goes next. */
  admit(ticket: WaitingTicket): void {
    ticket.hasSlot = true;
    // One that was put back is among the first already.
    const isToMove = ticket.stage === "limited" || (ticket.stage === "waiting" && this.#order.remove(ticket.id));
    if (!isToMove) return;
    ticket.stage = "waiting";
    this.#first.push(ticket);
  }

  /**
   * Called before its object is made, whose limiter may then have heard the last of it: after a death it must not wait for
   * a word. True when the notes have to be written first.
   */
  unnote({ row, at }: WaitingTicket): boolean {
    const wasNoted = this.#rows.get(row)?.limited.delete(at) === true;
    if (wasNoted) this.#changed.add(row);
    return wasNoted;
  }

  /** Its object has it durably. */
  hasBegun(ticket: WaitingTicket): void {
    if (!this.#byId.delete(ticket.id)) return;
    this.#bytes -= ticket.bytes;
    this.#unwritten += 1;
    this.#rows.get(ticket.row)?.gone.add(ticket.at);
    this.#changed.add(ticket.row);
  }

  /** What is to be written of tickets that have gone since the last call. Written, or lost in a crash: both are right. */
  removal(): Removal {
    const rows: number[] = [];
    const notes: [number, RowNotes][] = [];
    for (const id of this.#changed) {
      const row = this.#rows.get(id);
      if (!row) continue;
      if (row.gone.size < row.total) notes.push([id, notesOf(row)]);
      else {
        rows.push(id);
        this.#rows.delete(id);
      }
    }
    this.#changed.clear();
    this.#unwritten = 0;
    return { rows, notes };
  }

  /** 1 for the one that begins next, and for those that begin now. */
  placeInQueue({ id, stage }: WaitingTicket, now: number): number {
    return stage === "waiting" ? this.#first.length + (this.#order.position(id, now) ?? 1) : 1;
  }

  /** Those that have waited since before `beforeMs`, in order. */
  *waitingSince(beforeMs: number): Iterable<WaitingTicket> {
    for (const ticket of this.#byId.values()) {
      if (ticket.atMs > beforeMs) return;
      yield ticket;
    }
  }

  #tryAgain(now: number): void {
    for (const { ticket } of this.#again.takeWhile(({ atMs }) => atMs <= now)) {
      ticket.stage = "waiting";
      this.#enqueue(ticket, now);
    }
  }
}

const isTriedAgain = ({ stage }: WaitingTicket) => stage === "aside" || stage === "limited";

function notesOf({ gone, made, limited }: Row): RowNotes {
  return { gone: [...gone], made: [...made], ...(limited.size === 0 ? {} : { limited: [...limited] }) };
}
