/** `ctx.race` and `ctx.within`: who wins, and what becomes of what the losers wait for. */
import { describe, expect, expectTypeOf, it } from "vitest";
import { EffectBody, effectBody } from "../../../../src/contract/executions/body.ts";
import type { Context } from "../../../../src/define/context.ts";
import { StepError } from "../../../../src/define/errors.ts";
import { checkInvariants } from "../../../../src/domain/invariants/invariants.ts";
import { whyNotEnded } from "../../../../src/domain/read-models/why.ts";
import type { Json } from "../../../../src/domain/values/json.ts";
import { effectsOf } from "../../../../src/engine/views/effects-view.ts";
import type { SimWorld } from "../../../support/simulator/sim-world.ts";
import { ROOT } from "../../../support/simulator/sim-world.ts";
import { charge, run, types, worldOf } from "../../../support/simulator/small-world.ts";

type Main = (ctx: Context, world: SimWorld) => Promise<unknown>;

async function worldAfter(main: Main, more: Record<string, Main> = {}) {
  const world = worldOf({ now: { main, ...more } }, { people: [] });
  await run(world);
  expect(world.wrongs).toEqual([]);
  return world;
}
const outputOf = (world: SimWorld) => {
  const { state, events } = world.root.view;
  const result = events[(state?.resultSeq ?? 0) - 1];
  return result?.type === "execution.succeeded" ? result.data.output : result?.data;
};
const withdrawn = (world: SimWorld, id = ROOT) =>
  world.store(id).view.events.flatMap((event) => (event.type === "entry.withdrawn" ? [event.data.key] : []));
const violations = (world: SimWorld) => {
  const { events, state, timers } = world.root.view;
  const found = state ? checkInvariants({ events, state, timers, now: world.now, alarmAtMs: world.now }) : [];
  return found.filter(({ verdict }) => verdict === "violated");
};
const signal = (world: SimWorld, name: string, data: Json) =>
  world.dispatch(ROOT, { type: "signal", signals: [{ name, data }], by: "ann" });
const open = (world: SimWorld, id = ROOT) => [...world.store(id).view.gates.keys()];

describe("a race", () => {
  it("gives the name and the value of its first one, typed by the name", async () => {
    const main: Main = async (ctx) => {
      const first = await ctx.race({
        slow: (inner) => inner.signal<string>("never"),
        fast: async (inner) => {
          await inner.sleep(5);
          return 7;
        },
      });
      expectTypeOf(first).toEqualTypeOf<
        { readonly winner: "slow"; readonly value: string } | { readonly winner: "fast"; readonly value: number }
      >();
      return first;
    };
    const world = await worldAfter(main);
    expect(outputOf(world)).toEqual({ winner: "fast", value: 7 });
    expect(withdrawn(world)).toEqual(["race[slow]/signal:never"]);
  });

  it("rejects with what its first one throws, at once or later", async () => {
    const main: Main = async (ctx) => {
      const codes: unknown[] = [];
      const caught = (race: Promise<unknown>) =>
        race.catch((error) => codes.push(error instanceof StepError ? error.code : error.message));
      await caught(
        ctx.race({
          bad: () => {
            throw new Error("at once");
          },
          good: (inner) => inner.sleep(5),
        }),
      );
      await caught(
        ctx.race({ late: (inner) => inner.signal("never", { timeoutMs: 5 }), good: (inner) => inner.sleep(50) }),
      );
      await caught(ctx.race({}));
      await caught(ctx.race({ "": (inner) => inner.sleep(1) }));
      await caught(ctx.race({ no: "function" as never }));
      return codes;
    };
    const world = await worldAfter(main);
    const invalid = "invalid_options";
    expect(outputOf(world)).toEqual(["at once", "signal_timeout", invalid, invalid, invalid]);
  });

  it("clears the timers of its losers, closes their approvals and ends their waits for signals", async () => {
    const main: Main = async (ctx) => {
      await ctx.race({
        person: (inner) => inner.pause({ name: "ask" }),
        caller: (inner) => inner.signal("go", { timeoutMs: 10_000 }),
        clock: (inner) => inner.sleep(20_000),
        quick: (inner) => inner.sleep(10),
      });
      await ctx.pause({ name: "after" });
    };
    const world = worldOf({ now: { main } }, { people: [] });
    await run(world, () => world.root.view.state?.status === "waiting" && world.approvals.size === 2);
    expect(withdrawn(world)).toEqual(["race[person]/ask", "race[caller]/signal:go", "race[clock]/sleep"]);
    const { state, timers } = world.root.view;
    expect(open(world)).toHaveLength(1);
    expect([...timers.keys()].filter((name) => !name.startsWith("gate:"))).toEqual([]);
    expect([...world.approvals.values()].map(({ status }) => status).sort()).toEqual(["pending", "withdrawn"]);
    expect(state).toMatchObject({ status: "waiting", reason: "waiting_for_approval" });
    const [gate] = world.root.view.gates.values();
    expect(state && whyNotEnded(state, 5, gate ? { approval: gate } : {})?.owner).toBe("person");
    expect(violations(world)).toEqual([]);
  });

  it.each(["before the race is decided", "after it"])(
    "hides no wait for a person: a decision %s answers as it should",
    async (when) => {
      const main: Main = async (ctx) => {
        const first = await ctx.race({ person: (inner) => inner.pause(), clock: (inner) => inner.sleep(1_000) });
        return first.winner === "person" ? first.value.decision : "too late";
      };
      const world = worldOf({ now: { main } }, { people: [] });
      await run(world, () => open(world).length === 1);
      const [gateId = ""] = open(world);
      if (when === "after it") await run(world, () => withdrawn(world).length === 1);
      world.dispatch(ROOT, { type: "decide_gate", gateId, decision: "approved", by: "ann" });
      await run(world);
      expect(outputOf(world)).toBe(when === "after it" ? "too late" : "approved");
      expect(violations(world)).toEqual([]);
    },
  );

  it("swallows no signal: neither the next one nor one that a loser had taken already", async () => {
    const main: Main = async (ctx) => {
      const laps: unknown[] = [];
      for (let lap = 0; lap < 3; lap += 1) {
        const first = await ctx.race({ go: (inner) => inner.signal("go"), clock: (inner) => inner.sleep(1_000) });
        laps.push(first.winner === "go" ? first.value : "tick");
        await ctx.step("between", () => lap);
      }
      return laps;
    };
    const world = worldOf({ now: { main } }, { people: [] });
    await run(world, () => withdrawn(world).length === 1);
    signal(world, "go", "second lap");
    await run(world, () => withdrawn(world).length === 2);
    // The sleep is over and the program has not heard of it: the signal comes second.
    await run(world, () => types(world).filter((type) => type === "step.started").length === 6);
    world.evict();
    world.now += 1_000;
    void world.actor(ROOT).onAlarm();
    signal(world, "go", "is kept");
    await run(world);
    expect(outputOf(world)).toEqual(["tick", "second lap", "tick"]);
    expect(world.actor(ROOT).journal.index().signals.size).toBe(1);
    expect(violations(world)).toEqual([]);
  });

  it("aborts the tries of its losers, waits for none of them, and writes down what an effect did all the same", async () => {
    const seen: string[] = [];
    let end: (value: string) => void = () => {};
    const main: Main = async (ctx, made) => {
      const first = await ctx.race({
        step: (inner) =>
          inner.step(
            "compute",
            ({ signal: aborted }) =>
              new Promise((resolve) =>
                aborted.addEventListener("abort", () => {
                  seen.push("step");
                  resolve(0);
                }),
              ),
          ),
        effect: (inner) =>
          inner.effect("pay", 5, { maxAttempts: 3 }, ({ signal: aborted }) => {
            aborted.addEventListener("abort", () => seen.push("effect"));
            return new Promise<string>((resolve) => {
              end = resolve;
            });
          }),
        clock: (inner) => inner.sleep(1_000),
      });
      await ctx.sleep(10_000, { name: "rest" });
      await charge(ctx, made, "after");
      return first.winner;
    };
    const world = worldOf({ now: { main } }, { people: [] });
    await run(world, () => world.root.view.state?.suspended === "sleeping" && withdrawn(world).length > 0);
    expect(seen.sort()).toEqual(["effect", "step"]);
    expect(world.root.view.state).toMatchObject({ status: "running", suspended: "sleeping" });
    end("paid");
    await world.quiet();
    void world.actor(ROOT).flush();
    const { events } = world.root.view;
    expect(events.at(-1)).toMatchObject({
      type: "step.completed",
      data: { name: "pay", output: "paid", withdrawn: true },
    });
    expect(world.root.view.state).toMatchObject({ suspended: "sleeping" });
    await run(world);
    expect(outputOf(world)).toBe("clock");
    expect(violations(world)).toEqual([]);
  });

  it("makes no other try for a loser, and asks no person what became of it", async () => {
    let tries = 0;
    const main: Main = async (ctx) => {
      const first = await ctx.race({
        flaky: (inner) =>
          inner.effect("flaky", 1, { maxAttempts: 9, backoff: { initialMs: 100, jitter: false } }, () => {
            tries += 1;
            throw new Error("not yet");
          }),
        clock: (inner) => inner.sleep(150),
      });
      await ctx.sleep(60_000, { name: "long" });
      return first.winner;
    };
    const world = await worldAfter(main);
    expect(outputOf(world)).toBe("clock");
    expect(tries).toBe(2);
  });

  it("that a loser of which nobody knows the end has lost, leaves it as it is: no doubt, no other try", async () => {
    let begun = 0;
    const main: Main = async (ctx) => {
      const first = await ctx.race({
        pay: (inner) =>
          inner.effect("pay", 1, {}, () => {
            begun += 1;
            return new Promise(() => {});
          }),
        clock: (inner) => inner.sleep(1_000),
      });
      await ctx.sleep(60_000, { name: "long" });
      return first.winner;
    };
    const world = worldOf({ now: { main } }, { people: [] });
    await run(world, () => withdrawn(world).includes("race[pay]/pay"));
    world.crash();
    await run(world);
    expect(outputOf(world)).toBe("clock");
    expect(begun).toBe(1);
    expect(open(world)).toEqual([]);
    const [pay] = effectsOf(world.actor(ROOT).journal, { after: 0, waiting: [] });
    expect(pay?.effect).toMatchObject({ name: "pay", status: "open", withdrawn: true });
    expect(pay && EffectBody.parse(effectBody(pay.effect))).toMatchObject({ status: "open", withdrawn: true });
  });

  it("cancels the children of its losers, and gives back what they did not spend", async () => {
    const main: Main = async (ctx) => {
      const first = await ctx.race({
        child: (inner) => inner.call("a.child", null, { budget: { maxTokens: 100 } }),
        clock: (inner) => inner.sleep(1_000),
      });
      await ctx.sleep(60_000, { name: "long" });
      return first.winner;
    };
    const world = await worldAfter(main, { child: (ctx) => ctx.pause() });
    expect(outputOf(world)).toBe("clock");
    const [child] = [...world.stores.values()].filter(({ view }) => view.state?.origin.parentId === ROOT);
    expect(child?.view.state?.status).toBe("cancelled");
    const ends = types(world).filter((type) => type.startsWith("child."));
    expect(ends).toContain("child.finished");
    expect(world.root.view.state).toMatchObject({ openChildren: 0, reserved: { tokens: 0 } });
  });

  it("inside a race that is lost is lost with it", async () => {
    const main: Main = async (ctx) => {
      const first = await ctx.race({
        outer: (inner) =>
          inner.race({ a: (own) => own.sleep(500), b: (own) => own.within(400, (deep) => deep.signal("never")) }),
        clock: (inner) => inner.sleep(10),
      });
      await ctx.sleep(1_000, { name: "long" });
      return first.winner;
    };
    const world = await worldAfter(main);
    expect(outputOf(world)).toBe("clock");
    expect(withdrawn(world).sort()).toEqual([
      "race[outer]/race[a]/sleep",
      "race[outer]/race[b]/race[clock]/sleep",
      "race[outer]/race[b]/race[work]/signal:never",
    ]);
  });

  it("hears nothing more of a loser, whatever that asks or says", async () => {
    const main: Main = async (ctx) => {
      const first = await ctx.race({
        quick: async () => 1,
        busy: async (inner) => {
          for (let lap = 0; lap < 20; lap += 1) await Promise.resolve();
          inner.note("from a loser");
          inner.random();
          await inner.step("never", () => 1);
        },
      });
      await ctx.sleep(10);
      return first.value ?? null;
    };
    const world = await worldAfter(main);
    expect(outputOf(world)).toBe(1);
    expect(JSON.stringify(world.root.view.events)).not.toMatch(/from a loser|random|never/);
  });

  it("of a changed program withdraws nothing: the execution is blocked first", async () => {
    const original: Main = async (ctx, world) => {
      await ctx.race({ a: (inner) => inner.sleep(60_000), b: (inner) => inner.call("a.child", null) });
      return charge(ctx, world);
    };
    const child: Main = (ctx) => ctx.signal("go");
    const programs = { now: { main: original, child } };
    const world = worldOf(programs, { people: [] });
    await run(world, () => world.root.view.state?.suspended === "awaiting_child");
    const changed: Main = (ctx) =>
      ctx.race({ a: async () => 1, b: (inner) => inner.call("a.child", null), c: (inner) => inner.sleep(1) });
    programs.now = { main: changed, child };
    world.deploy();
    world.now += 60_000;
    void world.actor(ROOT).onAlarm();
    await run(world, () => world.root.view.state?.status === "blocked");
    expect(withdrawn(world)).toEqual([]);
  });
});

describe("ctx.within", () => {
  it("gives what comes in time, and throws a timeout otherwise", async () => {
    const main: Main = async (ctx) => {
      const inTime = await ctx.within(1_000, async (inner) => {
        await inner.sleep(10);
        return "in time";
      });
      const late = await ctx.within(10, (inner) => inner.signal("never")).catch((error) => error.code);
      const own = await ctx
        .within(10, async () => {
          throw new StepError("own", "its own");
        })
        .catch((error) => error.code);
      const odd = await ctx.within(Number.NaN, (inner) => inner.sleep(1)).catch((error) => error.name);
      return [inTime, late, own, odd];
    };
    const world = await worldAfter(main);
    expect(outputOf(world)).toEqual(["in time", "timeout", "own", "RangeError"]);
  });
});

describe("a loser that is at something of its own", () => {
  // In the replay the race is decided before the loser has come to its question.
  const racing =
    (looksAtClock: boolean): Main =>
    async (ctx, world) => {
      const first = await ctx.race({
        own: async (inner) => {
          await world.timer(ctx.executionId, 50);
          if (looksAtClock) inner.now();
          await inner.signal("go", { timeoutMs: 100_000 });
        },
        clock: (inner) => inner.sleep(1_000),
      });
      await ctx.sleep(60_000, { name: "long" });
      return first.winner;
    };

  it.each([
    ["before the race is decided", true],
    ["before the race is decided, where the loser looks at no clock", false],
    ["after it", true],
    ["after it, where the loser looks at no clock", false],
  ])("is no other program after a crash %s", async (when, looksAtClock) => {
    const world = worldOf({ now: { main: racing(looksAtClock) } }, { people: [] });
    await run(world, () => world.root.view.timers.has("signal:race[own]/signal:go"));
    if (when.startsWith("after it")) await run(world, () => withdrawn(world).length > 0);
    world.crash();
    world.now += 1_000;
    await run(world);
    expect(outputOf(world)).toBe("clock");
    expect(withdrawn(world)).toEqual(["race[own]/signal:go"]);
    expect(violations(world)).toEqual([]);
  });
});

describe("the end of a program whose race is decided", () => {
  it("waits for no loser, whatever that is at", async () => {
    let tries = 0;
    const main: Main = async (ctx) => {
      const never = () => {
        tries += 1;
        return new Promise(() => {});
      };
      const first = await ctx.race({
        step: (inner) => inner.step("s", never),
        effect: (inner) => inner.effect("e", 1, {}, never),
        signal: (inner) => inner.signal("go"),
        quick: (inner) => inner.sleep(10),
      });
      return first.winner;
    };
    const world = worldOf({ now: { main } }, { people: [] });
    await run(world);
    expect(outputOf(world)).toBe("quick");
    expect(tries).toBe(2);
    const { events } = world.root.view;
    expect((events.at(-1)?.atMs ?? 0) - (events[0]?.atMs ?? 0)).toBeLessThan(1_000);
    expect(violations(world)).toEqual([]);
  });
});
