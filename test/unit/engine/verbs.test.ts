import { describe, expect, it } from "vitest";
import type { Context } from "../../../src/define/context.ts";
import { StepError } from "../../../src/define/errors.ts";
import type { Json } from "../../../src/domain/values/json.ts";
import { Branch } from "../../../src/engine/program/branch.ts";
import type { SimWorld } from "../../support/simulator/sim-world.ts";
import { ROOT } from "../../support/simulator/sim-world.ts";
import { charge, run, types, worldOf } from "../../support/simulator/small-world.ts";

type Main = (ctx: Context, world: SimWorld) => Promise<unknown>;

/** Runs one program to its end: what it gave, or how it failed. */
async function outcomeOf(main: Main) {
  const world = worldOf({ now: { main } });
  await run(world);
  expect(world.wrongs).toEqual([]);
  const { state, events } = world.root.view;
  const result = events[(state?.resultSeq ?? 0) - 1];
  return result?.type === "execution.succeeded" ? result.data.output : result?.data;
}

const caught = (work: () => Promise<unknown>) =>
  work().then(
    () => "nothing was thrown",
    (error: unknown) => (error instanceof StepError ? error.code : String(error)),
  );

describe("a key (E2)", () => {
  it("is the name and its occurrence in its branch; a name cannot build one", () => {
    const branch = new Branch();
    expect([branch.key("a"), branch.key("a"), branch.key("b"), branch.key("a")]).toEqual(["a", "a#2", "b", "a#3"]);
    expect(branch.child("all", "x/y").key("a")).toBe("all[x%2fy]/a");
    expect(branch.key("all[x]/a#2%")).toBe("all%5bx%5d%2fa%232%25");
  });

  it("is refused to a second open call of one name, and free again when the first is answered", async () => {
    const main: Main = async (ctx, world) => {
      const first = charge(ctx, world);
      const second = await caught(() => charge(ctx, world));
      return [await first, second, await charge(ctx, world)];
    };
    expect(await outcomeOf(main)).toEqual(["charge!", "duplicate_key", "charge!"]);
  });

  it("of a sleep or a signal without a name counts on while others of its name are open; names do not", async () => {
    const main: Main = async (ctx) => {
      const waits = [
        ctx.sleep(10),
        ctx.sleep(5),
        ctx.signal("go", { timeoutMs: 20 }),
        ctx.signal("go", { timeoutMs: 9 }),
      ];
      const named = [ctx.sleep(3, { name: "nap" }), ctx.signal("go", { name: "nap", timeoutMs: 5 })];
      return Promise.all([...waits, ...named].map((wait) => caught(() => wait)));
    };
    const timeouts = ["signal_timeout", "signal_timeout"];
    const fine = "nothing was thrown";
    expect(await outcomeOf(main)).toEqual([fine, fine, ...timeouts, fine, "duplicate_key"]);
  });

  it("of a named wait for a signal holds the signal too: another one under the same name is another program", async () => {
    const wait =
      (signal: string): Main =>
      (ctx) =>
        ctx.signal(signal, { name: "wait" });
    const programs = { now: { main: wait("go") } };
    const world = worldOf(programs);
    await run(world, () => world.root.view.state?.suspended === "awaiting_signal");
    programs.now = { main: wait("stop") };
    world.deploy();
    world.dispatch(ROOT, { type: "signal", signals: [{ name: "go", data: 1 }], by: "ann" });
    await run(world, () => world.root.view.state?.status === "blocked");
    expect(world.root.view.state?.reason).toContain('the input of "wait" is not what it was');
  });

  it("is refused to two items of one name", async () => {
    const main: Main = (ctx) =>
      caught(() =>
        ctx.all(
          [1, 2],
          () => "same",
          async () => 0,
        ),
      );
    expect(await outcomeOf(main)).toBe("duplicate_key");
  });
});

describe("a value that cannot be stored", () => {
  const big = "x".repeat(1_500_001);
  it.each<[string, Main, string]>([
    ["a large result", (ctx) => caught(() => ctx.step("s", () => big)), "value_too_large"],
    ["a large input", (ctx) => caught(async () => ctx.effect("e", big, {}, () => 1)), "value_too_large"],
    ["a large input of a child", (ctx) => caught(async () => ctx.call("a.main", big)), "value_too_large"],
    ["a result that is no JSON", (ctx) => caught(() => ctx.step("s", () => 5n)), "value_not_json"],
    [
      "a sleep without end",
      (ctx) => caught(() => ctx.sleep(Number.NaN)),
      "RangeError: ctx.sleep: needs a finite number of milliseconds or a valid Date",
    ],
  ])("is told to the program: %s", async (...[, main, code]) => expect(await outcomeOf(main)).toBe(code));

  it("fails the execution as its output", async () => {
    expect(await outcomeOf(async () => "x".repeat(16 * 1_048_576))).toMatchObject({ code: "value_too_large" });
    expect(await outcomeOf(async () => 5n)).toMatchObject({ code: "value_not_json" });
  });
});

describe("a try", () => {
  it("that nobody awaits may fail without an unhandled rejection", async () => {
    const main: Main = async (ctx) => {
      void ctx.step("bad", () => Promise.reject(new Error("boom")));
      return ctx.step("good", () => 1);
    };
    expect(await outcomeOf(main)).toBe(1);
  });

  it("reads the program's scratchpad, and its own writes reach the program with its result", async () => {
    const main: Main = async (ctx) => {
      ctx.scratchpad.record("given", [1]);
      const read = await ctx.step("read", ({ scratchpad }) => {
        scratchpad.record("made", 2);
        return [scratchpad.read("given"), scratchpad.read("made")] as Json;
      });
      return [read, ctx.scratchpad.read("made")];
    };
    expect(await outcomeOf(main)).toEqual([[[1], 2], 2]);
  });

  it("is not made again when the policy itself fails, and its error is kept", async () => {
    const retryable = () => {
      throw new Error("a bug of the policy");
    };
    const main: Main = (ctx) =>
      caught(() => ctx.step("s", () => Promise.reject(new Error("x")), { maxAttempts: 3, retryable }));
    const world = worldOf({ now: { main } });
    await run(world);
    expect(world.root.view.state?.status).toBe("succeeded");
  });

  it.each([
    ["ask", "execution.waiting", 1],
    ["fail", "execution.succeeded", 1],
    ["retry", "execution.succeeded", 2],
  ] as const)("that overran its time follows its policy %s", async (...[onInterrupt, then, tries]) => {
    const main: Main = (ctx, world) => {
      const options = { onInterrupt, maxAttempts: 2, timeoutMs: 1_000, backoff: 0 };
      return caught(() =>
        ctx.effect("slow", 1, options, (attempt) => world.wire(ctx.executionId).silent("slow", attempt)),
      );
    };
    const world = worldOf({ now: { main } }, { people: [] });
    await run(world, () => types(world).includes(then));
    expect(types(world).filter((type) => type === "step.started")).toHaveLength(tries);
  });

  it("that a probe found undone is not made after a cancel, and not before a resume (E6, P3)", async () => {
    const asked: string[] = [];
    const main: Main = (ctx, world) => {
      const probe = async () => {
        asked.push("probe");
        await world.wire(ctx.executionId).look("nothing");
        return { happened: false } as const;
      };
      return ctx.effect("charge", 1, { checkOutcome: probe }, (attempt) =>
        world.wire(ctx.executionId).plain("charge", attempt),
      );
    };
    for (const verb of ["cancel", "pause"] as const) {
      asked.length = 0;
      const world = worldOf({ now: { main } }, { people: [] });
      await run(world, () => types(world).includes("step.started"));
      world.root.flushed(world.root.mark);
      world.crash([ROOT]);
      await run(world, () => asked.length > 0);
      world.dispatch(ROOT, { type: verb, by: "eve" });
      await run(world, () => world.now > 90_000_000);
      const late = world.outside.applied().charge ?? 0;
      expect(late).toBeLessThanOrEqual(1);
      expect(world.wrongs).toEqual([]);
      if (verb === "cancel") continue;
      world.dispatch(ROOT, { type: "resume", by: "dora" });
      await run(world);
      expect(world.root.view.state?.status).toBe("succeeded");
    }
  });
});

describe("an execution on the clock", () => {
  it("sleeps for thirty days with two alarms, and survives an eviction in the middle", async () => {
    const main: Main = async (ctx) => {
      await ctx.sleep(30 * 86_400_000);
      return "awake";
    };
    const world = worldOf({ now: { main } });
    await run(world, () => world.root.view.state?.suspended === "sleeping");
    const began = world.now;
    world.evict();
    await run(world);
    expect(world.root.view.state?.status).toBe("succeeded");
    expect(world.now - began).toBeGreaterThanOrEqual(30 * 86_400_000);
    expect(world.trace.filter((line) => line.startsWith("alarm")).length).toBeLessThanOrEqual(3);
  });

  it("takes signals that come together in their order, and what they cause shares their one commit", async () => {
    const main: Main = async (ctx) => {
      const heard: Json[] = [];
      while (heard.length < 100) heard.push(await ctx.signal("tick"));
      return heard;
    };
    const world = worldOf({ now: { main } });
    await run(world, () => world.root.durable.state?.suspended === "awaiting_signal");
    const { mark } = world.root;
    const tick = (data: Json) => ({ name: "tick", data });
    const told = world.actor(ROOT).dispatch({ type: "signal", signals: [tick(0), tick(1)], by: "carl" }, "carl");
    const toldToo = world.actor(ROOT).dispatch({ type: "signal", signals: [tick(2)], by: "dora" }, "dora");
    await world.quiet();
    expect((await told).ok && (await toldToo).ok).toBe(true);
    expect(world.root.mark).toBe(mark + 1);
    world.dispatch(ROOT, {
      type: "signal",
      signals: Array.from({ length: 97 }, (_, index) => tick(index + 3)),
      by: "carl",
    });
    await run(world);
    const end = world.root.view.events.find(({ type }) => type === "execution.succeeded");
    expect(end).toMatchObject({ data: { output: Array.from({ length: 100 }, (_, index) => index) } });
  });

  it("ends in one commit when it does nothing outside and its caller waits", async () => {
    const world = worldOf({ now: { main: (ctx) => ctx.step("one", () => 1) } });
    const { origin } = world.actor(ROOT).state ?? {};
    if (!origin) throw new Error("the root was not created");
    const command = { type: "create", origin: { ...origin, id: "exec_lazy" }, input: null } as const;
    world.actor("exec_lazy").start(command);
    await world.quiet();
    expect(world.store("exec_lazy").mark).toBe(1);
    expect(world.store("exec_lazy").view.state?.status).toBe("succeeded");
  });
});

describe("the rest of a program (E1)", () => {
  it("is waited for after it went on by itself too: what it asks in one breath begins in one commit", async () => {
    const own = Promise.withResolvers<void>();
    const main: Main = async (ctx, world) => {
      await own.promise;
      const later = async () => {
        for (let hop = 0; hop < 5; hop += 1) await null;
        return charge(ctx, world, "later");
      };
      return Promise.all([charge(ctx, world, "at-once"), later()]);
    };
    const world = worldOf({ now: { main } });
    await run(world, () => types(world).length > 0);
    await world.quiet();
    const commits: string[][] = [];
    world.actor(ROOT).onCommit((events) => commits.push(events.map(({ type }) => type)));
    own.resolve();
    await run(world);
    expect(world.root.view.state?.status).toBe("succeeded");
    expect(commits[0]).toEqual(["step.started", "step.started"]);
  });
});
