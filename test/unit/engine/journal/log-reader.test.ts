import { beforeEach, describe, expect, it } from "vitest";
import type { Event } from "../../../../src/domain/execution/event.ts";
import { LogReader } from "../../../../src/engine/journal/log-reader.ts";
import type { EventRow } from "../../../../src/engine/ports.ts";

/** A log of notes, ten to a row, each of so many characters. */
class Notes {
  readonly rowsRead: number[] = [];
  readonly #size: number;
  readonly #count: number;

  constructor(count: number, size: number) {
    this.#count = count;
    this.#size = size;
  }

  *rows(after: number): Generator<EventRow> {
    for (let first = 1; first <= this.#count; first += 10) {
      if (first + 9 <= after) continue;
      this.rowsRead.push(first);
      const events = Array.from({ length: 10 }, (_, at) => this.event(first + at));
      yield { events, size: 10 * this.#size };
    }
  }

  event(seq: number): Event {
    const data = { message: "x".repeat(this.#size), tags: ["as it was"] };
    return { seq, atMs: seq, actor: "ann", v: 1, type: "note.added", data };
  }
}

function change(event: Event | undefined): void {
  if (event?.type !== "note.added") throw new Error("no note");
  event.data.tags.push("changed");
}

describe.each([
  ["small rows", 10],
  ["large rows", 20_000],
])("what is handed to a program, out of %s", (_, size) => {
  let notes: Notes;
  let reader: LogReader;
  beforeEach(() => {
    notes = new Notes(100, size);
    reader = new LogReader(notes);
  });

  it("is its own: changing it changes nothing that is read later", () => {
    for (const seq of [1, 15, 15, 1, 16, 99]) {
      expect(reader.event(seq)).toEqual(notes.event(seq));
      const own = reader.take(seq);
      expect(own).toEqual(notes.event(seq));
      change(own);
      expect(reader.event(seq)).toEqual(notes.event(seq));
      expect(reader.take(seq)).toEqual(notes.event(seq));
    }
  });

  it("is its own when it was appended by this process", () => {
    reader.add(101, JSON.stringify(notes.event(101)));
    for (const own of [reader.take(101), reader.event(101) && reader.take(101)]) change(own);
    expect(reader.event(101)).toEqual(notes.event(101));
    expect(reader.take(101)).toEqual(notes.event(101));
  });

  it("is its own when a replay read it ahead", () => {
    for (const event of reader.ahead()) expect(event.seq).toBeGreaterThan(0);
    change(reader.take(15));
    expect(reader.event(15)).toEqual(notes.event(15));
    expect(reader.take(15)).toEqual(notes.event(15));
  });
});

describe("a replay", () => {
  it("reads small rows once", () => {
    const notes = new Notes(1_000, 100);
    const reader = new LogReader(notes);
    for (const _event of reader.ahead());
    notes.rowsRead.length = 0;
    for (let seq = 1; seq <= 1_000; seq += 1) expect(reader.take(seq)?.seq).toBe(seq);
    expect(notes.rowsRead).toEqual([]);
  });

  it("reads each row twice at most when they are too many to be kept", () => {
    const notes = new Notes(10_000, 1_000);
    const reader = new LogReader(notes);
    for (const _event of reader.ahead());
    for (let seq = 1; seq <= 10_000; seq += 1) expect(reader.take(seq)?.seq).toBe(seq);
    expect(notes.rowsRead.length).toBeLessThanOrEqual(2_000);
  });

  it("lets go of what nobody will ask for", () => {
    const notes = new Notes(10, 10);
    const reader = new LogReader(notes);
    for (const _event of reader.ahead());
    reader.expect((seq) => seq === 3);
    notes.rowsRead.length = 0;
    reader.take(3);
    expect(notes.rowsRead).toEqual([]);
    reader.take(4);
    expect(notes.rowsRead).toEqual([1]);
    reader.letGo();
  });
});
