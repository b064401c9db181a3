/** What the index knows of an execution's next wake while its status stays the same. */
import { describe, expect, it } from "vitest";
import type { Context } from "../../../../src/define/context.ts";
import { FURTHEST_ALARM_MS } from "../../../../src/engine/journal/next-wake.ts";
import { ROOT } from "../../../support/simulator/sim-world.ts";
import type { Programs } from "../../../support/simulator/small-world.ts";
import { run, worldOf } from "../../../support/simulator/small-world.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

async function owedBy(main: Programs[string], until: (ctx: { readonly elapsed: number }) => boolean) {
  const world = worldOf({ now: { main } }, { people: [], timeoutMs: 365 * DAY });
  const began = world.now;
  await run(world, () => until({ elapsed: world.now - began }));
  const owed = world.owedWakes.get(ROOT);
  return { world, owed: owed === undefined ? undefined : owed - began };
}
const work = (ctx: Context) => ctx.step("work", () => 1);

describe("the index", () => {
  it("knows when a sleeper owes its wake, though it sleeps with the status it had", async () => {
    const main = async (ctx: Context) => {
      await work(ctx);
      await ctx.sleep(10 * DAY);
    };
    const { owed } = await owedBy(main, ({ elapsed }) => elapsed > HOUR);
    expect(owed).toBeGreaterThan(9 * DAY);
  });

  it("is told of no wake by one that waits for a signal, whatever it did before", async () => {
    const main = async (ctx: Context) => {
      await ctx.sleep(60_000);
      await ctx.signal("go");
    };
    const { world, owed } = await owedBy(main, ({ elapsed }) => elapsed > 2 * HOUR);
    expect(world.owedWakes.has(ROOT)).toBe(true);
    expect(owed).toBeUndefined();
  });

  it("is told by one that waits for a person when that is over by itself, and else of nothing", async () => {
    const pause = (expiresInMs: number) =>
      owedBy(
        (ctx) => ctx.pause({ payload: null, expiresInMs }),
        ({ elapsed }) => elapsed > HOUR,
      );
    expect((await pause(Number.POSITIVE_INFINITY)).owed).toBeUndefined();
    expect((await pause(5 * HOUR)).owed).toBeGreaterThanOrEqual(5 * HOUR);
  });

  it("hears nothing more of an execution that answers one signal after the other", async () => {
    const main = async (ctx: Context) => {
      for (;;) await ctx.signal("go");
    };
    const { world } = await owedBy(main, ({ elapsed }) => elapsed > 5_000);
    const rows = world.registry.get(ROOT)?.length ?? 0;
    expect(rows).toBeLessThanOrEqual(3);
  });
});

describe("an alarm", () => {
  it("stands 30 days ahead at most; a longer sleep is armed again and ends at its instant", async () => {
    const world = worldOf({ now: { main: (ctx) => ctx.sleep(75 * DAY) } }, { timeoutMs: 365 * DAY });
    const began = world.now;
    const furthest: number[] = [];
    await run(world, () => {
      furthest.push((world.root.view.alarmAtMs ?? 0) - world.now);
      return false;
    });
    expect(Math.max(...furthest)).toBeLessThanOrEqual(FURTHEST_ALARM_MS);
    expect(world.root.view.state?.status).toBe("succeeded");
    expect(world.now - began).toBeGreaterThanOrEqual(75 * DAY);
    // Two on the way, one at its instant, and one after its end.
    expect(world.trace.filter((label) => label.startsWith("alarm")).length).toBeLessThanOrEqual(4);
    expect(world.wrongs).toEqual([]);
  });
});
