/** Figures against another way to count them, and a sample that was too small for its span. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { MetricsQuery } from "../../../src/contract/operator/figures.ts";
import type { Status } from "../../../src/domain/execution/status.ts";
import { Status as StatusWord } from "../../../src/domain/execution/status.ts";
import type { Sampled } from "../../../src/domain/read-models/metrics.ts";
import { figuresOf, groupsOf, SAMPLE } from "../../../src/domain/read-models/metrics.ts";
import { Metrics } from "../../../src/operations/lists/metrics.ts";

const DAY = 86_400_000;
const START = Date.UTC(2026, 0, 1);
const ENDS: readonly Status[] = ["succeeded", "failed", "cancelled", "timeout"];

const rows = fc.array(
  fc.record({
    fn: fc.constantFrom("f", "g"),
    status: fc.constantFrom(...StatusWord.options),
    at: fc.integer({ min: 0, max: 3 * DAY }),
    took: fc.integer({ min: 0, max: 1_000 }),
    tokens: fc.integer({ min: 0, max: 50 }),
  }),
  { maxLength: 60 },
);
type Drawn = { fn: string; status: Status; at: number; took: number; tokens: number };

function sampled({ fn, status, at, took, tokens }: Drawn, n: number): Sampled {
  const createdAtMs = START + at;
  const finishedAtMs = ENDS.includes(status) ? createdAtMs + 5 + took : null;
  const times = { createdAtMs, startedAtMs: createdAtMs + 5, finishedAtMs };
  return {
    id: `e${n}`,
    agent: "a",
    fn,
    status,
    ...times,
    tokens,
    inputTokens: null,
    outputTokens: tokens,
    costUsd: 0.5,
  };
}

describe("figures", () => {
  test("a percentile is the smallest duration that so many of a hundred do not pass; rates leave out what was cancelled", () => {
    fc.assert(
      fc.property(rows, (drawn) => {
        const all = drawn.map(sampled);
        const figures = figuresOf(all);
        const ended = drawn.filter(({ status }) => ENDS.includes(status)).map(({ took }) => took);
        for (const [percent, name] of [
          [50, "p50"],
          [90, "p90"],
          [95, "p95"],
          [99, "p99"],
          [100, "max"],
        ] as const) {
          const fits = ended.filter((ms) => ended.filter((one) => one <= ms).length * 100 >= percent * ended.length);
          expect(figures.durationMs?.[name]).toBe(ended.length === 0 ? undefined : Math.min(...fits));
        }
        const judged = drawn.filter(({ status }) => ["succeeded", "failed", "timeout"].includes(status));
        const good = judged.filter(({ status }) => status === "succeeded").length;
        expect(figures.successRate).toBe(judged.length === 0 ? null : good / judged.length);
        expect(figures.executions).toBe(drawn.length);
      }),
    );
  });

  test("groups are all of it and no more, newest days first", () => {
    fc.assert(
      fc.property(rows, fc.subarray(["target", "day"] as const), (drawn, by) => {
        const all = drawn.map(sampled);
        const groups = groupsOf(all, by);
        const sum = (pick: (one: (typeof groups)[number]) => number) =>
          groups.reduce((total, one) => total + pick(one), 0);
        expect(sum(({ executions }) => executions)).toBe(drawn.length);
        expect(sum(({ tokens }) => tokens)).toBe(figuresOf(all).tokens);
        const days = groups.flatMap(({ day }) => day ?? []);
        expect(days).toEqual(days.toSorted().toReversed());
        expect(new Set(groups.map(({ target, day }) => `${target} ${day}`)).size).toBe(groups.length);
      }),
    );
  });
});

test("a span with more executions than one question reads says from when on it counts, and counts these whole", async () => {
  const found = Array.from({ length: SAMPLE + 1 }, (_, n) =>
    sampled({ fn: "f", status: "succeeded", at: Math.floor((SAMPLE + 1 - n) / 2), took: 1, tokens: 1 }, n),
  );
  const asked: number[] = [];
  const sample = async ({ limit }: { readonly limit: number }) => {
    asked.push(limit);
    return found.slice(0, limit);
  };
  const metrics = new Metrics({ sample }, () => START + DAY);
  const caller = { tenant: "t", subject: "ann", scopes: ["admin" as const] };
  const { total, countedFromMs } = await metrics.measure(caller, { since: START - 1, group_by: [] });
  expect(asked).toEqual([SAMPLE + 1]);
  const oldest = found.at(-1)?.createdAtMs ?? 0;
  expect(countedFromMs).toBe(oldest + 1);
  expect(total.executions).toBe(found.filter(({ createdAtMs }) => createdAtMs > oldest).length);
});

test("scrapes count the last day once a minute, each tenant for itself", async () => {
  const asked: string[] = [];
  const sample = async ({ tenant }: { readonly tenant: string }) => {
    asked.push(tenant);
    return [];
  };
  let now = START;
  const metrics = new Metrics({ sample }, () => now);
  const scrape = (tenant: string) => metrics.lastDay({ tenant, subject: "ann", scopes: ["admin"] });
  for (const tenant of ["t", "t", "u"]) await scrape(tenant);
  now += 59_999;
  await scrape("t");
  now += 1;
  await scrape("t");
  expect(asked).toEqual(["t", "u", "t"]);
});

/** Figures of these rows, which the index has. */
function measuring(all: readonly Sampled[], query: Partial<MetricsQuery>, now = START + DAY) {
  const sample = async ({ sinceMs, untilMs }: { readonly sinceMs: number; readonly untilMs: number }) =>
    all.filter(({ createdAtMs }) => createdAtMs >= sinceMs && createdAtMs < untilMs);
  const caller = { tenant: "t", subject: "ann", scopes: ["admin" as const] };
  return new Metrics({ sample }, () => now).measure(caller, { group_by: [], ...query });
}
const one = (fields: Partial<Drawn> = {}) =>
  sampled({ ...{ fn: "f", status: "succeeded", at: 0, took: 1, tokens: 1 }, ...fields }, 0);

test("a question that says no span is of the seven days up to now, this millisecond included", async () => {
  const now = START + 8 * DAY;
  const all = [one({ at: DAY }), one({ at: DAY + 1 }), one({ at: 8 * DAY })];
  expect(await measuring(all, {}, now)).toMatchObject({ untilMs: now + 1, total: { executions: 2 } });
});

test("a target and an agent that is not its own have nothing in common", async () => {
  expect((await measuring([one()], { target: "a.f", agent_id: "a" })).total.executions).toBe(1);
  expect((await measuring([one()], { target: "a.f", agent_id: "b" })).total.executions).toBe(0);
  expect((await measuring([one({ fn: "g" })], { target: "a.f" })).total.executions).toBe(0);
});

test("a thousand groups are told, and how many more there are", async () => {
  const all = Array.from({ length: 1_003 }, (_, n) => one({ fn: `f${n}` }));
  const { groups, leftOut, total } = await measuring(all, { group_by: ["target"] });
  expect([groups.length, leftOut, total.executions]).toEqual([1_000, 3, 1_003]);
});
