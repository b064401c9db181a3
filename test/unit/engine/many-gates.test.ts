/** What each of many decisions looks at: the same, however many others are open. */
import { describe, expect, it } from "vitest";
import { ROOT } from "../../support/simulator/sim-world.ts";
import type { Programs } from "../../support/simulator/small-world.ts";
import { run, worldOf } from "../../support/simulator/small-world.ts";

describe("of many open gates", () => {
  /** Looks at entries of the index while every second approval is decided, one by one. */
  async function looks(count: number): Promise<number> {
    const main: Programs["main"] = async (ctx) => {
      const items = Array.from({ length: count }, (_, at) => `i${at}`);
      const all = await ctx.all(
        items,
        (item) => item,
        async (item, inner) => (await inner.pause({ payload: item })).decision,
      );
      return all.length;
    };
    const world = worldOf({ now: { main } }, { people: [] });
    await run(world, () => world.root.view.state?.status === "waiting");
    const execution = world.actor(ROOT);
    const { entries } = execution.journal.index();
    let found = 0;
    const get = entries.get.bind(entries);
    entries.get = (key) => {
      found += 1;
      return get(key);
    };
    const gates = execution.journal.approvals.first(count).map(({ gateId }) => gateId);
    for (const gateId of gates.slice(0, 20)) {
      const told = execution.dispatch({ type: "decide_gate", gateId, decision: "approved", by: "bob" }, "bob");
      await world.quiet();
      expect((await told).ok).toBe(true);
    }
    return found;
  }

  it("one decision looks at as many entries beside 800 as beside 200", async () => {
    const [few, many] = [await looks(200), await looks(800)];
    expect(few).toBeGreaterThan(20);
    expect(many).toBeLessThan(1.2 * few);
  });
});
