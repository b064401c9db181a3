import { describe, expect, it } from "vitest";
import { CommitSubscribers } from "../../../src/engine/journal/commit-subscribers.ts";
import { ROOT } from "../../support/simulator/sim-world.ts";
import { run, worldOf } from "../../support/simulator/small-world.ts";

/** Timers that go off by hand. */
function timers() {
  const standing = new Map<() => void, number>();
  const later = (delayMs: number, fn: () => void) => {
    standing.set(fn, delayMs);
    return () => void standing.delete(fn);
  };
  return { later, standing };
}

async function isOver(promise: Promise<void>): Promise<boolean> {
  let over = false;
  void promise.then(() => {
    over = true;
  });
  for (let turn = 0; turn < 5; turn += 1) await null;
  return over;
}

describe("whoever waits for the next commit", () => {
  it("has no timer while the program computes, and hears of the commit", async () => {
    const { later, standing } = timers();
    const watchers = new CommitSubscribers({ later });
    const heard = watchers.next(1_000, { resting: false });
    expect(standing.size).toBe(0);
    expect(await isOver(heard)).toBe(false);
    watchers.committed();
    expect(await isOver(heard)).toBe(true);
  });

  it("waits its time from the moment the program rests, once, and calls the timer off at a commit", async () => {
    const { later, standing } = timers();
    const watchers = new CommitSubscribers({ later });
    const [short, long] = [watchers.next(5, { resting: false }), watchers.next(1_000, { resting: true })];
    expect([...standing.values()]).toEqual([1_000]);
    watchers.rested();
    watchers.rested();
    expect([...standing.values()]).toEqual([1_000, 5]);
    for (const [fn, delayMs] of standing) if (delayMs === 5) fn();
    expect([await isOver(short), await isOver(long)]).toEqual([true, false]);
    watchers.committed();
    expect(await isOver(long)).toBe(true);
    expect(standing.size).toBe(0);
  });

  it("without a time of its own goes on at the first rest", async () => {
    const { later, standing } = timers();
    const watchers = new CommitSubscribers({ later });
    const heard = watchers.next(0, { resting: false });
    expect(await isOver(heard)).toBe(false);
    watchers.rested();
    expect(await isOver(heard)).toBe(true);
    expect(standing.size).toBe(0);
  });
});

describe("whoever waits while a program looks up from a slow effect, and finds nothing to do", () => {
  it("waits no longer than it wanted", async () => {
    const slow = () => new Promise<never>(() => {});
    const world = worldOf({ now: { main: (ctx) => ctx.effect("slow", null, {}, slow) } });
    await run(world, () => world.root.view.events.some(({ type }) => type === "step.started"));
    await world.quiet();
    void world.actor(ROOT).onAlarm();
    const heard = world.actor(ROOT).nextCommit(1_000);
    const end = world.now + 1_000;
    await run(world, () => world.now >= end);
    expect(await isOver(heard)).toBe(true);
  });
});

describe("a program that only computes", () => {
  it("is committed on the way when it takes long, and in one commit when it does not", async () => {
    const marks: Record<number, number> = {};
    for (const stepMs of [0, 10, 100]) {
      const world = worldOf({
        now: {
          main: async (ctx, made) => {
            for (let step = 0; step < 20; step += 1) {
              await ctx.step("work", () => {
                made.now += stepMs;
                return step;
              });
            }
          },
        },
      });
      const { origin } = world.root.view.state ?? {};
      if (!origin) throw new Error("the root was not created");
      world.actor("exec_lazy").start({ type: "create", origin: { ...origin, id: "exec_lazy" }, input: null });
      await run(world, () => world.store("exec_lazy").view.state?.status === "succeeded");
      marks[stepMs] = world.store("exec_lazy").mark;
    }
    expect(marks[0]).toBe(1);
    // 200 ms that a busy machine may make of a moment: nobody was told of it yet, and its caller waits for its end.
    expect(marks[10]).toBe(1);
    // Two seconds of work: half a second of it uncommitted, and from then on 25 ms.
    expect(marks[100]).toBeGreaterThanOrEqual(10);
  });
});
