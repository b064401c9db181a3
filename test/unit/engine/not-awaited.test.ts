/** What a program asks for and does not await, and what it waits for by itself: nothing of it is dropped in silence. */
import { describe, expect, it } from "vitest";
import type { Context } from "../../../src/define/context.ts";
import { checkInvariants } from "../../../src/domain/invariants/invariants.ts";
import { approver, decider, signaler, truthful } from "../../support/simulator/people/people.ts";
import type { SimWorld } from "../../support/simulator/sim-world.ts";
import { ROOT } from "../../support/simulator/sim-world.ts";
import type { Programs } from "../../support/simulator/small-world.ts";
import { charge, run, types, worldOf } from "../../support/simulator/small-world.ts";

type Main = (ctx: Context, world: SimWorld) => Promise<unknown>;

const people = [decider, truthful, approver, signaler([{ name: "go", data: 1, early: true }])];

function worldWith(main: Main, more: Programs = {}): SimWorld {
  return worldOf({ now: { main, ...more } }, { people, limits: { maxRecoveries: 1_000 } });
}

function ends(world: SimWorld): void {
  const { events, state, timers } = world.root.view;
  expect(state?.status).toBe("succeeded");
  const reports = state ? checkInvariants({ events, state, timers, now: world.now }) : [];
  expect(reports.filter(({ verdict }) => verdict === "violated")).toEqual([]);
  expect(world.wrongs).toEqual([]);
}

/** Undisturbed, and with a crash after each number of ticks. */
async function everyLife(make: () => SimWorld, look: (world: SimWorld) => void): Promise<void> {
  const calm = make();
  await run(calm);
  look(calm);
  for (let at = 1; at <= calm.ticks; at += 1) {
    const world = make();
    for (let tick = 0; tick < at; tick += 1) await world.tick();
    await world.quiet();
    world.crash();
    await run(world);
    look(world);
  }
}

const VERBS: readonly (readonly [string, Main, string])[] = [
  ["step", async (ctx) => void ctx.step("s", () => 1), "step.completed"],
  ["effect", async (ctx, world) => void charge(ctx, world), "step.completed"],
  ["turn", async (ctx) => void ctx.generate({ messages: "x", maxTokens: 5 }), "turn.completed"],
  ["call", async (ctx) => void ctx.call("a.child", 1), "child.finished"],
  ["sleep", async (ctx) => void ctx.sleep(5_000), "step.completed"],
  ["signal", async (ctx) => void ctx.signal("go"), "step.completed"],
  ["pause", async (ctx) => void ctx.pause({ payload: { answer: "approved" } }), "gate.decided"],
  ["all", async (ctx, world) => void ctx.all([1, 2], String, (_, inner) => charge(inner, world)), "step.completed"],
  ["note", async (ctx) => void ctx.note("said"), "note.added"],
  ["progress", async (ctx) => void ctx.progress({ percent: 50 }), "progress.reported"],
];

describe.each(VERBS)("ctx.%s that is not awaited at the end", (_, main, event) => {
  it("is begun and awaited, in every life", async () => {
    await everyLife(
      () => worldWith(main, { child: (ctx, world) => charge(ctx, world, "child") }),
      (world) => {
        ends(world);
        expect(types(world)).toContain(event);
        for (const times of Object.values(world.outside.applied())) expect(times).toBeLessThanOrEqual(2);
      },
    );
  });
});

describe("forEach(async …)", () => {
  const all = Object.fromEntries(["charge-a", "charge-b", "charge-c", "mail-a", "mail-b", "mail-c"].map((n) => [n, 1]));

  it("does everything, as many steps deep as it goes, in every life", async () => {
    const main: Main = async (ctx, world) => {
      for (const name of ["a", "b", "c"])
        void (async () => {
          await charge(ctx, world, `charge-${name}`);
          await charge(ctx, world, `mail-${name}`);
        })();
      return "done";
    };
    await everyLife(
      () => worldWith(main),
      (world) => {
        ends(world);
        expect(world.outside.applied()).toEqual(all);
      },
    );
  });

  it("does it too where the program awaited something else meanwhile", async () => {
    const main: Main = async (ctx, world) => {
      for (const name of ["a", "b", "c"])
        void charge(ctx, world, `charge-${name}`).then(() => charge(ctx, world, `mail-${name}`));
      await ctx.step("other", () => 1);
      return "done";
    };
    await everyLife(
      () => worldWith(main),
      (world) => {
        ends(world);
        expect(world.outside.applied()).toEqual(all);
      },
    );
  });
});

describe("what lost a race before the end", () => {
  it("does not hold it up: a sleep, a signal, a child", async () => {
    const main: Main = async (ctx, world) => {
      void ctx.sleep(86_400_000);
      void ctx.signal("never");
      void ctx.call("a.endless", 1);
      return charge(ctx, world);
    };
    const world = worldWith(main, { endless: (ctx) => ctx.signal("never") });
    const began = world.now;
    await run(world, () => world.root.view.state?.status === "succeeded");
    ends(world);
    expect(world.now - began).toBeLessThan(60_000);
  });

  it("holds it up for ten seconds at most when it is a try that never ends", async () => {
    const main: Main = async (ctx) => {
      void ctx.effect("hung", 1, {}, () => new Promise(() => {}));
      await ctx.sleep(1_000);
      return "gone on";
    };
    const world = worldWith(main);
    const began = world.now;
    await run(world, () => world.root.view.state?.status === "succeeded");
    expect(world.now - began).toBeGreaterThanOrEqual(11_000);
    expect(world.now - began).toBeLessThan(20_000);
  });
});

describe("a program that waits for something of its own between its asks", () => {
  /** A timer of the program: nothing of the journal knows it. */
  const own = async (turns: number) => {
    for (let turn = 0; turn < turns; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  };

  it("is waited for after a crash instead of being taken for another program", async () => {
    const main: Main = async (ctx, world) => {
      await charge(ctx, world, "one");
      await own(3);
      const now = ctx.now();
      await own(3);
      await charge(ctx, world, "two");
      await own(5);
      return now > 0;
    };
    const patient = () => {
      const world = worldWith(main);
      // Its own timers go by while nothing of the platform is to happen.
      const { tick } = world;
      world.tick = async () => {
        for (let turn = 0; turn < 8; turn += 1) await world.quiet();
        return tick.call(world);
      };
      return world;
    };
    await everyLife(patient, (world) => {
      ends(world);
      expect(types(world)).not.toContain("execution.blocked");
    });
  });

  it("is blocked when it asks for nothing within the bound", async () => {
    const programs: { now: Programs } = {
      now: {
        main: async (ctx, world) => {
          await charge(ctx, world, "one");
          return ctx.signal("never");
        },
      },
    };
    const world = worldOf(programs);
    await run(world, () => world.root.view.state?.suspended === "awaiting_signal");
    programs.now = { main: () => new Promise(() => {}) };
    world.deploy();
    const began = world.now;
    world.dispatch(ROOT, { type: "signal", signals: [{ name: "never", data: 1 }], by: "ann" });
    await run(world, () => world.root.view.state?.status === "blocked");
    expect(world.root.view.state?.reason).toMatch(/^program_changed: /);
    expect(world.now - began).toBeGreaterThanOrEqual(10_000);
  });
});
