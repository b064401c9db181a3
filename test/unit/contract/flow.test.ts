/** How much a socket holds for a reader that does not read, and what a reader gets for saying how far it is. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { FlowControl, isCheck } from "../../../src/contract/stream/flow-control.ts";

const KIB = 1024;
const MIB = 1024 * KIB;
/** Sends messages of `size` until it is full; the total that went out. */
function fill(flow: FlowControl, size: number, most = 64 * MIB): number {
  let sent = 0;
  while (sent < most && flow.take(size)) sent += size;
  return sent;
}

describe("a socket", () => {
  test("asks after 256 KiB, once, and again only after the answer", () => {
    const flow = new FlowControl();
    flow.take(256 * KIB - 1);
    expect(flow.check()).toBeUndefined();
    flow.take(1);
    const check = flow.check() ?? "";
    expect(isCheck(check)).toBe(true);
    flow.take(MIB);
    expect(flow.check()).toBeUndefined();
    expect(flow.acknowledge(check)).toBe(true);
    expect(flow.check()).toBeDefined();
  });

  test("takes no long message for an answer: a reader may send 32 MiB, and as often as it likes", () => {
    const largest = `{"type":"check","sent":${Number.MAX_SAFE_INTEGER}}`;
    expect(isCheck(largest)).toBe(true);
    expect(isCheck(`{"type":"check","sent":1,"more":"${"x".repeat(MIB)}"}`)).toBe(false);
  });

  test("holds 8 MiB for a stranger, and 2 MiB for a reader that has answered", () => {
    expect(fill(new FlowControl(), 100 * KIB)).toBeLessThanOrEqual(8 * MIB);
    const known = new FlowControl();
    known.take(300 * KIB);
    known.acknowledge(known.check() ?? "");
    expect(fill(known, 100 * KIB)).toBeLessThanOrEqual(2 * MIB);
  });

  test("never fills for a reader that answers", () => {
    const flow = new FlowControl();
    for (let n = 0; n < 1_000; n++) {
      expect(flow.take(100 * KIB)).toBe(true);
      const check = flow.check();
      if (check !== undefined) flow.acknowledge(check);
    }
  });

  test("takes one message of any size when nothing is unread", () => {
    const flow = new FlowControl();
    expect(flow.take(20 * MIB)).toBe(true);
    expect(flow.take(1)).toBe(false);
  });

  test("lags only when it usually answers and has not", () => {
    const flow = new FlowControl();
    flow.take(300 * KIB);
    const first = flow.check() ?? "";
    expect(flow.lagging).toBe(false);
    flow.acknowledge(first);
    flow.take(300 * KIB);
    const second = flow.check() ?? "";
    expect(flow.lagging).toBe(true);
    flow.acknowledge(second);
    expect(flow.lagging).toBe(false);
  });

  test("believes no answer to what it never asked", () => {
    const flow = new FlowControl();
    flow.take(300 * KIB);
    for (const answer of [
      '{"type":"check","sent":999999999}',
      '{"type":"check","sent":"all"}',
      '{"type":"check"',
      "ping",
    ])
      expect(flow.acknowledge(answer)).toBe(false);
    expect(fill(flow, 100 * KIB)).toBeLessThanOrEqual(8 * MIB);
  });

  test("wakes from hibernation knowing at least as much unread as there is", () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 400 * KIB }), { maxLength: 60 });
    fc.assert(
      fc.property(sizes, fc.integer({ min: 1, max: 5 }), (messages, naps) => {
        let flow = new FlowControl();
        let sent = 0;
        for (const [n, size] of messages.entries()) {
          if (n % naps === 0) flow = new FlowControl(flow.saved);
          if (flow.take(size)) sent += size;
        }
        expect(sent).toBeLessThanOrEqual(8 * MIB);
        expect(flow.saved.sent).toBeGreaterThanOrEqual(sent);
      }),
    );
  });
});
