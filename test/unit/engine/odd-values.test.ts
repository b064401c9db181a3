/** What the log cannot take is an error of the verb that brought it, and the execution goes on. */
import { describe, expect, it } from "vitest";
import type { Context } from "../../../src/define/context.ts";
import { ExecutionFailure, StepError } from "../../../src/define/errors.ts";
import { TurnFailure } from "../../../src/domain/model/conversation.ts";
import { MAX_ROW_BYTES, utf8Bytes } from "../../../src/domain/values/json-text.ts";
import { decider } from "../../support/simulator/people/people.ts";
import type { SimWorld } from "../../support/simulator/sim-world.ts";
import { ROOT } from "../../support/simulator/sim-world.ts";
import { run, worldOf } from "../../support/simulator/small-world.ts";

type Main = (ctx: Context, world: SimWorld) => Promise<unknown>;
const codeOf = (error: unknown) => (error instanceof StepError ? error.code : String(error));
/** The code that a verb rejects with. */
const heard =
  (verb: Main): Main =>
  (ctx, world) =>
    verb(ctx, world).then(() => "nothing", codeOf);
const large = "x".repeat(1_400_000);
const circle: Record<string, unknown> = {};
circle.self = circle;
const odd = <T>(value: unknown) => value as T;

async function ended(main: Main) {
  const world = worldOf({ now: { main, child: async () => 1 } }, { people: [decider] });
  await run(world);
  expect(world.wrongs).toEqual([]);
  for (const text of world.root.view.log.flat()) expect(utf8Bytes(text)).toBeLessThanOrEqual(MAX_ROW_BYTES);
  // What is stored is read again, and takes a command.
  world.evict();
  const { journal } = world.actor(ROOT);
  expect(journal.state?.status).toBe(world.root.view.state?.status);
  return world.root.view.events.at(-1)?.data as { output?: unknown; code?: string };
}

describe("a verb that brings what the log cannot take rejects:", () => {
  it.each<[string, Main, string]>([
    ["progress that is no number", (ctx) => ctx.progress({ percent: Number.NaN }), "invalid_value"],
    ["progress beyond everything", (ctx) => ctx.progress({ percent: 101 }), "invalid_value"],
    ["progress of endless work", (ctx) => ctx.progress({ total: Number.POSITIVE_INFINITY }), "invalid_value"],
    ["progress with a field of its own", (ctx) => ctx.progress(odd({ percent: 1, colour: "red" })), "invalid_value"],
    ["a note larger than a row", (ctx) => ctx.note(large + large), "value_too_large"],
    ["tags larger than a row", (ctx) => ctx.note("x", [large, large]), "value_too_large"],
    ["a note that is no text", (ctx) => ctx.note(odd(5)), "invalid_value"],
    ["half a child's turn", (ctx) => ctx.call("a.child", 1, { budget: { maxTurns: 0.5 } }), "invalid_options"],
    [
      "a child's budget that is none",
      (ctx) => ctx.call("a.child", 1, { budget: { maxCostUsd: Number.NaN } }),
      "invalid_options",
    ],
    ["a timeout that is none", (ctx) => ctx.step("s", () => 1, { timeoutMs: Number.NaN }), "invalid_options"],
    ["options of a person that are no texts", (ctx) => ctx.pause({ options: odd([1]) }), "invalid_options"],
    [
      "an option of a person that is longer than a text on a button",
      (ctx) => ctx.pause({ payload: large, options: [large] }),
      "invalid_options",
    ],
    [
      "a result and a scratch that are together larger than a row",
      (ctx) =>
        ctx.step("s", ({ scratchpad }) => {
          scratchpad.record("pad", large);
          return large;
        }),
      "value_too_large",
    ],
    [
      "a code longer than all codes",
      (ctx) => ctx.step("s", () => Promise.reject(new StepError("c".repeat(5_000), "m"))),
      "c".repeat(200),
    ],
    ["a name longer than a name", (ctx) => ctx.step("n".repeat(5_000), () => 1), "invalid_options"],
    [
      "branches longer than a key",
      (ctx) =>
        ctx.all(
          [1],
          () => "k".repeat(400),
          (_, a) =>
            a.all(
              [1],
              () => "k".repeat(450),
              async () => 1,
            ),
        ),
      "invalid_options",
    ],
  ])("%s", async (...[, main, code]) => expect(await ended(heard(main))).toEqual({ output: code }));

  it.each<[string, unknown]>([
    ["contain themselves", circle],
    ["hold a bigint", { sum: 1n }],
    ["are larger than a row", { text: large + large }],
  ])("an error whose details %s ends its try, and its execution stays readable", async (_, details) => {
    const throws = () => Promise.reject(new StepError("x", "m", odd(details)));
    expect((await ended(heard((ctx) => ctx.step("s", throws)))).output).toMatch(/^(x|value_.*)$/);
    expect(await ended((ctx) => ctx.step("s", throws))).toHaveProperty("code");
    const failure = await ended(() => Promise.reject(new ExecutionFailure("mine", "m", odd(details))));
    expect(failure.code).toMatch(/^(mine|value_.*)$/);
  });

  it("a provider's wait that is none", async () => {
    for (const retryAfterMs of [Number.NaN, Number.POSITIVE_INFINITY, -1, 1e300]) {
      const thrown = new TurnFailure("overloaded", "later", odd({ retryAfterMs }));
      const options = { idempotent: true, maxAttempts: 2, backoff: 0 };
      const output = await ended(heard((ctx) => ctx.effect("e", 1, options, () => Promise.reject(thrown))));
      expect(output).toHaveProperty("output");
    }
  });
});

it("a cancel ends an execution whose verb brought such a thing", async () => {
  const main: Main = async (ctx) => {
    void ctx.progress({ percent: Number.NaN });
    await ctx.signal("never");
  };
  const world = worldOf({ now: { main } });
  await run(world, () => world.root.view.state?.suspended !== undefined);
  world.evict();
  world.dispatch(ROOT, { type: "cancel", by: "eve" });
  await world.quiet();
  expect(world.root.view.state?.status).toBe("cancelled");
});
