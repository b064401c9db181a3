/** Search attributes that a program sets: said once, also through crashes, and heard by the index. */
import { describe, expect, test } from "vitest";
import { hasCode } from "../../../src/define/errors.ts";
import { attributeOf, attributeText, withChanges } from "../../../src/domain/execution/search-attributes.ts";
import { summaryOfState } from "../../../src/domain/read-models/run-member.ts";
import type { SimWorld } from "../../support/simulator/sim-world.ts";
import { run, worldOf } from "../../support/simulator/small-world.ts";

const programs = {
  now: {
    main: async (ctx: Parameters<Parameters<typeof worldOf>[0]["now"]["main"]>[0]) => {
      await ctx.setAttributes({ stage: "draft", amount: 5 });
      await ctx.sleep(1_000);
      await ctx.setAttributes({ stage: "done", amount: null });
      const refused = await ctx.setAttributes({ "1": 1 }).then(
        () => "taken",
        (error: unknown) => (hasCode(error, "invalid_options") ? "refused" : String(error)),
      );
      await ctx.sleep(1_000);
      return refused;
    },
  },
};

async function look(world: SimWorld): Promise<void> {
  const { events, state } = world.root.view;
  expect(state).toMatchObject({ status: "succeeded", attributes: { stage: "done" } });
  const set = events.flatMap(({ type, data }) => (type === "attributes.set" ? [data.attributes] : []));
  expect(set).toEqual([
    { stage: "draft", amount: 5 },
    { stage: "done", amount: null },
  ]);
  expect(events.at(-1)?.data).toMatchObject({ output: "refused" });
  if (state) expect(summaryOfState(state).attributes).toBe('["stage=\\"done\\""]');
  expect(world.wrongs).toEqual([]);
}

describe("a program", () => {
  test("sets them once, whenever it dies", async () => {
    const calm = worldOf(programs, {});
    await run(calm);
    await look(calm);
    for (let at = 1; at <= calm.ticks; at += 1) {
      const world = worldOf(programs, {});
      for (let tick = 0; tick < at; tick += 1) await world.tick();
      await world.quiet();
      world.crash();
      await run(world);
      await look(world);
    }
  });
});

describe("attributes", () => {
  test("are eight: a ninth takes the place of the one that was set longest ago", () => {
    const eight = Object.fromEntries([..."abcdefgh"].map((name) => [name, name]));
    expect(Object.keys(withChanges(eight, { a: "again", i: 1 }))).toEqual([..."cdefgha", "i"]);
    expect(withChanges({ a: 1, b: 2 }, { a: null, c: true })).toEqual({ b: 2, c: true });
  });

  test.each([
    ["a", "x=y"],
    ["a.b", -0],
    ["n", 1e300],
    ["n", true],
    ["n", "true"],
  ])("%s %j is one text, and comes back of it", (name, value) => {
    expect(attributeOf(attributeText(name, value))).toEqual([name, value === 0 ? 0 : value]);
  });
});
