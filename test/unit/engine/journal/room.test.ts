/** What an execution stores has an end, before which its own end is always written. */
import { describe, expect, it } from "vitest";
import { viewOf } from "../../../../src/engine/views/view.ts";
import { atRest, OneExecution } from "../../../support/one-execution.ts";

const MOST = 20_000_000;
const large = (n: number) => ({ n, text: "x".repeat(500_000) });

describe("an execution that has stored nearly all that it may", () => {
  it("fails with storage_full when its program has more to write, and that row fits", async () => {
    let made = 0;
    const one = new OneExecution(
      async (ctx) => {
        for (;;) await ctx.effect(`e${made}`, null, { idempotent: true }, () => large(made++));
      },
      { mostBytes: MOST },
    );
    const execution = one.start();
    await atRest(execution);
    expect(execution.journal.committed).toMatchObject({ status: "failed", errorCode: "storage_full" });
    expect(made).toBeGreaterThan(10);
    expect(one.bytes).toBeLessThanOrEqual(MOST);
    const view = viewOf(one.open().journal);
    expect(view?.state).toMatchObject({ status: "failed", errorCode: "storage_full" });
  });

  it("refuses what a caller sends beyond it, says the setting, and is still cancelled", async () => {
    const one = new OneExecution((ctx) => ctx.signal("never"), { mostBytes: MOST });
    const execution = one.start();
    await atRest(execution);
    const send = (n: number) =>
      execution.dispatch({ type: "signal", signals: [{ name: "other", data: large(n) }], by: "ann" }, "ann");
    let refused: unknown;
    for (let n = 0; n < 100 && refused === undefined; n += 1) {
      const told = await send(n);
      if (!told.ok) refused = told;
    }
    expect(refused).toMatchObject({
      code: "storage_full",
      detail: expect.stringContaining("ERRAND_MAX_STORAGE_BYTES"),
    });
    expect(execution.journal.committed?.status).toBe("running");
    expect(await execution.dispatch({ type: "cancel", by: "ann" }, "ann")).toMatchObject({ ok: true });
    expect(execution.journal.committed?.status).toBe("cancelled");
    expect(one.bytes).toBeLessThanOrEqual(MOST);
  });
});
