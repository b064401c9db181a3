/** The storage of an intake shard that loses what was not flushed: `crash` leaves what the last `flush` had. */
import type { StoredMarks, TicketChange, TicketStore } from "../../../src/actors/intake/ticket-rows.ts";

interface Row {
  readonly version: number;
  readonly marks: string;
  readonly tickets: Uint8Array | string;
  readonly notes: string | null;
}

interface Content {
  readonly rows: ReadonlyMap<number, Row>;
  readonly alarmAtMs: number | undefined;
}

export class SmallDisk {
  #durable: Content = { rows: new Map(), alarmAtMs: undefined };
  #working: Content = this.#durable;
  #flushed: (() => void)[] = [];

  /** What a new object sees, and a dead one no longer reaches. */
  open(isAlive: () => boolean): TicketStore {
    const alive = () => {
      if (!isAlive()) throw new Error("the object is dead");
    };
    return {
      marks: () => this.#marks(),
      commands: (row) => {
        alive();
        return this.#working.rows.get(row)?.tickets;
      },
      write: (change) => {
        alive();
        this.#working = after(this.#working, change);
      },
      sync: () => {
        alive();
        return new Promise((resolve) => this.#flushed.push(() => isAlive() && resolve()));
      },
    };
  }

  setAlarm(atMs: number): void {
    this.#working = { ...this.#working, alarmAtMs: atMs };
  }

  get alarmAtMs(): number | undefined {
    return this.#working.alarmAtMs;
  }

  /** The alarm goes off: it is gone when its handler has ended, and comes again when that dies. */
  takeAlarm(): void {
    this.#working = { ...this.#working, alarmAtMs: undefined };
  }

  get isDirty(): boolean {
    return this.#working !== this.#durable || this.#flushed.length > 0;
  }

  flush(): void {
    this.#durable = this.#working;
    for (const resolve of this.#flushed.splice(0)) resolve();
  }

  crash(): void {
    this.#working = this.#durable;
    this.#flushed = [];
  }

  get rowCount(): number {
    return this.#working.rows.size;
  }

  *#marks(): Iterable<StoredMarks> {
    for (const [row, { version, marks, notes }] of [...this.#working.rows].sort(([a], [b]) => a - b))
      yield { row, version, marks, notes };
  }
}

function after({ rows: before, alarmAtMs }: Content, change: TicketChange): Content {
  const rows = new Map(before);
  const { version } = change;
  for (const { row, marks, tickets } of change.added) rows.set(row, { version, marks, tickets, notes: null });
  for (const row of change.removal.rows) rows.delete(row);
  for (const [id, notes] of change.removal.notes) {
    const row = rows.get(id);
    if (row) rows.set(id, { ...row, notes: JSON.stringify(notes) });
  }
  return { rows, alarmAtMs: change.alarmAtMs ?? alarmAtMs };
}
