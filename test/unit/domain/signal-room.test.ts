import { describe, expect, test } from "vitest";
import type { Command } from "../../../src/domain/execution/command.ts";
import { emptyIndex, foldEntry } from "../../../src/domain/fold/entry-index.ts";
import { running } from "../../support/log.ts";

const signals = (count: number, size: number, mostBytes: number): Command => ({
  type: "signal",
  signals: Array.from({ length: count }, () => ({ name: "go", data: "x".repeat(size - 2) })),
  by: "ann",
  mostBytes,
});

describe("signals that nobody has taken", () => {
  test("are kept up to the limit; beyond it none of a batch is, and the refusal names the limit and its setting", () => {
    const log = running();
    expect(log.dispatch(signals(2, 100, 250))).toMatchObject({ ok: true });
    const before = log.events.length;
    const refused = log.dispatch(signals(3, 20, 250));
    expect(refused).toMatchObject({ ok: false, code: "too_many_signals" });
    expect(refused).toMatchObject({
      detail: expect.stringMatching(/^200 bytes .*at most 250 .*ERRAND_MAX_SIGNAL_BYTES/),
    });
    expect(log.events).toHaveLength(before);
    expect(log.dispatch(signals(1, 50, 250))).toMatchObject({ ok: true });
  });

  test("are counted in bytes of UTF-8, and make room once they are taken", () => {
    const log = running();
    log.dispatch({ type: "signal", signals: [{ name: "go", data: "é" }], by: "ann", mostBytes: 4 });
    const index = emptyIndex();
    for (const event of log.events) foldEntry(index, event);
    expect(index.signalBytes).toBe(4);
    const signalSeq = log.events.at(-1)?.seq ?? 0;
    const data = { key: "k", kind: "signal", name: "go", attempt: 1, signalSeq } as const;
    foldEntry(index, { seq: signalSeq + 1, type: "step.completed", atMs: 0, actor: "program", v: 1, data });
    expect([index.signalBytes, index.signals.size, index.signalSizes.size]).toEqual([0, 0, 0]);
  });
});
