import { describe, expect, it } from "vitest";
import type { Context } from "../../../src/define/context.ts";
import type { SimWorld } from "../../support/simulator/sim-world.ts";
import { ROOT } from "../../support/simulator/sim-world.ts";
import type { Programs } from "../../support/simulator/small-world.ts";
import { charge, run, types, worldOf } from "../../support/simulator/small-world.ts";

describe("a program that kills its process", () => {
  let deaths = 0;
  const poison = { main: async (ctx: Context, world: SimWorld) => ctx.step("boom", () => die(world)) };
  const die = (world: SimWorld) => {
    deaths += 1;
    world.crash();
    return new Promise<never>(() => {});
  };

  it.each([1, 2, 3, 4])("ends failed after five recoveries without progress (seed %i)", async (seed) => {
    deaths = 0;
    const world = worldOf({ now: poison }, { seed });
    await run(world);
    expect(deaths).toBe(6);
    const { state } = world.root.view;
    expect(state).toMatchObject({ status: "failed", errorCode: "budget_exceeded", recoveriesWithoutProgress: 6 });
    expect(types(world).filter((type) => type === "execution.recovered")).toHaveLength(6);
    expect(world.wrongs).toEqual([]);
  });

  it("is not counted for what deployments end: only deaths of the same one are", async () => {
    const deployed: string[] = [];
    const main = async (ctx: Context, world: SimWorld) =>
      ctx.step("long", () => {
        if (deployed.length >= 12) return "done";
        deployed.push(`d${deployed.length + 1}`);
        world.deployment = deployed.at(-1);
        world.crash();
        return new Promise<never>(() => {});
      });
    const world = worldOf({ now: { main } });
    world.deployment = "d0";
    await run(world);
    expect(world.root.view.state).toMatchObject({ status: "succeeded", recoveriesWithoutProgress: 0 });
    expect(world.root.view.state?.recoveries).toBeLessThanOrEqual(1);
    expect(world.wrongs).toEqual([]);
  });

  it("is counted afresh by the next deployment, and stopped there too", async () => {
    deaths = 0;
    const main = async (ctx: Context, world: SimWorld) =>
      ctx.step("boom", () => {
        if (deaths === 3) world.deployment = "d2";
        return die(world);
      });
    const world = worldOf({ now: { main } });
    world.deployment = "d1";
    await run(world);
    expect(world.root.view.state).toMatchObject({ status: "failed", errorCode: "budget_exceeded" });
    expect(deaths).toBeGreaterThan(6);
  });

  it("ends at its own limit of recoveries", async () => {
    const world = worldOf({ now: poison }, { limits: { maxRecoveries: 1 } });
    await run(world);
    expect(types(world).filter((type) => type === "execution.recovered")).toHaveLength(2);
  });

  it("goes on as long as it makes progress in between", async () => {
    const lives = new Map<string, number>();
    const main = async (ctx: Context, world: SimWorld) => {
      for (const name of ["a", "b", "c", "d"]) {
        await ctx.step(name, () => {
          lives.set(name, (lives.get(name) ?? 0) + 1);
          return (lives.get(name) ?? 0) < 4 ? die(world) : name;
        });
        await charge(ctx, world, `after-${name}`);
      }
      return "alive";
    };
    const world = worldOf({ now: { main } });
    await run(world);
    expect(world.root.view.state).toMatchObject({ status: "succeeded" });
  });
});

describe("a program that changed (E3)", () => {
  const original: Programs = {
    main: async (ctx, world) => {
      await charge(ctx, world, "one");
      await ctx.pause({ payload: { answer: null } });
      return charge(ctx, world, "two");
    },
  };
  const changes: Record<string, Programs> = {
    "a renamed step": {
      main: async (ctx, world) => {
        await charge(ctx, world, "uno");
        await ctx.pause({ payload: { answer: null } });
      },
    },
    "a changed input": {
      main: async (ctx, world) => {
        await ctx.effect("one", { more: true }, {}, (attempt) => world.wire(ctx.executionId).plain("one", attempt));
        await ctx.pause({ payload: { answer: null } });
      },
    },
    "a removed call": { main: (ctx) => ctx.pause({ payload: { answer: null } }) },
    "a call before all others": {
      main: async (ctx, world) => {
        await charge(ctx, world, "zero");
        await original.main?.(ctx, world, null);
      },
    },
    "a renamed wait": {
      main: async (ctx, world) => {
        await charge(ctx, world, "one");
        await charge(ctx, world, "instead");
      },
    },
    "an end before everything": { main: async () => "nothing" },
    "a call of another kind": {
      main: async (ctx) => {
        await ctx.step("one", () => 1);
        await ctx.pause({ payload: { answer: null } });
      },
    },
  };

  it.each(Object.entries(changes))("blocks the execution and touches nothing: %s", async (_, changed) => {
    const programs = { now: original };
    const world = worldOf(programs);
    await run(world, () => world.root.view.state?.status === "waiting");
    const done = { ...world.outside.applied() };
    programs.now = changed;
    world.deploy();
    const [gate] = world.root.view.gates.values();
    world.dispatch(ROOT, { type: "decide_gate", gateId: gate?.gateId ?? "", decision: "approved", by: "ann" });
    await run(world, () => world.root.view.state?.status === "blocked");
    expect(world.root.view.state?.reason).toMatch(/^program_changed: /);
    expect(world.outside.applied()).toEqual(done);

    programs.now = original;
    world.dispatch(ROOT, { type: "resume", by: "dora" });
    await run(world);
    expect(world.root.view.state?.status).toBe("succeeded");
    expect(world.outside.applied()).toEqual({ one: 1, two: 1 });
    expect(world.wrongs).toEqual([]);
  });

  type Part = (ctx: Context, world: SimWorld) => unknown;
  const one: Part = (ctx, world) => charge(ctx, world, "one");
  const now: Part = (ctx) => ctx.now();
  const dice: Part = (ctx) => ctx.random();
  const decided: Part = (ctx) => ctx.pause({ payload: { answer: null } });
  const two: Part = (ctx, world) => charge(ctx, world, "two");
  const inTurn = (...parts: readonly Part[]): Programs => ({
    main: async (ctx, world) => {
      for (const part of parts) await part(ctx, world);
      return "done";
    },
  });

  it.each<[string, "blocked" | "succeeded", readonly Part[]]>([
    ["dice at a new place before all others", "blocked", [dice, one, now, decided, two]],
    ["dice at a new place in the middle", "blocked", [one, dice, now, decided, two]],
    ["another clock before the old one", "blocked", [one, now, now, decided, two]],
    ["a clock that is asked earlier", "blocked", [now, one, decided, two]],
    ["a clock that is asked later", "blocked", [one, decided, now, two]],
    ["no clock any more", "blocked", [one, decided, two]],
    ["dice where the log ends", "succeeded", [one, now, decided, dice, now, two]],
    ["nothing new", "succeeded", [one, now, decided, two]],
  ])("treats clock and dice as entries like any other: %s", async (_what, status, parts) => {
    const programs = { now: inTurn(one, now, decided, two) };
    const world = worldOf(programs);
    await run(world, () => world.root.view.state?.status === "waiting");
    programs.now = inTurn(...parts);
    world.deploy();
    const [gate] = world.root.view.gates.values();
    world.dispatch(ROOT, { type: "decide_gate", gateId: gate?.gateId ?? "", decision: "approved", by: "ann" });
    await run(world, () => world.root.view.state?.status === status);
    expect(world.root.view.state?.status).toBe(status);
    expect(world.outside.applied()).toEqual(status === "blocked" ? { one: 1 } : { one: 1, two: 1 });
    const values = world.root.view.events.filter(({ data }) => "kind" in data && data.kind === "value");
    if (status === "blocked") expect(values).toHaveLength(1);
  });

  it("goes on by itself with a deployment whose code fits again, and is tried once by each that does not", async () => {
    const programs = { now: original };
    const world = worldOf(programs);
    const state = () => world.root.view.state;
    await run(world, () => state()?.status === "waiting");
    programs.now = changes["a changed input"] ?? {};
    world.deploy();
    const [gate] = world.root.view.gates.values();
    world.dispatch(ROOT, { type: "decide_gate", gateId: gate?.gateId ?? "", decision: "approved", by: "ann" });
    await run(world, () => state()?.status === "blocked");
    const blocks = () => types(world).filter((type) => type === "execution.blocked").length;
    const retry = () => world.dispatch(ROOT, { type: "retry_program", deployment: world.deployment ?? "" });
    for (const times of [2, 3]) {
      world.deploy();
      retry();
      await run(world, () => blocks() === times);
      retry();
      for (let tick = 0; tick < 20; tick += 1) await world.tick();
      expect(blocks()).toBe(times);
    }
    world.dispatch(ROOT, { type: "retry_program", deployment: "of code that does not answer" });
    expect(blocks()).toBe(3);
    programs.now = original;
    world.deploy();
    retry();
    await run(world);
    expect(state()?.status).toBe("succeeded");
    expect(world.outside.applied()).toEqual({ one: 1, two: 1 });
    expect(world.wrongs).toEqual([]);
  });

  it("blocks when the function is gone, and goes on when it is back", async () => {
    const functions: Programs = { main: (ctx) => ctx.call("a.child", 1), child: original.main ?? (async () => 0) };
    const programs = { now: functions };
    const world = worldOf(programs);
    await run(world, () => types(world).includes("execution.waiting"));
    const id = [...world.stores.keys()].find((known) => known !== ROOT) ?? "";
    const child = () => world.store(id).view.state;
    programs.now = { main: functions.main ?? (async () => 0) };
    world.deploy();
    const [gate] = world.store(id).view.gates.values();
    world.dispatch(id, { type: "decide_gate", gateId: gate?.gateId ?? "", decision: "approved", by: "ann" });
    await run(world, () => child()?.status === "blocked");
    expect(child()?.reason).toBe("program_changed: no function a.child is known to this version of the code");

    programs.now = functions;
    world.deploy();
    world.dispatch(id, { type: "resume", by: "dora" });
    await run(world);
    expect(world.root.view.state?.status).toBe("succeeded");
    expect(world.wrongs).toEqual([]);
  });
});

describe("a cancel", () => {
  const programs: Programs = {
    main: async (ctx) => ctx.call("a.child", 1),
    child: (ctx, world) => charge(ctx, world),
  };

  it.each([1, 2, 3, 4, 5, 6, 7, 8])(
    "overtakes a start or follows it, and the child does not outlive it (seed %i)",
    async (seed) => {
      const world = worldOf({ now: programs }, { seed });
      await run(world, () => types(world).includes("child.started"));
      world.root.flushed(world.root.mark);
      // The process dies with the start under way: it will be sent again, beside the cancel.
      world.crash([ROOT]);
      world.dispatch(ROOT, { type: "cancel", by: "eve" });
      expect(world.actor(ROOT).pendingAfterCancel()).toHaveLength(1);
      for (let tick = 0; tick < 20; tick += 1) await world.tick();
      // The start may win, and the child may even be done by then; but it never outlives the cancel.
      const [root, child] = [...world.stores.values()].map(({ view }) => view.state?.status);
      expect(root).toBe("cancelled");
      expect(child).toMatch(/^(cancelled|succeeded)$/);
      expect(world.actor(ROOT).pendingAfterCancel()).toEqual([]);
      expect(world.wrongs).toEqual([]);
    },
  );

  it("of an execution that never started creates it cancelled, and refuses its start", async () => {
    const world = worldOf({ now: programs });
    const { origin } = world.root.view.state ?? {};
    if (!origin) throw new Error("the root was not created");
    const command = { type: "create", origin: { ...origin, id: "exec_x", owned: false }, input: 1 } as const;
    const child = world.actor("exec_x");
    expect((await child.cancelOrRefuse(command, "parent cancelled")).ok).toBe(true);
    expect(await child.accept(command)).toEqual({ ok: true, events: [] });
    expect(await child.cancelOrRefuse(command, "parent cancelled")).toEqual({ ok: true, events: [] });
    await run(world);
    const written = ["execution.created", "execution.queued", "execution.cancelled"];
    expect(world.store("exec_x").view.events.map(({ type }) => type)).toEqual(written);
    // One commit: what was sent and acknowledged is no further one.
    expect(world.store("exec_x").mark).toBe(1);
  });

  it.each([1, 2, 3, 4, 5, 6, 7, 8])(
    "is quiesced only when the children of its children have ended (seed %i)",
    async (seed) => {
      const programs: Programs = {
        main: (ctx) => ctx.call("a.middle", 1),
        middle: (ctx) => ctx.call("a.leaf", 1),
        leaf: (ctx) => ctx.signal("never"),
      };
      const world = worldOf({ now: programs }, { seed });
      await run(
        world,
        () => world.stores.size === 3 && [...world.stores.values()].every(({ view }) => view.state?.suspended),
      );
      world.dispatch(ROOT, { type: "cancel", by: "eve" });
      await run(world, () => {
        const quiesced = world.actor(ROOT).pendingAfterCancel().length === 0;
        const ended = [...world.stores.values()].every(({ view }) => view.state?.status === "cancelled");
        expect(!quiesced || ended).toBe(true);
        return quiesced;
      });
      expect(world.actor(ROOT).pendingAfterCancel()).toEqual([]);
    },
  );
});

describe("a person who is awaited two levels below", () => {
  it("is awaited by everybody above, and each goes on when the decision is there", async () => {
    const programs: Programs = {
      main: (ctx) => ctx.call("a.middle", 1),
      middle: (ctx) => ctx.call("a.asker", 1),
      asker: async (ctx) => (await ctx.pause({ payload: { answer: null } })).decision,
    };
    const world = worldOf({ now: programs });
    const views = () => [...world.stores.values()].map(({ view }) => `${view.state?.status} ${view.state?.reason}`);
    await run(world, () => views().length === 3 && views().every((text) => text.startsWith("waiting")));
    expect(views()).toEqual(["waiting awaiting_child", "waiting awaiting_child", "waiting waiting_for_approval"]);
    const [id = "", store] = [...world.stores].at(-1) ?? [];
    const [gate] = store?.view.gates.values() ?? [];
    world.dispatch(id, { type: "decide_gate", gateId: gate?.gateId ?? "", decision: "approved", by: "ann" });
    await run(world);
    expect(world.root.view.state?.status).toBe("succeeded");
    expect(world.wrongs).toEqual([]);
  });
});

describe("a pause (E6)", () => {
  it("writes down what comes in and tells the program nothing of it until the resume", async () => {
    const heard: string[] = [];
    const main: Programs[string] = async (ctx, world) => {
      heard.push(String(await charge(ctx, world)));
      return "done";
    };
    const world = worldOf({ now: { main } }, { people: [] });
    await run(world, () => types(world).includes("step.started"));
    world.dispatch(ROOT, { type: "pause", by: "eve" });
    await run(world, () => types(world).includes("step.completed"));
    await world.quiet();
    expect([world.root.view.state?.status, heard]).toEqual(["paused", []]);
    world.dispatch(ROOT, { type: "resume", by: "dora" });
    await run(world);
    expect([world.root.view.state?.status, heard]).toEqual(["succeeded", ["charge!"]]);
  });
});
