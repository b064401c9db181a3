/** What children spend, as the budget above them hears of it while they run. */
import { expect, it } from "vitest";
import type { Context } from "../../../src/define/context.ts";
import { run, types, worldOf } from "../../support/simulator/small-world.ts";

it("a parent warns of 80 % that a grandchild has spent, before any child has ended", async () => {
  const ask = async (ctx: Context) => {
    for (let n = 0; n < 9; n += 1) await ctx.generate({ name: `turn ${n}`, messages: "Hello.", maxTokens: 10 });
    return null;
  };
  const main = (ctx: Context) => ctx.call("a.between", null);
  const between = (ctx: Context) => ctx.call("a.ask", null);
  const world = worldOf({ now: { main, between, ask } }, { people: [], limits: { maxTurns: 10 } });
  await run(world);
  expect(world.wrongs).toEqual([]);
  const all = types(world);
  expect(all.at(-1)).toBe("execution.succeeded");
  expect(all.filter((type) => type === "budget.warned")).toHaveLength(1);
  expect(all.indexOf("budget.warned")).toBeLessThan(all.indexOf("child.finished"));
  const warned = world.root.view.events.find(({ type }) => type === "budget.warned");
  expect(warned?.data).toMatchObject({ limit: "maxTurns", spent: 8, of: 10 });
  expect(world.root.view.state).not.toHaveProperty("usedBelow");
});
