/**
 * An intake shard without a platform: it accepts starts as tickets, answers for them while they wait, and begins their
 * executions. The actor hands in its storage, its alarm and the way to the objects; the tests a storage that loses its tail.
 *
 * - A ticket is durable before its caller is answered, and an alarm stands for it from the same transaction on.
 * - It holds no commands in memory but those of the rows that were read last.
 */

import { mayAct } from "../../domain/execution/access.ts";
import type { CreateCommand } from "../../domain/execution/command.ts";
import type { Principal } from "../../domain/execution/principal.ts";
import type { Ticket } from "../../domain/intake/ticket.ts";
import { TICKET_VERSION, TicketMarks, ticketsOf, viewOfTicket } from "../../domain/intake/ticket.ts";
import type { RowNotes, WaitingTicket } from "../../domain/intake/waiting-tickets.ts";
import { NOTHING_GONE, WaitingTickets } from "../../domain/intake/waiting-tickets.ts";
import type { ExecutionView } from "../../domain/read-models/view.ts";
import type { Refusal, Result } from "../../domain/values/fault.ts";
import { accept, refuse } from "../../domain/values/fault.ts";
import type { Limits } from "../../domain/values/limits.ts";
import { inWords } from "../../domain/values/limits.ts";
import { LruCache } from "../../domain/values/lru-cache.ts";
import type { Sealer } from "../../vault/vault.ts";
import { opened } from "../storage/opened.ts";
import { AwaitedBegins } from "./awaited-begins.ts";
import type { Pending } from "./ticket-commits.ts";
import { TicketCommits } from "./ticket-commits.ts";
import type { DrainParts } from "./ticket-drain.ts";
import { TicketDrain } from "./ticket-drain.ts";
import type { NewTicketRow, TicketStore } from "./ticket-rows.ts";

export interface ShardParts extends Pick<DrainParts, "unknown" | "slot" | "room" | "now" | "pause" | "log"> {
  readonly store: TicketStore;
  readonly sealer: () => Result<Sealer>;
  /** `made`: the object is there, and its program does not begin yet. */
  readonly begin: (ticket: Ticket, how: "begun" | "made") => Promise<Result<unknown>>;
  readonly limits: Limits;
  readonly setAlarm: (atMs: number) => void;
}

/** Of commands in memory. */
const CACHED_BYTES = 4 * 1_048_576;
/** The alarm stands for a death: while the shard lives it begins what it accepts at once. */
const AFTER_A_DEATH_MS = 2_000;
/** An alarm that is so much too early would wake the shard for nothing. */
const LONG_MS = 60_000;

interface CachedRow {
  readonly tickets: readonly Ticket[];
  readonly bytes: number;
}

export class IntakeShard {
  readonly #parts: ShardParts;
  readonly #drain: TicketDrain;
  readonly #commits: TicketCommits;
  #tickets: WaitingTickets | undefined;
  /** Of the rows that newer code wrote. */
  readonly #newer = new Map<number, number>();
  readonly #cache = new LruCache<number, CachedRow>(CACHED_BYTES, ({ bytes }) => bytes);
  readonly #awaited = new AwaitedBegins();
  #nextRow = 0;
  /** How many rows newer code wrote in a form that this code cannot read: their tickets are neither shown nor begun. */
  #unread = 0;
  #alarmAtMs = 0;

  constructor(parts: ShardParts) {
    this.#parts = parts;
    const { unknown, slot, room, now, pause, log, store } = parts;
    this.#drain = new TicketDrain({
      ...{ unknown, slot, room, now, pause, log },
      tickets: () => this.tickets,
      stores: () => this.#commits.count > 0,
      open: (ticket) => this.open(ticket),
      begin: (ticket) => parts.begin(ticket, "begun"),
      hasBegun: (id) => this.#awaited.hasBegun(id),
      remove: () => this.#remove(),
    });
    this.#commits = new TicketCommits({
      write: (rows) => this.#write(rows),
      sync: () => store.sync(),
      stored: (row, entries) => this.#stored(row, entries),
      failed: (count, error) => log("error", "starts could not be queued", { count, error: String(error) }),
    });
  }

  /** Read from the rows at the first use: without their commands. */
  get tickets(): WaitingTickets {
    if (this.#tickets) return this.#tickets;
    const tickets = new WaitingTickets();
    for (const { row, version, marks, notes } of this.#parts.store.marks()) {
      this.#nextRow = row + 1;
      if (version > TICKET_VERSION) this.#newer.set(row, version);
      const read = TicketMarks.safeParse(JSON.parse(marks));
      const noted = notes === null ? {} : { notes: JSON.parse(notes) as RowNotes };
      if (read.success) tickets.add(row, read.data, { ...noted, now: this.#parts.now() });
      else this.#unread += 1;
    }
    this.#tickets = tickets;
    return tickets;
  }

  /** Resolves when the ticket is durable; a refusal when there is no room, and nothing was stored. */
  async accept(command: CreateCommand): Promise<Result<Ticket>> {
    const full = this.#full();
    if (full) return full;
    const sealer = this.#parts.sealer();
    if (!sealer.ok) return sealer;
    this.#drain.asked();
    const accepted = await this.#commits.add({ ...command, acceptedAtMs: this.#parts.now() });
    this.#drain.accepted();
    if (accepted.ok) void this.#goOn();
    return accepted;
  }

  #full(): Refusal | undefined {
    const { limits } = this.#parts;
    const count = this.tickets.depth + this.#commits.count;
    const bytes = this.tickets.bytes + this.#commits.bytes;
    if (count >= limits.queuedStarts)
      return refuse(
        "too_many_queued",
        `${count} starts wait here already; ${inWords("queuedStarts", limits)} are taken`,
      );
    if (bytes >= limits.queuedBytes)
      return refuse("too_many_queued", `${bytes} bytes wait here already; ${inWords("queuedBytes", limits)} are taken`);
    return undefined;
  }

  #write(rows: readonly (readonly Pending[])[]): readonly number[] {
    const sealer = this.#parts.sealer();
    if (!sealer.ok) throw new Error(sealer.detail);
    void this.tickets;
    const added = rows.map((entries, at): NewTicketRow => {
      const row = this.#nextRow + at;
      const commands = `[${entries.map(({ text }) => text).join(",")}]`;
      const marks = JSON.stringify(entries.map(({ mark }) => mark));
      return { row, marks, tickets: sealer.value.seal(commands, placeOf(row)) };
    });
    const now = this.#parts.now();
    const alarmAtMs = this.#alarmAtMs > now ? undefined : now + AFTER_A_DEATH_MS;
    this.#parts.store.write({ added, version: TICKET_VERSION, removal: NOTHING_GONE, alarmAtMs });
    this.#alarmAtMs = alarmAtMs ?? this.#alarmAtMs;
    this.#nextRow += rows.length;
    return added.map(({ row }) => row);
  }

  #stored(row: number, entries: readonly Pending[]): void {
    const bytes = entries.reduce((sum, { mark }) => sum + mark.bytes, 0);
    this.#cache.set(row, { tickets: entries.map(({ ticket }) => ticket), bytes });
    const marks = entries.map(({ mark }) => mark);
    this.tickets.add(row, marks, { now: this.#parts.now() });
  }

  /** The command of a ticket. */
  open({ row, at }: WaitingTicket): Result<Ticket> {
    const cached = this.#cache.get(row)?.tickets[at];
    if (cached) return accept(cached);
    const newer = this.#newer.get(row);
    if (newer !== undefined)
      return refuse("unavailable", `newer code queued it (form ${newer}; this code reads ${TICKET_VERSION})`);
    const sealer = this.#parts.sealer();
    if (!sealer.ok) return sealer;
    const stored = this.#parts.store.commands(row);
    if (stored === undefined) return refuse("unreadable", "its row is not there");
    const text = opened(() => sealer.value.open(stored, placeOf(row)), "this queued start");
    if (!text.ok) return text;
    const tickets = ticketsOf(text.value);
    this.#cache.set(row, { tickets, bytes: text.value.length });
    const found = tickets[at];
    return found ? accept(found) : refuse("unreadable", "its row holds fewer starts than it says");
  }

  #remove(): void {
    const removal = this.tickets.removal();
    if (removal.rows.length + removal.notes.length === 0) return;
    for (const row of removal.rows) this.#cache.delete(row);
    try {
      this.#parts.store.write({ added: [], version: TICKET_VERSION, removal, alarmAtMs: undefined });
    } catch (error) {
      // After a death they begin once more, which their objects recognise.
      this.#parts.log("warn", "queued starts that began could not be removed", { error: String(error) });
    }
  }

  /**
   * What waits here of these: each execution as its reader sees it. Absent: it is not here, or not this caller's. A ticket
   * that cannot be opened is a refusal.
   */
  look(caller: Principal, ids: readonly string[]): Readonly<Record<string, Result<ExecutionView>>> {
    const found = ids.flatMap((id) => {
      const result = this.#lookAt(caller, id);
      return result ? [[id, result] as const] : [];
    });
    return Object.fromEntries(found);
  }

  /** The same of one, when it has begun or after so long. */
  async lookAfter(caller: Principal, id: string, holdMs: number): Promise<Result<ExecutionView> | undefined> {
    const waiting = this.#of(caller, id);
    if (holdMs > 0 && waiting && !waiting.made) await this.#awaited.until(id, holdMs);
    return this.#lookAt(caller, id);
  }

  #lookAt(caller: Principal, id: string): Result<ExecutionView> | undefined {
    const waiting = this.#of(caller, id);
    if (waiting?.made) return undefined;
    if (!waiting)
      return this.#unread > 0 && !this.tickets.get(id)
        ? refuse("unavailable", "newer code queued starts here that this code cannot read")
        : undefined;
    const ticket = this.open(waiting);
    if (!ticket.ok) return ticket;
    const { depth } = this.tickets;
    const aside = waiting.stage === "aside" ? waiting.reason : undefined;
    const view = viewOfTicket(ticket.value, {
      position: this.tickets.placeInQueue(waiting, this.#parts.now()),
      depth,
      aside,
    });
    return view && accept(view);
  }

  #of(caller: Principal, id: string): WaitingTicket | undefined {
    const waiting = this.tickets.get(id);
    return waiting && mayAct(caller, "read", waiting) ? waiting : undefined;
  }

  /**
   * Makes the execution object of a ticket, for a call that needs more than a read. Its program still waits for its turn.
   * Returns a refusal when the object could not be made; `undefined` when it is there, or when no ticket of this id is here.
   */
  async make(caller: Principal, id: string): Promise<Refusal | undefined> {
    const waiting = this.#of(caller, id);
    if (!waiting || waiting.made) return undefined;
    if (this.tickets.unnote(waiting)) this.#remove();
    const refusal = await this.#drain.make(waiting, (ticket) => this.#parts.begin(ticket, "made"));
    if (refusal || this.tickets.get(id) !== waiting) return refusal;
    this.tickets.hasMade(waiting);
    // Its object asks for a slot itself from here on.
    if (waiting.stage === "limited") this.#admit(waiting);
    this.#remove();
    return undefined;
  }

  /** A limiter has a slot for it. True when it begins now or soon; false when it stands aside, or has its object. */
  admit(id: string): boolean {
    const waiting = this.tickets.get(id);
    if (!waiting || waiting.made || waiting.stage === "aside") return false;
    this.#admit(waiting);
    return true;
  }

  #admit(waiting: WaitingTicket): void {
    this.tickets.admit(waiting);
    void this.#goOn();
  }

  /** Begins the tickets that wait. Called by the alarm; and by the cron handler, in case the alarm was lost. */
  async wake(): Promise<void> {
    this.#alarmAtMs = 0;
    // What is being stored counts: its rows may be durable, and this alarm was the one that stood for them.
    if (this.tickets.depth + this.#commits.count === 0) return;
    // An alarm that runs sets the next one first, which waits until this one has ended.
    this.#arm(this.#parts.now() + AFTER_A_DEATH_MS);
    await this.#goOn();
  }

  /** Begins what may begin now; the alarm brings the rest. */
  async #goOn(): Promise<void> {
    await this.#drain.run();
    const { nextAtMs } = this.#drain;
    if (nextAtMs === undefined) return;
    // One that stands for a death is put off where nothing but limiters is waited for: they speak first.
    const isSoon = this.#alarmAtMs <= nextAtMs && nextAtMs - this.#alarmAtMs < LONG_MS;
    const stands = this.#alarmAtMs > this.#parts.now() && isSoon;
    if (!stands && !this.#drain.isRunning) this.#arm(nextAtMs);
  }

  #arm(atMs: number): void {
    this.#alarmAtMs = atMs;
    this.#parts.setAlarm(atMs);
  }
}

const placeOf = (row: number) => `tickets:${row}`;
