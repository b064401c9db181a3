/** Steps with an input, and what a restart takes over when its schema makes another input of the same words. */
import { describe, expect, it } from "vitest";
import * as z from "zod";
import { defineAgent } from "../../../src/define/agent.ts";
import type { Context } from "../../../src/define/context.ts";
import { StepError } from "../../../src/define/errors.ts";
import type { RestartCommand } from "../../../src/domain/execution/command.ts";
import type { Json } from "../../../src/domain/values/json.ts";
import { decider, truthful } from "../../support/simulator/people/people.ts";
import { ROOT, SimWorld } from "../../support/simulator/sim-world.ts";
import type { Programs } from "../../support/simulator/small-world.ts";
import { run, worldOf } from "../../support/simulator/small-world.ts";

const resultOf = (world: SimWorld, id = ROOT) => {
  const { state, events } = world.store(id).view;
  const result = events[(state?.resultSeq ?? 0) - 1];
  return result?.type === "execution.succeeded" ? result.data.output : result?.data;
};

describe("steps of one name", () => {
  /** Each price is a step; then it waits, so that a deployment meets it there. */
  const prices = (items: readonly string[], withInput: boolean): Programs => ({
    main: async (ctx) => {
      const found: Record<string, Json> = {};
      for (const item of items)
        found[item] = await ctx.step("price", () => `price of ${item}`, withInput ? { input: { item } } : {});
      await ctx.sleep(60_000);
      return found;
    },
  });

  async function deployed(before: Programs, after: Programs) {
    const programs = { now: before };
    const world = worldOf(programs, { people: [] });
    await run(world, () => world.root.view.state?.suspended === "sleeping");
    programs.now = after;
    world.deploy();
    world.now += 60_000;
    void world.actor(ROOT).onAlarm();
    await run(world, () => world.root.view.state?.status === "blocked");
    expect(world.wrongs).toEqual([]);
    return world;
  }

  it("that change places in a deployment swap no results: the execution is blocked, and the old code carries it on", async () => {
    const world = await deployed(prices(["tea", "milk"], true), prices(["milk", "tea"], true));
    const reason = 'program_changed: the input of "price" is not what it was';
    expect(world.root.view.state).toMatchObject({ status: "blocked", reason });
  });

  it.each([
    ["keep their places", prices(["tea", "milk"], true)],
    ["say no input any more", prices(["tea", "milk"], false)],
  ])("go on when they %s", async (_name, after) => {
    const world = await deployed(prices(["tea", "milk"], true), after);
    expect(resultOf(world)).toEqual({ tea: "price of tea", milk: "price of milk" });
  });

  it("are told apart in the log, whether their beginning is written down or not", async () => {
    const main: Programs["main"] = async (ctx) => {
      await ctx.step("plain", () => 1, { input: 1 });
      await ctx.step("timed", () => 1, { input: 2, timeoutMs: 1_000 });
      await ctx.step("again", ({ attempt }) => (attempt === 1 ? Promise.reject(new Error("no")) : 1), {
        ...{ input: 3, maxAttempts: 2, backoff: 0 },
      });
      await ctx.step("failed", () => Promise.reject(new Error("no")), { input: 4 }).catch(() => {});
      await ctx.step("large", () => 1, { input: "x".repeat(100_000) });
      await ctx.step("unsaid", () => 1);
      return null;
    };
    const world = worldOf({ now: { main } });
    await run(world);
    const { entries } = world.actor(ROOT).journal.index();
    const digests = Object.fromEntries([...entries.values()].map(({ key, digest = null }) => [key, digest]));
    const large = expect.stringMatching(/^.{22}$/);
    expect(digests).toEqual({ plain: "=1", timed: "=2", again: "=3", failed: "=4", large, unsaid: null });
  });

  it("refuse an input that JSON cannot carry, by its path", async () => {
    const main: Programs["main"] = (ctx) =>
      ctx
        .step("s", () => 1, { input: { at: [new Map()] } as never })
        .catch((error: unknown) => (error instanceof StepError ? [error.code, error.details] : String(error)));
    const world = worldOf({ now: { main } });
    await run(world);
    expect(resultOf(world)).toEqual(["value_not_json", { path: "at.0" }]);
  });
});

describe("a restart whose schema makes another input of the same words", () => {
  const AGAIN = "exec_again";
  const command: RestartCommand = {
    type: "restart",
    ...{ id: AGAIN, runId: "run", digest: "again", by: "rita", fork: false },
    scope: "execution",
    reuse: "all-succeeded",
  };

  function worldWith(seeds: () => number) {
    const program = async ({ seed }: { seed: number }, ctx: Context) => {
      const done = [
        await ctx.step("unsaid", () => `unsaid ${seed}`),
        await ctx.step("fixed", () => `fixed ${seed}`, { input: "fixed" }),
        await ctx.step("said", () => `said ${seed}`, { input: seed }),
        await ctx.effect("pay", seed, { idempotent: true }, (attempt) =>
          world.wire(ctx.executionId).idempotent(`pay-${seed}`, attempt),
        ),
        await ctx.effect("ping", null, {}, (attempt) => world.wire(ctx.executionId).plain("ping", attempt)),
      ];
      return ctx.executionId === ROOT ? ctx.fail("x", "restart me") : [seed, ...done];
    };
    const world: SimWorld = new SimWorld({
      ...{ seed: 7, people: [decider, truthful] },
      agents: () => {
        const agent = defineAgent({ id: "a", description: "", version: "1" });
        const input = z.object({ seed: z.number().default(seeds) });
        agent.reasoner("main", { input, output: z.unknown() }, program);
        return [agent];
      },
    });
    world.start("a.main", {});
    return world;
  }

  const reusedBy = (world: SimWorld) =>
    world
      .store(AGAIN)
      .view.events.flatMap((event) =>
        event.type === "step.completed" && event.data.reusedFrom !== undefined ? [event.data.key] : [],
      );

  it("takes over what says that it came of something else, and does anew what may have come of the input", async () => {
    let seed = 0;
    const dice = () => {
      seed += 1;
      return seed;
    };
    const world = worldWith(dice);
    await run(world);
    world.dispatch(ROOT, command);
    await run(world);
    expect(resultOf(world, AGAIN)).toEqual([2, "unsaid 2", "fixed 1", "said 2", "pay-2!", "ping!"]);
    expect(reusedBy(world)).toEqual(["fixed", "ping"]);
    expect(world.outside.applied()).toEqual({ "pay-1": 1, "pay-2": 1, ping: 1 });
    expect(world.wrongs).toEqual([]);
  });

  it("takes everything over when the schema makes the same of it", async () => {
    const world = worldWith(() => 1);
    await run(world);
    world.dispatch(ROOT, command);
    await run(world);
    expect(reusedBy(world)).toEqual(["unsaid", "fixed", "said", "pay", "ping"]);
    expect(world.outside.applied()).toEqual({ "pay-1": 1, ping: 1 });
  });

  it("says one thing throughout, wherever its process is killed", async () => {
    let seed = 0;
    const dice = () => {
      seed += 1;
      return seed;
    };
    const whole = worldWith(dice);
    await run(whole);
    whole.dispatch(ROOT, command);
    const before = whole.ticks;
    await run(whole);
    for (let tick = 1; tick <= whole.ticks - before; tick += 1) {
      seed = 0;
      const world = worldWith(dice);
      await run(world);
      world.dispatch(ROOT, command);
      const until = world.ticks + tick;
      await run(world, () => world.ticks >= until);
      world.crash();
      await run(world);
      const [now] = resultOf(world, AGAIN) as [number];
      const answer = [now, `unsaid ${now}`, "fixed 1", `said ${now}`, `pay-${now}!`, "ping!"];
      expect(resultOf(world, AGAIN), `killed at ${tick}`).toEqual(answer);
      expect(world.outside.applied(), `killed at ${tick}`).toMatchObject({ "pay-1": 1, [`pay-${now}`]: 1, ping: 1 });
      expect(world.wrongs).toEqual([]);
    }
  });
});
