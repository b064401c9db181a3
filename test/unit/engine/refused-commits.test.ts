/** Commits that throw while the object lives: once, twice, for ever. The programs' own crash sweeps draw them as well. */
import { describe, expect, it } from "vitest";
import { viewOf } from "../../../src/engine/views/view.ts";
import type { SimWorld } from "../../support/simulator/sim-world.ts";
import { ROOT } from "../../support/simulator/sim-world.ts";
import type { Programs } from "../../support/simulator/small-world.ts";
import { charge, run, types, worldOf } from "../../support/simulator/small-world.ts";

const HOUR_MS = 3_600_000;
const FOR_EVER = 1_000_000;

const three: Programs = {
  main: async (ctx, world) => [
    await charge(ctx, world, "first"),
    (await ctx.pause({ payload: { answer: "approved" } })).decision,
    await charge(ctx, world, "last"),
  ],
};
const sleepy: Programs = {
  main: async (ctx, world) => {
    await charge(ctx, world, "first");
    await ctx.sleep(1_000);
    return charge(ctx, world, "last");
  },
};
const OUTPUT = { output: ["first!", "approved", "last!"] };
const count = ({ trace }: SimWorld, word: string) => trace.filter((line) => line.startsWith(`${word} ${ROOT}`)).length;

/** The same schedule with commits of the root refused from a tick on. */
async function refusing(programs: Programs, { seed, times }: { readonly seed: number; readonly times: number }) {
  const world = worldOf({ now: programs }, { seed });
  await run(world, () => world.ticks >= 2 + (seed % 9));
  world.fillDisk(ROOT, seed % 3, times);
  return world;
}

describe("a commit that throws", () => {
  it("is tried once more in a turn of its own, with all that was staged: nothing is lost and nobody is given up", async () => {
    let refused = 0;
    for (let seed = 0; seed < 60; seed += 1) {
      const world = await refusing(three, { seed, times: 1 });
      await run(world);
      refused += count(world, "FULL");
      expect([seed, world.wrongs, count(world, "GIVEN UP")]).toEqual([seed, [], 0]);
      expect(world.root.view.events.at(-1)?.data).toEqual(OUTPUT);
      expect(world.outside.applied()).toEqual({ first: 1, last: 1 });
    }
    expect(refused).toBeGreaterThan(20);
  });

  it.each([2, 4])(
    "%i times: its object is given up, the next one reads the disk, and no recovery is counted",
    async (times) => {
      let givenUp = 0;
      for (let seed = 0; seed < 60; seed += 1) {
        const world = await refusing(three, { seed, times });
        await run(world);
        givenUp += count(world, "GIVEN UP");
        expect(count(world, "GIVEN UP")).toBe(Math.floor(count(world, "FULL") / 2));
        expect([seed, world.wrongs]).toEqual([seed, []]);
        expect(types(world).filter((type) => type === "execution.recovered")).toEqual([]);
        expect(world.root.view.state).toMatchObject({ status: "succeeded" });
        expect(world.root.view.events.at(-1)?.data).toEqual(OUTPUT);
      }
      expect(givenUp).toBeGreaterThan(20);
    },
  );

  it("for ever: after three objects its end is tried, then it stands still and looks once an hour", async () => {
    let stood = 0;
    for (let seed = 0; seed < 30; seed += 1) {
      const world = await refusing(sleepy, { seed, times: FOR_EVER });
      await run(world, () => count(world, "GIVEN UP") >= 4);
      if (count(world, "GIVEN UP") < 4) continue;
      stood += 1;
      const before = JSON.stringify(world.root.view.events);
      expect(count(world, "FULL")).toBe(8);
      const until = world.now + 10.5 * HOUR_MS;
      await run(world, () => world.now >= until);
      await run(world, () => world.actor(ROOT).journal.standsStill);
      expect(count(world, "FULL") - 8).toBeLessThanOrEqual(2 * 12);
      // Readers are answered from the disk, and who wants something written hears that it is not.
      expect(viewOf(world.actor(ROOT).journal)?.state.seq).toBe(world.root.view.state?.seq);
      const refusal = await world.actor(ROOT).dispatch({ type: "pause", by: "ann" }, "ann");
      expect(refusal).toMatchObject({ ok: false, code: "storage_unavailable" });
      expect(JSON.stringify(world.root.view.events)).toBe(before);
      world.fillDisk(ROOT, FOR_EVER);
      await run(world);
      expect([seed, world.wrongs]).toEqual([seed, []]);
      expect(world.root.view.state).toMatchObject({ status: "failed", errorCode: "storage_failed" });
    }
    expect(stood).toBeGreaterThan(20);
  });

  it("six times: the end that is tried is written, and says what failed", async () => {
    let ended = 0;
    for (let seed = 0; seed < 60; seed += 1) {
      const world = await refusing(three, { seed, times: 6 });
      await run(world);
      expect([seed, world.wrongs]).toEqual([seed, []]);
      if (world.root.view.state?.status === "failed") ended += 1;
      else expect(world.root.view.events.at(-1)?.data).toEqual(OUTPUT);
    }
    expect(ended).toBeGreaterThan(20);
  });
});

describe("a pause that comes while a commit is tried once more", () => {
  it("holds what was about to begin, and on resume all of it begins: tries, and gates whose id is claimed", async () => {
    const programs: Programs = {
      main: async (ctx, world) => {
        const safe = ctx.effect("safe", null, { idempotent: true }, (attempt) =>
          world.wire(ctx.executionId).idempotent("safe", attempt),
        );
        const asked = ctx.pause({ id: "own-id", payload: { answer: "approved" } });
        return [await safe, (await asked).decision, await charge(ctx, world, "last")];
      },
    };
    for (let seed = 0; seed < 60; seed += 1) {
      const world = worldOf({ now: programs }, { seed });
      const isFirst = seed % 2 === 1;
      if (!isFirst) await run(world, () => world.ticks >= seed % 6);
      world.fillDisk(ROOT, isFirst ? 0 : seed % 4, 1);
      await run(world, () => count(world, "FULL") > 0);
      if (world.root.view.state) world.dispatch(ROOT, { type: "pause", by: "eve" });
      const until = world.ticks + (seed % 5);
      await run(world, () => world.ticks >= until);
      if (world.root.view.state) world.dispatch(ROOT, { type: "resume", by: "eve" });
      await run(world);
      expect([seed, world.wrongs, world.root.view.state?.status]).toEqual([seed, [], "succeeded"]);
      expect(world.outside.applied()).toEqual({ safe: 1, last: 1 });
    }
  });
});

describe("a try of another branch, when its object is given up", () => {
  const both = (idempotent: boolean): Programs => ({
    main: async (ctx, world) => {
      const slow = ctx.effect("slow", null, { idempotent }, async (attempt) => {
        await world.timer(ctx.executionId, 60_000);
        return world.wire(ctx.executionId).plain("slow", attempt);
      });
      const done = await ctx.step("quick", () => "quick");
      await ctx.note("between");
      return [done, await charge(ctx, world, "other"), await slow];
    },
  });

  /** Given up while the slow one runs. */
  async function interrupted(idempotent: boolean): Promise<SimWorld> {
    const world = worldOf({ now: both(idempotent) }, { seed: 3 });
    await run(world, () => types(world).filter((type) => type === "step.started").length === 2);
    world.fillDisk(ROOT, 0, 2);
    await run(world);
    expect(count(world, "GIVEN UP")).toBe(1);
    expect(types(world)).not.toContain("execution.recovered");
    expect(world.root.view.state).toMatchObject({ status: "succeeded" });
    expect([world.wrongs, world.outside.applied()]).toEqual([[], { other: 1, slow: 1 }]);
    return world;
  }
  const doubted = ({ root }: SimWorld) =>
    root.view.events.flatMap(({ type, data }) => (type === "effect.in_doubt" ? [(data as { key: string }).key] : []));

  it("is interrupted: what is safe to repeat is done again", async () => {
    expect(doubted(await interrupted(true))).toEqual(["other"]);
  });

  it("is interrupted: of what is not safe to repeat a person is asked, and it is not repeated by itself", async () => {
    expect(doubted(await interrupted(false)).sort()).toEqual(["other", "slow"]);
  });
});

describe("a fault of ours between the end of a try and its entry", () => {
  /** So many ends of tries meet a fault, in the object that lives now. */
  async function brittle(faults: number) {
    let calls = 0;
    const main: Programs["main"] = async (ctx) => {
      const safe = { idempotent: true, maxAttempts: 2, backoff: { initialMs: 1, factor: 1, maxMs: 1 } };
      await ctx.effect("brittle", null, safe, () => {
        calls += 1;
        throw new Error("it failed");
      });
    };
    const world = worldOf({ now: { main } });
    const { journal } = world.actor(ROOT);
    const dispatch = journal.dispatch.bind(journal);
    let left = faults;
    journal.dispatch = (command, actor) => {
      if (command.type === "finish_entry" && left-- > 0) throw new Error("a fault of ours");
      return dispatch(command, actor);
    };
    await run(world);
    return { world, calls };
  }

  it("has an owner: the entry ends with it, and the effect is not done again each heartbeat", async () => {
    const { world, calls } = await brittle(1);
    expect(calls).toBe(1);
    expect(world.root.view.events.find(({ type }) => type === "step.failed")?.data).toMatchObject({
      error: { code: "internal_error" },
    });
    expect(world.root.view.state).toMatchObject({ status: "failed" });
  });

  it("that cannot be written either gives the object up: the next one takes the effect up, and its tries are counted", async () => {
    const { world, calls } = await brittle(1_000);
    expect(calls).toBeLessThanOrEqual(3);
    expect(world.trace).toContain(`GIVEN UP ${ROOT}`);
    expect(world.root.view.state).toMatchObject({ status: "failed" });
  });
});

describe("what waits for a commit", () => {
  it("is bounded by count and by size, while no time passes", async () => {
    const many: Programs = {
      main: async (ctx) => {
        for (let n = 0; n < 1_000; n += 1) await ctx.step(`s${n}`, () => n);
        for (let n = 0; n < 8; n += 1) await ctx.step(`l${n}`, () => "x".repeat(200_000));
        return "over";
      },
    };
    const world = worldOf({ now: many });
    await run(world);
    const rows = world.root.view.log;
    expect(world.root.view.state).toMatchObject({ status: "succeeded" });
    expect(Math.max(...rows.map((row) => row.length))).toBeLessThanOrEqual(132);
    const sizes = rows.map((row) => row.reduce((sum, text) => sum + text.length, 0));
    expect(Math.max(...sizes)).toBeLessThanOrEqual(262_144 + 210_000);
  });

  it("is one commit where one command follows the other: a cancel that overtakes a large start", async () => {
    const world = worldOf({ now: three });
    await run(world);
    const { origin } = world.root.view.state ?? {};
    if (!origin) throw new Error("the root was not created");
    const command = {
      type: "create",
      origin: { ...origin, id: "exec_x", owned: false },
      input: "x".repeat(900_000),
    } as const;
    const told = world.actor("exec_x").cancelOrRefuse(command, "parent cancelled");
    await run(world);
    expect((await told).ok).toBe(true);
    expect(world.store("exec_x").view.log.map((row) => row.length)).toEqual([3]);
  });
});

describe("commands that come in one turn", () => {
  it("share a commit, and each is answered after it", async () => {
    const waiting: Programs = { main: (ctx) => ctx.signal("go") };
    const world = worldOf({ now: waiting }, { people: [] });
    await run(world, () => types(world).includes("execution.suspended"));
    await run(world, () => !world.root.dirty);
    const before = world.root.mark;
    const seq = world.root.view.state?.seq ?? 0;
    const actor = world.actor(ROOT);
    const note = (n: number) => actor.dispatch({ type: "add_note", message: `${n}`, tags: [], by: "ann" }, "ann");
    const signal = (n: number) =>
      actor.dispatch({ type: "signal", signals: [{ name: "other", data: n }], by: "ann" }, "ann");
    const told = [...Array(8).keys()].flatMap((n) => [note(n), signal(n)]);
    told.push(actor.dispatch({ type: "pause", by: "ann" }, "ann"));
    const seen = told.map((one) => one.then(() => world.root.view.state?.seq ?? 0));
    expect(world.root.mark).toBe(before);
    await world.quiet();
    expect(Math.min(...(await Promise.all(seen)))).toBe(seq + 17);
    expect(world.root.mark).toBe(before + 1);
  });
});
