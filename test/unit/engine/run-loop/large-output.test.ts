/** Results that are larger than a row: in the file store before the commit that names them, whatever dies when. */
import { describe, expect, it } from "vitest";
import { MAX_RESULT_BYTES, resultKey } from "../../../../src/domain/execution/stored-result.ts";
import { timerName } from "../../../../src/domain/execution/timer.ts";
import type { SimWorld } from "../../../support/simulator/sim-world.ts";
import { ROOT } from "../../../support/simulator/sim-world.ts";
import type { Programs } from "../../../support/simulator/small-world.ts";
import { charge, run, types, worldOf } from "../../../support/simulator/small-world.ts";

const KEY = resultKey({ tenant: "t", id: ROOT });
const LARGE = "ü".repeat(1_000_000);
const endOf = (world: SimWorld) => world.root.view.events.at(-1);
const storedIn = (world: SimWorld) => {
  const bytes = world.files.get(KEY);
  return bytes ? (JSON.parse(new TextDecoder().decode(bytes)) as unknown) : undefined;
};
const worldWith = (main: Programs[string], extra: Parameters<typeof worldOf>[1] = {}) =>
  worldOf({ now: { main } }, extra);

describe("an output that is larger than a row", () => {
  it("lies in the store, and the log names it", async () => {
    const world = worldWith(async () => LARGE);
    await run(world);
    expect(endOf(world)).toMatchObject({
      type: "execution.succeeded",
      data: { output: null, stored: { size: 2_000_002 } },
    });
    expect(storedIn(world)).toBe(LARGE);
    expect(JSON.stringify(world.root.view.events).length).toBeLessThan(10_000);
    expect(world.wrongs).toEqual([]);
  });

  it("of a byte less than a row takes stays in the log", async () => {
    const world = worldWith(async () => "x".repeat(1_499_998));
    await run(world);
    expect(endOf(world)?.data).not.toHaveProperty("stored");
    expect([types(world).includes("step.started"), world.files.size]).toEqual([false, 0]);
  });

  it("beyond sixteen megabytes is a failure that names the limit", async () => {
    const world = worldWith(async () => "x".repeat(MAX_RESULT_BYTES));
    await run(world);
    const message = expect.stringContaining("the output has more than 16777216 bytes; at most 16777216 are stored");
    expect(endOf(world)).toMatchObject({ type: "execution.failed", data: { code: "value_too_large", message } });
    expect(world.files.size).toBe(0);
  });

  it("is stored although the store is away at first", async () => {
    const world = worldWith(async () => LARGE);
    const set = world.files.set.bind(world.files);
    let failures = 3;
    world.files.set = (key, bytes) => {
      failures -= 1;
      if (failures >= 0) throw new Error("the bucket is away");
      return set(key, bytes);
    };
    await run(world);
    expect([world.root.view.state?.status, storedIn(world) === LARGE]).toEqual(["succeeded", true]);
  });

  it("is there whenever the disk says that it is, whenever the process dies", async () => {
    for (let at = 0; at < 30; at += 1) {
      const world = worldWith(
        async (ctx, made) => {
          await charge(ctx, made);
          return LARGE;
        },
        { seed: at },
      );
      for (let tick = 0; tick < 300; tick += 1) {
        await world.quiet();
        if (tick === at || tick === at + 5) world.crash();
        const more = await world.tick();
        if (world.root.durable.state?.status === "succeeded")
          expect([at, storedIn(world) === LARGE]).toEqual([at, true]);
        if (!more && tick > at + 5) break;
      }
      expect([at, world.root.view.state?.status, world.wrongs]).toEqual([at, "succeeded", []]);
    }
  }, 60_000);

  it("does not stay where an execution was cancelled or ran out of time while it was stored", async () => {
    const endings = ["execution.cancelled", "execution.timed_out", "execution.succeeded"];
    const seen = new Set<string>();
    for (let at = 0; at < 90; at += 1) {
      const world = worldWith(async () => LARGE, { seed: at, timing: { redeliverMs: 60_000 } });
      for (let tick = 0; await world.tick(); tick += 1) {
        const now = tick === at >> 3;
        if (now && at % 2 === 0) world.dispatch(ROOT, { type: "cancel", by: "eve" });
        if (now && at % 2 === 1) world.dispatch(ROOT, { type: "fire_timer", name: timerName("deadline") });
      }
      const end = types(world).find((type) => endings.includes(type)) ?? "none";
      seen.add(end).add(`stored ${world.root.view.state?.storedResult}`);
      expect([at, end, world.files.size]).toEqual([at, end, end === "execution.succeeded" ? 1 : 0]);
      expect([at, world.root.owed.size, world.wrongs]).toEqual([at, 0, []]);
    }
    expect([...seen].sort()).toEqual([...endings, "stored begun", "stored named"].sort());
  }, 60_000);

  it("goes with the log at the latest, when the process died with it under way", async () => {
    for (let at = 0; at < 40; at += 1) {
      const world = worldWith(async () => LARGE, { seed: at, timing: { retentionMs: 86_400_000 } });
      await run(world, () => types(world).includes("step.started"));
      for (let tick = 0; tick < at % 5; tick += 1) await world.tick();
      world.dispatch(ROOT, { type: "cancel", by: "eve" });
      world.root.flushed(world.root.mark);
      world.crash();
      await run(world);
      expect([at, types(world), world.files.size, world.wrongs]).toEqual([at, ["log.archived"], 0, []]);
    }
  }, 60_000);

  it("is removed with the log at the end of its retention", async () => {
    const world = worldWith(async () => LARGE, { timing: { retentionMs: 86_400_000 } });
    await run(world, () => world.root.view.state?.status === "succeeded");
    expect(world.files.size).toBe(1);
    await run(world);
    expect([types(world), world.files.size, world.root.owed.size]).toEqual([["log.archived"], 0, 0]);
  });

  it("of a child is an error to its parent that says where it is", async () => {
    const world = worldOf({
      now: {
        main: (ctx) => ctx.call("a.child", null).catch((error: { code: string }) => error.code),
        child: async () => LARGE,
      },
    });
    await run(world);
    expect(endOf(world)?.data).toEqual({ output: "value_too_large" });
  });
});
