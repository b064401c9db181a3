/** Odd numbers, wherever a definition or a program may put one: refused by name, or the same before and after a restart. */
import { describe, expect, it } from "vitest";
import * as z from "zod";
import { timingOf } from "../../../src/compose/environment/timing.ts";
import type { Context } from "../../../src/define/context.ts";
import { defineAgent, defineExecution, StepError } from "../../../src/define/index.ts";
import { DEFAULT_TIMING } from "../../../src/engine/ports.ts";
import { worldOf } from "../../support/simulator/small-world.ts";

const ODD = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -1, -0, 0, 0.5, 1.5, 1e15, 1e308, 5e-324];
const NONE: readonly unknown[] = ["5", null, true, {}, [], 5n];

type Ask = (ctx: Context, value: number) => Promise<unknown>;

/** Where a program may put a number: the verb, the option, and which of the odd ones it takes. */
const PLACES: readonly (readonly [string, Ask, (value: number) => boolean])[] = [
  ["step maxAttempts", (ctx, value) => ctx.step("s", () => 1, { maxAttempts: value }), isCount],
  ["step timeoutMs", (ctx, value) => ctx.step("s", () => 1, { timeoutMs: value }), (value) => value > 0],
  ["step backoff", (ctx, value) => ctx.step("s", () => 1, { backoff: value }), isWait],
  ["backoff.initialMs", (ctx, value) => ctx.step("s", () => 1, { backoff: { initialMs: value } }), isWait],
  [
    "backoff.factor",
    (ctx, value) => ctx.step("s", () => 1, { backoff: { factor: value } }),
    (v) => v >= 1 && v < Infinity,
  ],
  ["backoff.maxMs", (ctx, value) => ctx.step("s", () => 1, { backoff: { maxMs: value } }), (value) => value >= 0],
  ["effect timeoutMs", (ctx, value) => ctx.effect("e", 1, { timeoutMs: value }, () => 1), (value) => value > 0],
  [
    "effect probeTimeoutMs",
    (ctx, value) => ctx.effect("e", 1, { checkTimeoutMs: value }, () => 1),
    (value) => value > 0,
  ],
  ["sleep", (ctx, value) => ctx.sleep(value), (value) => Number.isFinite(value) && value < 1e15],
  ["sleep until", (ctx, value) => ctx.sleep(new Date(value)), (value) => value >= -1 && value < 1e15],
  ["signal timeoutMs", (ctx, value) => ctx.signal("s", { timeoutMs: value }), (value) => value >= 0],
  ["pause expiresInMs", (ctx, value) => ctx.pause({ expiresInMs: value }), (value) => value >= 0],
  ["call maxTurns", (ctx, value) => ctx.call("a.child", 1, { budget: { maxTurns: value } }), isLimit],
  ["call maxTokens", (ctx, value) => ctx.call("a.child", 1, { budget: { maxTokens: value } }), isLimit],
  ["call maxCostUsd", (ctx, value) => ctx.call("a.child", 1, { budget: { maxCostUsd: value } }), (value) => value >= 0],
  ["call maxChildren", (ctx, value) => ctx.call("a.child", 1, { budget: { maxChildren: value } }), isLimit],
  [
    "ask maxTokens",
    (ctx, value) => ctx.generate({ messages: "x", maxTokens: value }),
    (v) => Number.isSafeInteger(v) && v >= 1,
  ],
];

function isCount(value: number): boolean {
  return value === Number.POSITIVE_INFINITY || (Number.isInteger(value) && value >= 1);
}
function isLimit(value: number): boolean {
  return value === Number.POSITIVE_INFINITY || (Number.isSafeInteger(value) && value >= 0);
}
function isWait(value: number): boolean {
  return value >= 0 && value < 1e15;
}

const refusal = (work: Promise<unknown>) =>
  work.then(
    () => "taken",
    (error: unknown) => {
      if (error instanceof StepError) return error.code === "invalid_options" ? "refused" : "taken";
      return error instanceof RangeError ? "refused" : String(error);
    },
  );

/** Runs it twice: undisturbed, and taken from memory again and again. What is waited for is waited for in both. */
async function livesOf(ask: Ask, value: unknown): Promise<readonly unknown[]> {
  const main = (ctx: Context) => refusal(ask(ctx, value as number));
  const ends: unknown[] = [];
  for (const restless of [false, true]) {
    const world = worldOf({ now: { main, child: async () => 1 } }, { people: [], limits: { maxRecoveries: 1_000 } });
    for (let tick = 0; tick < 200; tick += 1) {
      await world.quiet();
      if (!(await world.tick())) break;
      if (restless && tick < 24 && tick % 4 === 3) world.evict();
    }
    await world.quiet();
    expect(world.wrongs).toEqual([]);
    const { state, events, timers } = world.root.view;
    const output = events.flatMap((event) => (event.type === "execution.succeeded" ? [event.data.output] : []));
    ends.push([state?.status, state?.suspended, output, [...timers.keys()]]);
  }
  return ends;
}

describe.each(PLACES)("an odd number as %s", (place, ask, takes) => {
  it.each(ODD)("%d", async (value) => {
    const [once, again] = await livesOf(ask, value);
    expect(again).toEqual(once);
    const refused = JSON.stringify(once).includes('"refused"');
    expect(refused).toBe(!takes(value));
  });

  it("is refused when it is no number at all", async () => {
    for (const value of NONE) {
      if (place === "step backoff" && typeof value === "object") continue;
      if (place.startsWith("sleep")) continue;
      expect(await livesOf(ask, value), String(value)).toMatchObject(
        Array(2).fill(["succeeded", undefined, ["refused"], []]),
      );
    }
  });
});

describe("a number of a definition", () => {
  const agent = defineAgent({ id: "a", description: "", version: "1" });
  const execution = (more: object) =>
    defineExecution({
      ...{ key: "job", agent, name: "Job", description: "", input: z.object({}), execute: async () => "{}" },
      ...more,
    }).definition;
  const reasoner = (more: object) =>
    defineAgent({ id: "a", description: "", version: "1" })
      .reasoner("f", { input: z.unknown(), output: z.unknown(), ...more }, async () => 1)
      .functions.get("f");

  it.each<[string, object, string]>([
    ["timeoutMs", { timeoutMs: Number.NaN }, "timeoutMs is NaN"],
    ["timeoutMs", { timeoutMs: 0 }, "timeoutMs is 0"],
    ["timeoutMs", { timeoutMs: -5 }, "timeoutMs is -5"],
    ["maxRetries", { maxRetries: 1.5 }, "maxRetries is 1.5"],
    ["maxRetries", { maxRetries: Number.POSITIVE_INFINITY }, "maxRetries is Infinity"],
    ["maxToolRounds", { maxToolRounds: Number.NaN }, "maxToolRounds is NaN"],
    ["maxToolRounds", { maxToolRounds: 0 }, "maxToolRounds is 0"],
    ["budget.maxTurns", { budget: { maxTurns: 2.5 } }, "budget.maxTurns is 2.5"],
    ["budget.maxTokens", { budget: { maxTokens: Number.NaN } }, "budget.maxTokens is NaN"],
    ["budget.maxCostUsd", { budget: { maxCostUsd: -1 } }, "budget.maxCostUsd is -1"],
    ["budget.maxDurationMs", { budget: { maxDurationMs: 0 } }, "budget.maxDurationMs is 0"],
    ["budget.maxRecoveries", { budget: { maxRecoveries: -1 } }, "budget.maxRecoveries is -1"],
    ["budget.maxChildren", { budget: { maxChildren: "3" } }, 'budget.maxChildren is "3"'],
    ["a limit that is none", { budget: { maxToken: 3 } }, 'budget Unrecognized key: "maxToken"'],
    ["files.max", { files: { types: ["txt"], max: 11 } }, "files.max is 11"],
    ["files.max", { files: { types: ["txt"], max: Number.NaN } }, "files.max is NaN"],
    ["failureCodes", { failureCodes: [""] }, "failureCodes.0 must be a text"],
    ["tags", { tags: ["a", ""] }, "tags.1 must be a text"],
  ])("stops the start with its name: %s", (_, more, message) => {
    expect(() => execution(more)).toThrow(`execution "a.job": ${message}`);
  });

  it("stops it for functions and agents too", () => {
    expect(() => reasoner({ timeoutMs: Number.NaN })).toThrow('function "f": timeoutMs is NaN');
    expect(() => defineAgent({ id: "a", description: "", version: "" })).toThrow('agent "a": version must be a text');
    const config = { maxTokens: Number.POSITIVE_INFINITY };
    const odd = defineAgent({ id: "a", description: "", version: "1", config });
    expect(() => execution({ agent: odd })).toThrow('agent "a": config: maxTokens is Infinity');
  });

  it("that means no limit is one that can be stored, or is left out", () => {
    const endless = Number.POSITIVE_INFINITY;
    const { timeoutMs, budget } = execution({
      timeoutMs: endless,
      budget: { maxTurns: endless, maxCostUsd: endless, maxDurationMs: endless, maxRecoveries: endless, maxTokens: 5 },
    });
    expect(timeoutMs).toBe(253_402_300_799_999);
    expect(budget).toEqual({ maxTokens: 5, maxRecoveries: Number.MAX_SAFE_INTEGER });
    expect(JSON.parse(JSON.stringify({ timeoutMs, budget }))).toEqual({ timeoutMs, budget });
  });
});

describe("a setting of the deployment", () => {
  it.each(["abc", "NaN", "Infinity", "-5", "0", "1e308", "0.5"])(
    "that is %s stays at its default, and is logged",
    (text) => {
      const warned: string[] = [];
      const timing = timingOf({ ERRAND_HEARTBEAT_MS: text, ERRAND_MAX_TRIES: text }, (message) => warned.push(message));
      expect([timing.heartbeatMs, timing.mostTries]).toEqual([DEFAULT_TIMING.heartbeatMs, DEFAULT_TIMING.mostTries]);
      expect(warned).toEqual([
        expect.stringContaining("ERRAND_HEARTBEAT_MS is"),
        expect.stringContaining("ERRAND_MAX_TRIES is"),
      ]);
    },
  );

  it("that fits is taken", () => {
    expect(timingOf({ ERRAND_HEARTBEAT_MS: "1000", ERRAND_MAX_TRIES: "7" }, () => {})).toMatchObject({
      heartbeatMs: 1_000,
      mostTries: 7,
    });
  });
});
