/**
 * Begins the executions of a shard's tickets, in order: so many at once, so many an invocation, fewer when the platform has
 * too much to do. It owns no storage: what has begun is removed by its shard, in batches.
 *
 * - One ticket that cannot begin stands aside with its reason; the others go on.
 * - It ends when nothing waits, when it has begun as many as one invocation may, or when it backs off; its shard's alarm
 *   begins it again.
 */
import { ASK_AGAIN_MS } from "../../domain/execution/slot.ts";
import type { Ticket } from "../../domain/intake/ticket.ts";
import type { WaitingTicket, WaitingTickets } from "../../domain/intake/waiting-tickets.ts";
import type { Backoff } from "../../domain/values/backoff.ts";
import { backoffMs } from "../../domain/values/backoff.ts";
import type { FaultCode, Refusal, Result } from "../../domain/values/fault.ts";
import { refuse } from "../../domain/values/fault.ts";
import { DrainPace } from "./drain-pace.ts";

export interface DrainParts {
  readonly tickets: () => WaitingTickets;
  /** The command of a ticket; a refusal while it cannot be opened. */
  readonly open: (ticket: WaitingTicket) => Result<Ticket>;
  /** Hands it to its execution's object, which has it durably when this resolves. */
  readonly begin: (ticket: Ticket) => Promise<Result<unknown>>;
  /** Why no function of this code takes it. */
  readonly unknown: (ticket: Ticket) => string | undefined;
  /**
   * Asks the limiter of the first limit that it is under. True: it has a slot there. What has none is no object yet, and is
   * begun when `admit` says that it has one.
   */
  readonly slot: (ticket: Ticket) => Promise<boolean>;
  /** Resolves when this machine has room for one more object; nothing when it has. */
  readonly room: (ticket: Ticket) => Promise<void> | undefined;
  /** Whether starts are being stored now. */
  readonly stores: () => boolean;
  readonly now: () => number;
  readonly pause: (ms: number) => Promise<void>;
  /** Called for each ticket when its object has it. */
  readonly hasBegun: (id: string) => void;
  /** Stores which tickets have begun, and which were asked for at their limiters. Removes the begun ones. */
  readonly remove: () => void;
  readonly log: (level: "warn" | "error", message: string, fields: Readonly<Record<string, unknown>>) => void;
}

const MOST_AT_ONCE = 32;
/** Starts that begin or wait and are no burst yet. */
const FEW = 2;
/** Calls of one invocation are limited by the platform. */
const MOST_AN_INVOCATION = 500;
const REMOVED_TOGETHER = 64;
const ASIDE_MS = 60_000;
const BACKOFF: Backoff = { initialMs: 100, factor: 2, maxMs: 15_000, jitter: false };
/** A start that broke so often stands aside. */
const MOST_FAILURES = 5;
/** The platform, and not the ticket, is at fault. */
const FOR_NOW: ReadonlySet<FaultCode> = new Set([
  "overloaded",
  "unavailable",
  "storage_unavailable",
  "encryption_not_ready",
]);

export class TicketDrain {
  readonly #parts: DrainParts;
  readonly #pace: DrainPace;
  readonly #failures = new WeakMap<WaitingTicket, number>();
  readonly #underWay = new Map<string, Promise<Refusal | undefined>>();
  #running: Promise<void> | undefined;
  #nudge: () => void = () => {};
  #width = MOST_AT_ONCE;
  /** Times in a row that it backed off. */
  #steps = 0;
  #pausedUntilMs = 0;

  constructor(parts: DrainParts) {
    this.#parts = parts;
    this.#pace = new DrainPace(parts);
  }

  /** Another start came. */
  asked(): void {
    this.#pace.asked(this.#underWay.size === 0 && this.#parts.tickets().ready === 0);
  }

  /** Tells the pace that a start was accepted. */
  accepted(): void {
    this.#pace.accepted();
  }

  /** Resolves when it has nothing more to do now; then `nextAtMs` says when to run it again. Never rejects. */
  run(): Promise<void> {
    this.#nudge();
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  get isRunning(): boolean {
    return this.#running !== undefined;
  }

  /** When it has to run again; `undefined` when nothing waits. */
  get nextAtMs(): number | undefined {
    const { tickets, now } = this.#parts;
    if (tickets().hasNext(now())) return Math.max(now(), this.#pausedUntilMs);
    return tickets().againAtMs;
  }

  /** Called for a caller who needs the object of a ticket at once. Resolves with nothing when the object has it. */
  async make(ticket: WaitingTicket, begin: DrainParts["begin"]): Promise<Refusal | undefined> {
    const underWay = this.#underWay.get(ticket.id);
    if (underWay !== undefined) return underWay;
    const opened = this.#parts.open(ticket);
    if (!opened.ok) return opened;
    const made = await begin(opened.value);
    return made.ok ? undefined : made;
  }

  async #run(): Promise<void> {
    const { tickets, now, remove } = this.#parts;
    const inFlight = new Set<Promise<unknown>>();
    let begun = 0;
    const goesOn = () => begun < MOST_AN_INVOCATION && now() >= this.#pausedUntilMs && tickets().hasNext(now());
    for (;;) {
      const room = goesOn() ? await this.#room(inFlight.size) : 0;
      let taken = 0;
      for (; taken < room && goesOn(); taken += 1) {
        const ticket = tickets().take(now());
        if (!ticket) break;
        begun += 1;
        const one: Promise<unknown> = this.#begin(ticket).finally(() => inFlight.delete(one));
        inFlight.add(one);
      }
      if (!goesOn()) this.#pace.rests();
      else if (!this.#pace.isAccepting) this.#pace.begun(taken);
      if (taken === 0 && inFlight.size === 0) break;
      if (taken === 0) await Promise.race([...inFlight, this.#nudged()]);
      if (tickets().unwritten >= REMOVED_TOGETHER) remove();
    }
    remove();
  }

  /** How many more may begin beside those that are under way. In a burst of starts it waits for the next turn. */
  async #room(underWay: number): Promise<number> {
    const room = this.#width - underWay;
    if (room <= 0 || !this.#pace.isAccepting || this.#pace.isOpen) return room;
    // A start that comes after another is no burst yet: it begins at once.
    if (underWay + this.#parts.tickets().ready <= FEW && !this.#pace.isPressed) return 1;
    await this.#pace.turn();
    return 1;
  }

  /** Resolves when another ticket came. */
  #nudged(): Promise<void> {
    return new Promise((resolve) => {
      this.#nudge = resolve;
    });
  }

  #begin(ticket: WaitingTicket): Promise<Refusal | undefined> {
    const begun = this.#tryToBegin(ticket).finally(() => this.#underWay.delete(ticket.id));
    this.#underWay.set(ticket.id, begun);
    return begun;
  }

  /** Never rejects. */
  async #tryToBegin(waiting: WaitingTicket): Promise<Refusal | undefined> {
    try {
      const opened = this.#parts.open(waiting);
      if (!opened.ok) return this.#aside(waiting, opened);
      // An object that is there says itself what its program lacks.
      const unknown = waiting.made ? undefined : this.#parts.unknown(opened.value);
      if (unknown !== undefined) return this.#aside(waiting, refuse("unavailable", unknown));
      if (await this.#lacksSlot(waiting, opened.value)) return undefined;
      await this.#parts.room(opened.value);
      if (this.#parts.tickets().unnote(waiting)) this.#parts.remove();
      const fromMs = this.#parts.now();
      const begun = await this.#parts.begin(opened.value);
      if (!begun.ok) return FOR_NOW.has(begun.code) ? this.#backOff(waiting, begun) : this.#aside(waiting, begun);
      this.#pace.took(this.#parts.now() - fromMs, this.#underWay.size);
      this.#parts.tickets().hasBegun(waiting);
      this.#parts.hasBegun(waiting.id);
      this.#width = Math.min(MOST_AT_ONCE, this.#width + 1);
      this.#steps = 0;
      return undefined;
    } catch (error) {
      return this.#broke(waiting, error);
    }
  }

  /** An object that is there asks for itself. */
  async #lacksSlot(waiting: WaitingTicket, ticket: Ticket): Promise<boolean> {
    const { tickets, now, slot } = this.#parts;
    if (waiting.queue === undefined || waiting.made || tickets().takeSlot(waiting)) return false;
    const granted = await slot(ticket);
    // Its slot, and its object, may have come while the limiter was asked.
    if (tickets().takeSlot(waiting) || granted || waiting.made) return false;
    tickets().setLimited(waiting, now() + ASK_AGAIN_MS);
    return true;
  }

  #broke(waiting: WaitingTicket, error: unknown): Refusal {
    const failures = (this.#failures.get(waiting) ?? 0) + 1;
    this.#failures.set(waiting, failures);
    this.#parts.log("warn", "a queued execution did not begin", { execution_id: waiting.id, error: String(error) });
    const refusal = refuse("unavailable", `its start broke ${failures} times`);
    return failures >= MOST_FAILURES ? this.#aside(waiting, refusal) : this.#backOff(waiting, refusal);
  }

  #backOff(waiting: WaitingTicket, refusal: Refusal): Refusal {
    const { tickets, now } = this.#parts;
    tickets().putBack(waiting);
    this.#width = Math.max(1, Math.floor(this.#width / 2));
    // Those that were under way together are one step.
    if (now() >= this.#pausedUntilMs) {
      this.#steps += 1;
      this.#pausedUntilMs = now() + backoffMs(BACKOFF, this.#steps);
    }
    return refusal;
  }

  #aside(waiting: WaitingTicket, refusal: Refusal): Refusal {
    const { tickets, now, log } = this.#parts;
    tickets().setAside(waiting, refusal.detail, now() + ASIDE_MS);
    log("warn", "a queued execution stands aside", { execution_id: waiting.id, reason: refusal.detail });
    return refusal;
  }
}
