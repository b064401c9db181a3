/**
 * Group commit of an intake shard: callers that come while a commit is on its way ride on the next one, packed into few
 * rows, and each is answered when its own is durable.
 */
import type { Ticket, TicketMark } from "../../domain/intake/ticket.ts";
import { markOf, ticketText } from "../../domain/intake/ticket.ts";
import type { Result } from "../../domain/values/fault.ts";
import { accept, refuse } from "../../domain/values/fault.ts";

export interface Pending {
  readonly ticket: Ticket;
  readonly text: string;
  readonly mark: TicketMark;
}

export interface CommitParts {
  /** Writes the rows, in one transaction, and returns their numbers. Throws as the storage does. */
  readonly write: (rows: readonly (readonly Pending[])[]) => readonly number[];
  /** Resolves when what was written is durable. */
  readonly sync: () => Promise<void>;
  /** The row is durable. */
  readonly stored: (row: number, entries: readonly Pending[]) => void;
  readonly failed: (count: number, error: unknown) => void;
}

interface Caller extends Pending {
  readonly answer: (result: Result<Ticket>) => void;
}

/** Characters of one row: within the platform's 2 MB also where each is three bytes. */
const MAX_ROW_CHARACTERS = 600_000;
/** A row is opened as a whole: so many tickets of it. */
const MAX_ROW_TICKETS = 256;

const NOTHING_WRITTEN = "the queue's storage took no write, and nothing was started";
/** The rows may be on disk all the same. */
const UNCONFIRMED =
  "the queue's storage did not confirm the write, and the start may be queued all the same: look into the list before it is sent again, and send an Idempotency-Key with what must not begin twice";

export class TicketCommits {
  readonly #parts: CommitParts;
  #waiting: Caller[] = [];
  #isCommitting = false;
  /** Of all that are not stored yet. */
  #count = 0;
  #bytes = 0;

  constructor(parts: CommitParts) {
    this.#parts = parts;
  }

  get count(): number {
    return this.#count;
  }
  get bytes(): number {
    return this.#bytes;
  }

  add(ticket: Ticket): Promise<Result<Ticket>> {
    const text = ticketText(ticket);
    const mark = markOf(ticket, text);
    this.#count += 1;
    this.#bytes += mark.bytes;
    return new Promise((answer) => {
      this.#waiting.push({ ticket, text, mark, answer });
      if (!this.#isCommitting) void this.#commitAll();
    });
  }

  /** Never rejects. It ends in the same turn as its last look: a caller that comes later begins anew. */
  async #commitAll(): Promise<void> {
    this.#isCommitting = true;
    while (this.#waiting.length > 0) {
      const callers = this.#waiting;
      this.#waiting = [];
      await this.#commit(callers);
      this.#count -= callers.length;
      for (const { mark } of callers) this.#bytes -= mark.bytes;
    }
    this.#isCommitting = false;
  }

  async #commit(callers: readonly Caller[]): Promise<void> {
    const { write, sync, stored, failed } = this.#parts;
    let isWritten = false;
    try {
      const rows = packed(callers);
      const numbers = write(rows);
      isWritten = true;
      await sync();
      for (const [at, entries] of rows.entries()) stored(numbers[at] ?? 0, entries);
      for (const { ticket, answer } of callers) answer(accept(ticket));
    } catch (error) {
      failed(callers.length, error);
      const refusal = refuse("storage_unavailable", isWritten ? UNCONFIRMED : NOTHING_WRITTEN);
      for (const { answer } of callers) answer(refusal);
    }
  }
}

function packed(callers: readonly Caller[]): Caller[][] {
  const rows: Caller[][] = [];
  let characters = 0;
  for (const caller of callers) {
    characters += caller.text.length;
    const last = rows.at(-1);
    if (last && characters <= MAX_ROW_CHARACTERS && last.length < MAX_ROW_TICKETS) last.push(caller);
    else {
      rows.push([caller]);
      characters = caller.text.length;
    }
  }
  return rows;
}
