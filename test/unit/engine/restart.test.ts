/** A restarted execution on the simulator: what a changed program takes over, large journals, sources out of reach. */
import { describe, expect, it } from "vitest";
import * as z from "zod";
import type { Context } from "../../../src/define/context.ts";
import { defineAgent, defineExecution, defineTool, fail, pass, service } from "../../../src/define/index.ts";
import type { ProgramContext } from "../../../src/define/program-context.ts";
import type { RestartCommand } from "../../../src/domain/execution/command.ts";
import type { Origin } from "../../../src/domain/execution/origin.ts";
import { accept, refuse } from "../../../src/domain/values/fault.ts";
import { importResults } from "../../../src/engine/execution/import-results.ts";
import { Journal } from "../../../src/engine/journal/journal.ts";
import type { World } from "../../../src/engine/ports.ts";
import { DEFAULT_TIMING } from "../../../src/engine/ports.ts";
import { ORIGIN } from "../../support/log.ts";
import { SimStore } from "../../support/simulator/actors/sim-store.ts";
import type { Wire } from "../../support/simulator/providers/outside.ts";
import type { SimWorld } from "../../support/simulator/sim-world.ts";
import { ROOT } from "../../support/simulator/sim-world.ts";
import type { Programs } from "../../support/simulator/small-world.ts";
import { charge, run, worldOf } from "../../support/simulator/small-world.ts";

const AGAIN = "exec_again";
const command: RestartCommand = {
  type: "restart",
  id: AGAIN,
  runId: "run",
  scope: "execution",
  reuse: "all-succeeded",
  fork: false,
  digest: "again",
  by: "rita",
};

async function restarted(world: SimWorld, more: Partial<RestartCommand> = {}) {
  world.dispatch(ROOT, { ...command, ...more });
  await run(world);
  return world.store(AGAIN).view;
}
const typesOf = (world: SimWorld, id: string) => world.store(id).view.events.map(({ type }) => type);
const asked = (ctx: Context, world: SimWorld, input: string) =>
  ctx.effect("other-input", { input }, {}, (attempt) => world.wire(ctx.executionId).plain("other-input", attempt));

describe("a program that changed", () => {
  const first: Programs = {
    main: async (ctx, world) => {
      await charge(ctx, world, "kept");
      await asked(ctx, world, "old");
      await charge(ctx, world, "renamed");
      await ctx.pause({ payload: { answer: null } });
    },
  };
  const second: Programs = {
    main: async (ctx, world) => [
      await charge(ctx, world, "kept"),
      await asked(ctx, world, "new"),
      await charge(ctx, world, "under-a-new-name"),
    ],
  };

  it("is carried on by a restart: what fits is taken over, the rest is done, and the blocked one is over", async () => {
    const programs = { now: first };
    const world = worldOf(programs, { people: [] });
    await run(world, () => world.root.view.state?.status === "waiting");
    programs.now = second;
    world.deploy();
    const [gate] = world.root.view.gates.values();
    world.dispatch(ROOT, { type: "decide_gate", gateId: gate?.gateId ?? "", decision: "approved", by: "ann" });
    await run(world, () => world.root.view.state?.status === "blocked");

    const again = await restarted(world);
    expect(world.root.view.state).toMatchObject({ status: "cancelled", reason: "restarted", restartedAs: AGAIN });
    expect(again.state).toMatchObject({ status: "succeeded", results: { reused: 1, own: 2 } });
    expect(world.outside.applied()).toEqual({ kept: 1, "other-input": 2, renamed: 1, "under-a-new-name": 1 });
    expect(world.wrongs).toEqual([]);
  });

  it("is asked again with the same key where the input did not change, and nothing that was not asked for blocks it", async () => {
    const programs: Programs = {
      main: async (ctx, world) => {
        await charge(ctx, world, "a");
        if (ctx.executionId === ROOT) await charge(ctx, world, "only-in-the-first");
        return ctx.executionId === ROOT ? ctx.fail("x", "y") : charge(ctx, world, "b");
      },
    };
    const world = worldOf({ now: programs });
    await run(world);
    const again = await restarted(world);
    expect(again.state?.status).toBe("succeeded");
    expect(world.outside.applied()).toEqual({ a: 1, b: 1, "only-in-the-first": 1 });
  });
});

describe("an execution that failed because its answer was rejected", () => {
  const agent = defineAgent({ id: "judged", description: "", version: "1" });
  const no = fail({ retryNeeded: false });
  const definition = defineExecution({
    ...{ agent, key: "judged", name: "", description: "", input: z.object({}) },
    script: [{ reply: { tools: [{ name: "charge", input: {} }] } }, { reply: { text: "{}" } }],
    tools: [
      defineTool({
        ...{ name: "charge", description: "Not safe to repeat.", input: z.object({}) },
        services: { outside: service<() => Wire>() },
        run: (_input, { services, idempotencyKey }) => services.outside().plain("charge", { idempotencyKey } as never),
      }),
    ],
    // The world has changed between the two.
    validators: [{ name: "now", validate: (...[, , , { executionId }]) => (executionId === ROOT ? no : pass) }],
    execute: ({ conversation }) => conversation.ask("Do it."),
  });
  const programs: Programs = {
    main: (ctx) => definition.definition.program({} as never, ctx as ProgramContext) as Promise<unknown>,
  };

  it("is asked and judged anew by a restart, and what was done before that answer is not done again", async () => {
    const world = worldOf({ now: programs });
    await run(world);
    expect(world.root.view.state).toMatchObject({ status: "failed", errorCode: "validation_failed" });
    const again = await restarted(world, { reuse: "succeeded-before" });
    expect(again.state).toMatchObject({ status: "succeeded", results: { reused: 2, own: 2 } });
    expect(world.outside.applied()).toEqual({ charge: 1 });
    expect(world.paid.turns).toBe(3);
    expect(world.wrongs).toEqual([]);
  });
});

describe("a journal of many pages", () => {
  const LARGE = "x".repeat(150_000);
  const KEYS = Array.from({ length: 12 }, (_, n) => `e${n}`);
  const programs: Programs = {
    main: async (ctx, world) => {
      for (const key of KEYS)
        await ctx.effect(key, null, {}, async (attempt) => [
          await world.wire(ctx.executionId).plain(key, attempt),
          LARGE,
        ]);
      if (ctx.executionId === ROOT) ctx.fail("x", "y");
      return KEYS.length;
    },
  };
  const pages = (world: SimWorld) => typesOf(world, AGAIN).filter((type) => type === "journal.inherited").length;

  it("is taken over page by page, each small enough for a row, and is there whole", async () => {
    const world = worldOf({ now: programs });
    await run(world);
    const again = await restarted(world);
    expect(pages(world)).toBeGreaterThan(3);
    for (const event of again.events) expect(JSON.stringify(event).length).toBeLessThan(500_000);
    expect(again.state).toMatchObject({ status: "succeeded", results: { reused: 12, own: 0 } });
    expect(world.outside.applied()).toEqual(Object.fromEntries(KEYS.map((key) => [key, 1]).sort()));
  });

  it.each([1, 2, 3])("goes on with the missing page after a crash in the middle (after page %i)", async (count) => {
    const world = worldOf({ now: programs });
    await run(world);
    world.dispatch(ROOT, command);
    await run(world, () => world.stores.has(AGAIN) && pages(world) >= count);
    world.crash();
    await run(world);
    const keys = world
      .store(AGAIN)
      .view.events.flatMap((event) =>
        event.type === "journal.inherited" ? event.data.offers.map(({ key }) => key) : [],
      );
    expect(keys).toEqual(KEYS);
    expect(world.store(AGAIN).view.state).toMatchObject({ status: "succeeded", results: { reused: 12, own: 0 } });
    expect(world.wrongs).toEqual([]);
  });
});

describe("an effect that the source began and never heard of", () => {
  const programs = (options: object): Programs => ({
    main: async (ctx, world) => {
      if (ctx.executionId === ROOT) {
        void ctx.effect("pay", 1, options, (attempt) => world.wire(ctx.executionId).silent("pay", attempt));
        await ctx.sleep(50);
        ctx.fail("x", "it would not wait");
      }
      return ctx.effect("pay", 1, options, (attempt) => world.wire(ctx.executionId).idempotent("pay", attempt));
    },
  });

  it("is repeated under the first one's key where a repetition is safe", async () => {
    const world = worldOf({ now: programs({ idempotent: true }) });
    await run(world);
    const again = await restarted(world);
    expect(again.state?.status).toBe("succeeded");
    expect([...world.outside.facts.keys()]).toEqual([`${ROOT}:pay`]);
    expect(world.outside.applied()).toEqual({ pay: 1 });
  });

  it("waits for a person where it is not, as after a crash", async () => {
    const world = worldOf({ now: programs({}) }, { people: [] });
    await run(world);
    world.dispatch(ROOT, command);
    await run(world, () => world.stores.get(AGAIN)?.view.state?.status === "waiting");
    expect(world.store(AGAIN).view.state?.reason).toBe("effect_in_doubt");
    expect(world.outside.applied()).toEqual({ pay: 1 });
  });
});

describe("a follower whose source", () => {
  const origin: Origin = {
    ...ORIGIN,
    restartedFrom: { id: "exec_0", runId: "run", reuse: "all-succeeded", inputChanged: false },
  };
  function follower(offers: World["offers"]) {
    const world = { now: () => 1_000, later: () => () => {}, log: () => {}, offers } as unknown as World;
    const journal = new Journal(
      new SimStore(() => {}).handle(() => true),
      world,
      DEFAULT_TIMING,
    );
    journal.dispatch({ type: "create", origin, input: null }, "ann");
    return { journal, inherited: importResults(journal, world) };
  }

  it("is gone fails and says what to do, instead of doing everything once more", async () => {
    const { journal, inherited } = follower(async () => refuse("not_found", "there is no such execution"));
    await inherited;
    expect(journal.state).toMatchObject({ status: "failed", errorCode: "source_unavailable" });
    expect(journal.state?.errorMessage).toContain('"reuse": "none"');
  });

  it("cannot be reached now rejects, and nothing is written", async () => {
    const { journal, inherited } = follower(() => Promise.reject(new Error("cut")));
    await expect(inherited).rejects.toThrow("cut");
    expect(journal.state).toMatchObject({ status: "queued", inherits: { offset: 0 } });
  });

  it("answers when the follower has been cancelled meanwhile changes nothing", async () => {
    const { journal, inherited } = follower(async () => {
      await Promise.resolve();
      journal.dispatch({ type: "cancel", by: "eve" }, "eve");
      return accept({ offers: [], upto: 1, done: true });
    });
    await inherited;
    expect(journal.state?.status).toBe("cancelled");
  });
});
