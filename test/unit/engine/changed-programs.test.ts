/** Changed code meets an old log: what fits goes on, and what does not is blocked before it touches anything (E3). */
import { describe, expect, it } from "vitest";
import type { Context } from "../../../src/define/context.ts";
import type { SimWorld } from "../../support/simulator/sim-world.ts";
import { ROOT } from "../../support/simulator/sim-world.ts";
import { charge, run, worldOf } from "../../support/simulator/small-world.ts";

interface Asking {
  readonly ctx: Context;
  readonly world: SimWorld;
}
type Move = (asking: Asking) => unknown;

const now: Move = ({ ctx }) => ctx.now();
const random: Move = ({ ctx }) => ctx.random();
const note: Move = ({ ctx }) => ctx.note("said");
const step: Move = ({ ctx }) => ctx.step("new", () => 1);
const pay = (name: string, input = 1): Move => {
  return ({ ctx, world }) => ctx.effect(name, input, {}, (attempt) => world.wire(ctx.executionId).plain(name, attempt));
};
const extra: Move = async ({ ctx, world }) => ctx.patched("extra") && (await pay("extra")({ ctx, world }));
const rest: Move = ({ ctx }) => ctx.sleep(60_000);

const OLD: readonly Move[] = [now, pay("a"), random, pay("b"), now, rest];
const inserted = (at: number, move: Move) => OLD.toSpliced(at, 0, move);
const removed = (at: number) => OLD.toSpliced(at, 1);
const swapped = (at: number) => OLD.toSpliced(at, 2, OLD[at + 1] as Move, OLD[at] as Move);

/** The name of an entry at each place of `OLD`, as reasons say it. */
const BLOCKED: readonly (readonly [string, readonly Move[]])[] = [
  ...[0, 1, 2, 3, 4].flatMap((at) => [
    [`a clock before place ${at}`, inserted(at, now)] as const,
    [`dice before place ${at}`, inserted(at, random)] as const,
    [`a step before place ${at}`, inserted(at, step)] as const,
    [`nothing at place ${at}`, removed(at)] as const,
    [`places ${at} and ${at + 1} exchanged`, swapped(at)] as const,
  ]),
  ["another input", OLD.toSpliced(1, 1, pay("a", 2))],
  ["another name", OLD.toSpliced(1, 1, pay("c"))],
  ["an end before all was asked", OLD.slice(0, 3)],
];

const GOES_ON: readonly (readonly [string, readonly Move[]])[] = [
  ["the same", OLD],
  ["a note anywhere", inserted(2, note)],
  ["a clock behind all of it", [...OLD, now]],
  ["dice behind all of it", [...OLD, random]],
  ["an effect behind all of it", [...OLD, pay("c")]],
  ["a change with an id in between", inserted(2, extra)],
  ["a change with an id before all of it", inserted(0, extra)],
  ["something beside it", [({ ctx }) => void ctx.step("beside", () => 1), ...OLD]],
];

async function deployed(moves: readonly Move[], old: readonly Move[] = OLD) {
  const main = (all: readonly Move[]) => async (ctx: Context, world: SimWorld) => {
    for (const move of all) await move({ ctx, world });
    return charge(ctx, world, "end");
  };
  const programs = { now: { main: main(old) } };
  const world = worldOf(programs, { people: [] });
  await run(world, () => world.root.view.state?.suspended === "sleeping");
  const before = world.outside.applied();
  programs.now = { main: main(moves) };
  world.deploy();
  world.now += 60_000;
  void world.actor(ROOT).onAlarm();
  await run(world, () => world.root.view.state?.status === "blocked");
  expect(world.wrongs).toEqual([]);
  return { world, before };
}

describe("a log whose program says, after a deployment,", () => {
  it.each(BLOCKED)("%s: is blocked, and nothing is touched", async (_name, moves) => {
    const { world, before } = await deployed(moves);
    expect(world.root.view.state?.reason).toMatch(/^program_changed: /);
    expect(world.outside.applied()).toEqual(before);
  });

  it.each(GOES_ON)("%s: goes on", async (_name, moves) => {
    const { world } = await deployed(moves);
    expect(world.root.view.state?.status).toBe("succeeded");
    expect(world.outside.applied()).toMatchObject({ a: 1, b: 1, end: 1 });
  });
});

describe("a change with an id", () => {
  it("is done by what comes to its place first, once, and its id may go later", async () => {
    const { world } = await deployed(inserted(2, pay("extra")), inserted(2, extra));
    expect(world.root.view.state?.status).toBe("succeeded");
    expect(world.outside.applied()).toMatchObject({ a: 1, extra: 1, b: 1, end: 1 });
  });

  it("has one answer for all of an execution", async () => {
    const { world } = await deployed([...inserted(2, extra), extra]);
    expect(world.outside.applied()).toEqual({ a: 1, b: 1, end: 1 });
    const twice = await deployed([...inserted(2, extra), extra], [...inserted(2, extra), extra]);
    expect(twice.world.root.view.state?.status).toBe("succeeded");
    expect(twice.world.outside.applied()).toMatchObject({ extra: 2 });
  });

  it("whose id is none, or is too long, is refused by name", async () => {
    const said: string[] = [];
    const asked = (id: string) => async (ctx: Context) => {
      try {
        ctx.patched(id);
      } catch (error) {
        said.push(String(error));
      }
      return null;
    };
    for (const id of ["", "x".repeat(501), "%".repeat(500)]) await run(worldOf({ now: { main: asked(id) } }));
    expect(said).toEqual([
      expect.stringContaining("ctx.patched: the id"),
      expect.stringContaining("ctx.patched: the id has 501 characters"),
      expect.stringContaining("1509 characters"),
    ]);
  });
});

describe("a verb that is called as it may not be", () => {
  const CALLS: readonly (readonly [string, (ctx: Context) => unknown])[] = [
    ["step", (ctx) => ctx.step("", () => 1)],
    ["step", (ctx) => ctx.step("x", () => 1, { input: 1n as never })],
    ["step", (ctx) => ctx.step("x".repeat(501), () => 1)],
    ["effect", (ctx) => ctx.effect("x", undefined as never, { maxAttempts: Number.NaN }, () => 1)],
    ["effect", (ctx) => ctx.effect("x", { at: Number.NaN }, {}, () => 1)],
    ["ask", (ctx) => ctx.generate({ messages: "x", maxTokens: 0 })],
    ["ask", (ctx) => ctx.generate(null as never)],
    ["ask", (ctx) => ctx.generate({ messages: [{ role: "user", content: 1n as never }], maxTokens: 1 })],
    ["call", (ctx) => ctx.call("", null)],
    ["call", (ctx) => ctx.call("a.main", (() => 1) as never)],
    ["pause", (ctx) => ctx.pause({ approvers: [] })],
    ["waitForApproval", (ctx) => ctx.waitForApproval({ url: "no address" })],
    ["signal", (ctx) => ctx.signal(" ")],
    ["signal", (ctx) => ctx.signal("x", { timeoutMs: -1 })],
    ["sleep", (ctx) => ctx.sleep(new Date("no date"))],
    ["sleep", (ctx) => ctx.sleep(Number.NaN)],
    ["sleep", (ctx) => ctx.sleep(1, { name: "" })],
    [
      "all",
      (ctx) =>
        ctx.all(
          [1, 1],
          () => "",
          async () => 1,
        ),
    ],
    ["all", (ctx) => ctx.all(null as never, String, async () => 1)],
    ["race", (ctx) => ctx.race({})],
    ["race", (ctx) => ctx.race(null as never)],
    ["race", (ctx) => ctx.race({ " ": () => 1 })],
    ["within", (ctx) => ctx.within(Number.NaN, async () => 1)],
    ["within", (ctx) => ctx.within(5, null as never)],
    ["note", (ctx) => ctx.note("x".repeat(2_000_000))],
    ["progress", (ctx) => ctx.progress({ percent: Number.NaN })],
  ];

  it.each(CALLS)("rejects, and throws nothing: ctx.%s", async (_verb, call) => {
    let answer: unknown = "nothing";
    const main = async (ctx: Context) => {
      try {
        answer = call(ctx);
      } catch {
        answer = "thrown at once";
      }
      return Promise.resolve(answer).then(
        () => "no error",
        (error: unknown) => (error instanceof Error ? "rejected" : String(error)),
      );
    };
    const world = worldOf({ now: { main } });
    await run(world);
    expect(answer).toBeInstanceOf(Promise);
    expect(world.root.view.events.at(-1)?.data).toMatchObject({ output: "rejected" });
  });

  it("ends at the year 9999: what is further away is refused by name, or is no limit", async () => {
    const main = async (ctx: Context) => {
      const far = await ctx.sleep(Number.MAX_SAFE_INTEGER).catch((error: Error) => error.message);
      const date = await ctx.sleep(new Date(8.64e15)).catch((error: Error) => error.message);
      const within = await ctx.within(Number.POSITIVE_INFINITY, async (inner) => {
        await inner.sleep(1_000);
        return "in time";
      });
      return [far, date, within];
    };
    const world = worldOf({ now: { main } });
    await run(world);
    const refused = expect.stringContaining("ctx.sleep");
    expect(world.root.view.events.at(-1)?.data).toMatchObject({ output: [refused, refused, "in time"] });
  });
});
