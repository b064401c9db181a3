/** What a wake reads of its log: over the sealed rows of a real database, in characters and not in time. */
import { describe, expect, it } from "vitest";
import type { ReusableResult } from "../../../src/domain/execution/reusable-result.ts";
import type { Main } from "../../support/one-execution.ts";
import { atRest, OneExecution } from "../../support/one-execution.ts";

/** So many results of so many characters, then it waits; what it heard in its last run is in `heard`. */
function results(count: number, characters: number) {
  const heard: unknown[] = [];
  const main: Main = async (ctx) => {
    heard.length = 0;
    for (let n = 0; n < count; n += 1)
      heard.push(await ctx.effect(`e${n}`, null, { idempotent: true }, () => ({ n, text: "x".repeat(characters) })));
    for (;;) await ctx.signal("go");
  };
  return { heard, execution: new OneExecution(main) };
}

const signal = { type: "signal", signals: [{ name: "go", data: null }], by: "ann" } as const;

async function woken(execution: OneExecution) {
  execution.charactersRead = 0;
  const object = execution.open();
  await object.dispatch(signal, "ann");
  await atRest(object);
  return { object, read: execution.charactersRead };
}

function sizeOfLog(execution: OneExecution): number {
  execution.charactersRead = 0;
  execution.readLog();
  return execution.charactersRead;
}

describe("a wake by a caller", () => {
  it("reads each row of the log once", async () => {
    const { heard, execution } = results(300, 1_000);
    await atRest(execution.start());
    const size = sizeOfLog(execution);
    expect(size).toBeGreaterThan(300_000);
    const { object, read } = await woken(execution);
    expect(heard.map((value) => (value as { n: number }).n)).toEqual(Array.from({ length: 300 }, (_, n) => n));
    expect(read).toBeLessThan(size * 1.1);
    expect(object.journal.index().completions).toHaveLength(301);
  });

  it("reads each row twice at most when the log is more than it keeps", async () => {
    const { heard, execution } = results(500, 8_000);
    await atRest(execution.start());
    const size = sizeOfLog(execution);
    expect(size).toBeGreaterThan(4_000_000);
    expect((await woken(execution)).read).toBeLessThan(size * 2.1);
    expect(heard).toHaveLength(500);
  });
});

describe("results that another execution offers", () => {
  const offers: ReusableResult[] = Array.from({ length: 200 }, (_, n) => ({
    key: `e${n}`,
    kind: "effect",
    name: `e${n}`,
    digest: "=null",
    from: "exec_0",
    input: null,
    output: { n, text: "x".repeat(1_000) },
  }));
  const offered = (heard: unknown[]) => {
    const main: Main = async (ctx) => {
      heard.length = 0;
      for (let n = 0; n < 200; n += 1) {
        const value = await ctx.effect(`e${n}`, null, { idempotent: true }, () => ({ n: -1, text: "" }));
        heard.push(value.n);
        value.n = -2;
      }
      for (;;) await ctx.signal("go");
    };
    return new OneExecution(main, {
      origin: {
        id: "exec_1",
        restartedFrom: { id: "exec_0", runId: "run", reuse: "all-succeeded", inputChanged: false },
      },
      world: { offers: async () => ({ ok: true, value: { offers, upto: 400, done: true } }) },
    });
  };

  it("are read from their page a few times, however many it holds", async () => {
    const heard: unknown[] = [];
    const execution = offered(heard);
    await atRest(execution.start());
    const all = Array.from({ length: 200 }, (_, n) => n);
    expect(heard).toEqual(all);
    const size = sizeOfLog(execution);
    expect(size).toBeGreaterThan(200_000);
    heard.length = 0;
    const { read } = await woken(execution);
    expect(heard).toEqual(all);
    expect(read).toBeLessThan(size * 4);
  });
});
