/** Running tries, their probes and their timeouts, against what the outside says was done. */
import { describe, expect, it } from "vitest";
import type { AttemptContext, Context, EffectOptions } from "../../../src/define/context.ts";
import { StepError } from "../../../src/define/errors.ts";
import { checkInvariants } from "../../../src/domain/invariants/invariants.ts";
import { effectPage } from "../../../src/engine/views/pages.ts";
import { viewOf } from "../../../src/engine/views/view.ts";
import type { SimWorld } from "../../support/simulator/sim-world.ts";
import { ROOT } from "../../support/simulator/sim-world.ts";
import { run, types, worldOf } from "../../support/simulator/small-world.ts";

type Main = (ctx: Context, world: SimWorld) => Promise<unknown>;

const caught = (work: Promise<unknown>) =>
  work.catch((error: unknown) => (error instanceof StepError ? error.code : String(error)));

async function ended(main: Main, { people = [] }: { people?: [] } = {}) {
  const world = worldOf({ now: { main } }, { people });
  await run(world);
  const { events, state, timers } = world.root.view;
  const last = events[(state?.resultSeq ?? 0) - 1];
  if (state) {
    const broken = checkInvariants({ events, state, timers, now: world.now }).filter(
      ({ verdict }) => verdict === "violated",
    );
    expect(broken).toEqual([]);
  }
  expect(world.wrongs).toEqual([]);
  const output = last?.type === "execution.succeeded" ? last.data.output : last?.data;
  return { world, output, types: types(world), status: state?.status };
}

/** Charged at once, and never answered; it ends with an error when it is told to stop. */
function honest(world: SimWorld, attempt: AttemptContext): Promise<never> {
  world.outside.apply("charge", attempt.idempotencyKey, { once: false });
  return new Promise((_, reject) => {
    attempt.signal.addEventListener("abort", () => reject(new Error("aborted, as asked")));
  });
}

describe("a failure that comes when the time is over, and no timer has said so,", () => {
  const late = (ctx: Context, world: SimWorld) =>
    ctx.effect("charge", 1, { timeoutMs: 1_000, maxAttempts: 3, backoff: 0 }, async (attempt) => {
      world.outside.apply("charge", attempt.idempotencyKey, { once: false });
      await world.timer(ROOT, 1_001);
      throw new Error("refused, it says");
    });
  const open = (world: SimWorld) => [...world.root.view.gates.values()].map(({ kind }) => kind);

  it("allows no other try when the process lost its timers: a person is asked", async () => {
    const world = worldOf({ now: { main: late } }, { people: [] });
    await run(world, () => world.outside.applied().charge === 1);
    world.loseTimers(ROOT);
    await run(world, () => open(world).length > 0);
    expect([open(world), world.outside.applied()]).toEqual([["review"], { charge: 1 }]);
  });

  it("allows no other try when the execution was paused meanwhile: a person is asked", async () => {
    const world = worldOf({ now: { main: late } }, { people: [] });
    await run(world, () => world.outside.applied().charge === 1);
    world.dispatch(ROOT, { type: "pause", by: "ann" });
    await run(world, () => world.now > 1_001_000);
    expect(world.root.view.state?.status).toBe("paused");
    world.dispatch(ROOT, { type: "resume", by: "ann" });
    await run(world, () => open(world).length > 0);
    expect([open(world), world.outside.applied()]).toEqual([["review"], { charge: 1 }]);
  });
});

describe("a try that overran its time and honours its signal", () => {
  const charge = (ctx: Context, world: SimWorld, options: EffectOptions) =>
    ctx.effect("charge", 1, { timeoutMs: 1_000, maxAttempts: 3, backoff: 0, ...options }, (attempt) =>
      honest(world, attempt),
    );

  it("is charged once: its late end is not taken for its probe's", async () => {
    const { output, world } = await ended((ctx, made) =>
      charge(ctx, made, {
        checkOutcome: async () => {
          await made.wire(ROOT).look("anything");
          return { happened: true, result: "found" };
        },
      }),
    );
    expect([output, world.outside.applied()]).toEqual(["found", { charge: 1 }]);
  });

  it("is made again when the probe says that it never happened, and then only", async () => {
    const {
      output,
      world,
      types: written,
    } = await ended((ctx, made) => caught(charge(ctx, made, { checkOutcome: async () => ({ happened: false }) })));
    expect([output, world.outside.applied()]).toEqual(["timeout", { charge: 3 }]);
    expect(written.filter((type) => type === "effect.probing")).toHaveLength(3);
  });

  it("waits for a person when its probe is too slow as well, and nothing is charged again", async () => {
    const main: Main = (ctx, made) =>
      charge(ctx, made, { checkOutcome: () => new Promise(() => {}), checkTimeoutMs: 5_000 });
    const world = worldOf({ now: { main } }, { people: [] });
    await run(world, () => world.root.view.state?.status === "waiting");
    expect(types(world)).toContain("effect.in_doubt");
    expect(world.outside.applied()).toEqual({ charge: 1 });
  });

  it("has its probe asked also when it was the last try that it may make", async () => {
    const { output, world } = await ended((ctx, made) =>
      charge(ctx, made, { checkOutcome: async () => ({ happened: true, result: "found" }), maxAttempts: 1 }),
    );
    expect([output, world.outside.applied()]).toEqual(["found", { charge: 1 }]);
  });
});

describe("a try's time", () => {
  it("runs from its start: what was begun beside it and computes for long does not use it up", async () => {
    const main: Main = (ctx, world) =>
      Promise.all(
        ["a", "b", "c"].map((name) =>
          ctx.step(
            name,
            async () => {
              // Each takes the process for 700 ms before the next one starts.
              world.now += 700;
              await world.wire(ROOT).look(name);
              return name;
            },
            { timeoutMs: 1_000 },
          ),
        ),
      );
    expect((await ended(main)).output).toEqual(["a", "b", "c"]);
  });

  it("is over at its instant, and no alarm or heartbeat has to come first", async () => {
    const { world, output } = await ended(async (ctx) => [
      await caught(ctx.step("s", () => new Promise(() => {}), { timeoutMs: 1_234 })),
      await caught(
        ctx.step("t", ({ signal }) => new Promise((_, end) => signal.addEventListener("abort", end)), { timeoutMs: 7 }),
      ),
    ]);
    expect(output).toEqual(["timeout", "timeout"]);
    const at = (type: string) => world.root.view.events.filter((event) => event.type === type).map(({ atMs }) => atMs);
    const began = at("step.started");
    expect(at("step.failed").map((atMs, nth) => atMs - (began[nth] ?? 0))).toEqual([1_234, 7]);
  });

  it("stands while it is paused, and is over on resume", async () => {
    const main: Main = (ctx) => caught(ctx.step("s", () => new Promise(() => {}), { timeoutMs: 1_000 }));
    const world = worldOf({ now: { main } }, { people: [] });
    await run(world, () => types(world).includes("step.started"));
    world.dispatch(ROOT, { type: "pause", by: "eve" });
    await run(world, () => world.now > 2_000_000);
    expect(types(world)).not.toContain("step.failed");
    world.dispatch(ROOT, { type: "resume", by: "eve" });
    await run(world);
    expect(world.root.view.state?.status).toBe("succeeded");
    expect(types(world)).toContain("step.failed");
  });

  it.each([Number.POSITIVE_INFINITY, 1e308])("without a limit is none (%d)", async (timeoutMs) => {
    const main: Main = (ctx, world) => ctx.step("s", () => world.wire(ROOT).look("x"), { timeoutMs });
    expect(await ended(main)).toMatchObject({ output: null, status: "succeeded" });
  });
});

describe("an execution with more to do than it may do at once", () => {
  it("runs fifty tries, and the others as these end, in their order", async () => {
    let running = 0;
    let most = 0;
    const main: Main = async (ctx, world) => {
      const names = Array.from({ length: 130 }, (_, index) => `n${index}`);
      const tries = names.map((name) =>
        ctx.effect(name, null, {}, async (attempt) => {
          running += 1;
          most = Math.max(most, running);
          await world.wire(ROOT).plain("done", attempt);
          running -= 1;
          return name;
        }),
      );
      return (await Promise.all(tries)).length;
    };
    const { output, world } = await ended(main);
    expect([output, most, world.outside.applied()]).toEqual([130, 50, { done: 130 }]);
  });

  it("says which of them wait, and why", async () => {
    const main: Main = (ctx) =>
      ctx.all(
        Array.from({ length: 7 }, (_, index) => index),
        String,
        (_, inner) => inner.effect("e", null, {}, () => new Promise(() => {})),
      );
    const world = worldOf({ now: { main } }, { people: [], timing: { mostTries: 3 } });
    await run(world, () => types(world).includes("step.started"));
    await world.quiet();
    const execution = world.actor(ROOT);
    const { effects } = effectPage(execution.journal, execution.queued, { after: 0, limit: 100 });
    expect(effects.map(({ status }) => status)).toEqual([...Array(3).fill("open"), ...Array(4).fill("queued")]);
    expect(effects.at(-1)).toMatchObject({ key: "all[6]/e", attempts: 0, reason: expect.stringContaining("at once") });
    expect(viewOf(execution.journal, execution.crowd)?.why?.sentence).toBe(
      "its program is at work: 3 of its tries run, which is as many as may run at once, and 4 wait for one of them to end",
    );
  });
});
