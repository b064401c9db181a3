/** What a long run with large results adds to its process, measured on the real heap, over a database in a file. */
import { describe, expect, it } from "vitest";
import type { Main } from "../../support/one-execution.ts";
import { atRest, OneExecution, usedBytes } from "../../support/one-execution.ts";

const MIB = 1_048_576;
const MB = 1_000_000;
const MOST_ADDED = 16 * MIB;

/** So many results of 1 MB, each heard and dropped; then it waits. `peak` is looked at after each tenth of them. */
function hearing(results: number) {
  const seen = { peak: 0, heard: 0 };
  const main: Main = async (ctx) => {
    for (let n = 0; n < results; n += 1) {
      const { text } = (await ctx.effect(`e${n}`, null, { idempotent: true }, () => ({ text: "x".repeat(MB) }))) as {
        text: string;
      };
      seen.heard += text.length;
      if (n % 10 === 9) seen.peak = Math.max(seen.peak, usedBytes());
    }
    for (;;) await ctx.signal("go");
  };
  return { seen, execution: new OneExecution(main) };
}

describe("an execution with 100 results of 1 MB", () => {
  it("adds less than 16 MiB to its process: while it runs, after it, in a replay and after that", {
    timeout: 60_000,
  }, async () => {
    const { seen, execution } = hearing(100);
    const before = usedBytes();
    const first = execution.start();
    await atRest(first);
    expect(seen.heard).toBe(100 * MB);
    expect(seen.peak - before).toBeLessThan(MOST_ADDED);
    expect(usedBytes() - before).toBeLessThan(MOST_ADDED);
    expect(first.state?.status).toBe("running");
    const second = execution.open();
    seen.peak = 0;
    await second.dispatch({ type: "signal", signals: [{ name: "go", data: 1 }], by: "ann" }, "ann");
    await atRest(second);
    expect(seen.heard).toBe(200 * MB);
    expect(seen.peak - before).toBeLessThan(MOST_ADDED);
    expect(usedBytes() - before).toBeLessThan(MOST_ADDED);
    expect(second.state?.status).toBe("running");
  });
});
