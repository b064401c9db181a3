import { describe, expect, test } from "vitest";
import { DEFAULT_LIMITS } from "../../../../src/domain/values/limits.ts";
import { OpenExecutions } from "../../../../src/operations/executions/open-executions.ts";

/** An index that answers in the same breath, a clock of our own, and what was asked of both. */
function house(limit: number, first = 0) {
  const index = { open: first, asked: 0, up: true };
  let now = 0;
  const open = new OpenExecutions({
    count: async (_tenant, most) => {
      index.asked += 1;
      if (!index.up) throw new Error("away");
      return Math.min(index.open, most);
    },
    limits: { ...DEFAULT_LIMITS, openExecutions: limit },
    now: () => now,
    pause: () => new Promise(() => {}),
  });
  const start = async (tenant = "t") => {
    const refusal = await open.refusal(tenant);
    if (!refusal) index.open += 1;
    return refusal;
  };
  const pass = (ms: number) => {
    now += ms;
  };
  return { index, start, pass };
}

describe("open executions of a tenant", () => {
  test("are refused from the limit on, in words that name it and its setting", async () => {
    const { start, pass } = house(3);
    for (let n = 0; n < 3; n += 1) {
      expect(await start()).toBeUndefined();
      pass(1_000);
    }
    const refusal = await start();
    expect(refusal).toMatchObject({ ok: false, code: "too_many_open" });
    expect(refusal?.detail).toMatch(/has 3 executions.*at most 3 .*ERRAND_MAX_OPEN_EXECUTIONS/);
  });

  test("cost no question to the index but one in twenty seconds", async () => {
    const { index, start, pass } = house(1_000);
    for (let n = 0; n < 200; n += 1) {
      expect(await start()).toBeUndefined();
      pass(190);
    }
    expect(index.asked).toBe(2);
  });

  test("are counted again before anybody is refused: what has ended makes room", async () => {
    const { index, start, pass } = house(10);
    for (let n = 0; n < 9; n += 1) expect(await start()).toBeUndefined();
    pass(1_500);
    index.open = 0;
    for (let n = 0; n < 9; n += 1) expect(await start()).toBeUndefined();
    expect(index.asked).toBe(2);
  });

  test("of one tenant say nothing of another's", async () => {
    const { index, start, pass } = house(1, 5);
    await start("a");
    pass(1_000);
    expect(await start("a")).toMatchObject({ code: "too_many_open" });
    index.open = 0;
    expect(await start("b")).toBeUndefined();
  });

  test("are not known while the index is away, and nobody is refused", async () => {
    const { index, start, pass } = house(2);
    index.up = false;
    for (let n = 0; n < 20; n += 1) {
      expect(await start()).toBeUndefined();
      pass(1_000);
    }
    index.up = true;
    pass(20_000);
    await start();
    expect(await start()).toMatchObject({ code: "too_many_open" });
  });
});
