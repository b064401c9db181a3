/** A commit that fails: nothing of it is written, its process is gone, and the next one goes on from what is on disk. */
import { describe, expect, it } from "vitest";
import type { SimWorld } from "../../support/simulator/sim-world.ts";
import { ROOT } from "../../support/simulator/sim-world.ts";
import type { Programs } from "../../support/simulator/small-world.ts";
import { charge, run, worldOf } from "../../support/simulator/small-world.ts";

const programs: Programs = {
  main: async (ctx, world) => [
    await charge(ctx, world, "first"),
    await ctx.step("between", () => 1),
    (await ctx.pause({ payload: { answer: "approved" } })).decision,
    await ctx.call("a.child", null),
    await charge(ctx, world, "last"),
  ],
  child: (ctx, world) => charge(ctx, world, "child's"),
};
/** The events of the commit that failed. */
const lost = ({ trace }: SimWorld) =>
  trace.flatMap((line) => (line.startsWith(`FULL ${ROOT}: `) ? line.slice(`FULL ${ROOT}: `.length).split(",") : []));
const EACH = [
  ...["step.started", "step.completed", "gate.opened", "gate.decided"],
  ...["child.started", "child.finished", "execution.succeeded"],
];

describe("when the disk takes no more", () => {
  it("whichever commit fails, every effect is done once in the end and nobody was told what is not so", async () => {
    const hit = new Set<string>();
    for (let at = 0; at < 90; at += 1) {
      const world = worldOf({ now: programs }, { seed: at });
      await run(world, () => world.ticks >= at / 3);
      world.fillDisk(ROOT, at % 3);
      await run(world);
      for (const type of lost(world)) hit.add(type);
      const { state, events } = world.root.view;
      expect([at, state?.status, world.wrongs]).toEqual([at, "succeeded", []]);
      expect(events.at(-1)?.data).toEqual({ output: ["first!", 1, "approved", "child's!", "last!"] });
      expect(world.outside.applied()).toEqual({ first: 1, last: 1, "child's": 1 });
    }
    expect(EACH.filter((type) => !hit.has(type))).toEqual([]);
  });

  it("a start that could not be written is no start: its caller asks again, and then it is one", async () => {
    const hit = new Set<string>();
    for (let seed = 0; seed < 20; seed += 1) {
      const world = worldOf({ now: programs }, { seed });
      await world.quiet();
      world.fillDisk(ROOT, 0);
      // What was accepted had not reached the disk, or had: its caller was not answered yet, and asks again.
      world.crash();
      await run(world);
      for (const type of lost(world)) hit.add(type);
      expect([seed, world.root.view.state?.status, world.wrongs]).toEqual([seed, "succeeded", []]);
      expect(world.root.view.events.filter(({ type }) => type === "execution.created")).toHaveLength(1);
    }
    expect([...hit]).toContain("execution.created");
  });
});
