import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Sharer } from "../../../../src/actors/sockets/shared-room.ts";
import { SharedRoom } from "../../../../src/actors/sockets/shared-room.ts";
import { DEFAULT_LIMITS } from "../../../../src/domain/values/limits.ts";

class Reader implements Sharer {
  unread = 0;
  isCut = false;
  cutForRoom(): void {
    this.isCut = true;
  }
}

const LIMIT = 100;
const roomOf = (limits = {}) => new SharedRoom({ ...DEFAULT_LIMITS, unreadBytes: LIMIT, ...limits });

/** As a reader's socket does it. */
function send(room: SharedRoom, reader: Reader, size: number): void {
  if (reader.isCut || !room.makePlace(reader, size)) return;
  reader.unread += size;
  room.holds(reader, reader.unread);
}

describe("the room that readers share", () => {
  test("never holds more than its limit and one message, whoever reads when", () => {
    const act = fc.record({ who: fc.nat(4), size: fc.integer({ min: 1, max: 60 }), reads: fc.boolean() });
    fc.assert(
      fc.property(fc.array(act, { maxLength: 300 }), (acts) => {
        const room = roomOf();
        const readers = Array.from({ length: 5 }, () => new Reader());
        for (const { who, size, reads } of acts) {
          const reader = readers[who] ?? expect.fail("there are five");
          if (reads) {
            reader.unread = 0;
            room.holds(reader, 0);
          } else send(room, reader, size);
          const open = readers.filter(({ isCut }) => !isCut).map(({ unread }) => unread);
          expect(open.reduce((sum, unread) => sum + unread, 0)).toBeLessThanOrEqual(LIMIT);
        }
      }),
    );
  });

  test("is made by the reader that left most unread, and whoever reads stays", () => {
    const room = roomOf();
    const [silent, other, quick] = [new Reader(), new Reader(), new Reader()];
    send(room, silent, 50);
    send(room, other, 30);
    send(room, quick, 20);
    quick.unread = 0;
    room.holds(quick, 0);
    send(room, quick, 40);
    expect([silent.isCut, other.isCut, quick.isCut]).toEqual([true, false, false]);
  });

  test("takes one message of any size when nothing is unread", () => {
    const room = roomOf();
    const reader = new Reader();
    send(room, reader, 1_000);
    expect(reader).toMatchObject({ isCut: false, unread: 1_000 });
    send(room, reader, 1);
    expect(reader.isCut).toBe(true);
  });

  test("has no place for a reader too many, nor for one while those that were cut still hold it", () => {
    const room = roomOf({ sockets: 2 });
    expect(room.refusal(1)).toBeUndefined();
    expect(room.refusal(2)).toMatchObject({ code: "too_many_readers" });
    expect(room.refusal(2)?.detail).toMatch(/at most 2 .*ERRAND_MAX_SOCKETS/);
    const silent = new Reader();
    send(room, silent, 150);
    send(room, silent, 1);
    expect(silent.isCut).toBe(true);
    expect(room.refusal(1)?.detail).toMatch(/at most 100 .*ERRAND_MAX_UNREAD_BYTES/);
    room.gone(silent);
    expect(room.refusal(1)).toBeUndefined();
  });
});
