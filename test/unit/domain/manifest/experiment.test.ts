/** Which version a session has, and what is counted of each. */
import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { outcomesOf, versionFor } from "../../../../src/domain/manifest/experiment.ts";

const digestOf = (session: string) => (version: string) =>
  createHash("sha256")
    .update(JSON.stringify([session, version]))
    .digest("hex");
const versions = (...weights: number[]) => weights.map((weight, at) => ({ version: `${at}`, weight }));
const share = (of: string, weights: readonly number[]) => {
  const picks = Array.from({ length: 2_000 }, (_, n) =>
    versionFor({ versions: versions(...weights) }, digestOf(`s${n}`)),
  );
  return picks.filter((version) => version === of).length / picks.length;
};

test("sessions are divided as the weights say, and each keeps its version", () => {
  expect(share("0", [1, 3])).toBeCloseTo(0.25, 1);
  expect(share("1", [50, 25, 25])).toBeCloseTo(0.25, 1);
  const picks = [1, 2, 3].map(() => versionFor({ versions: versions(1, 1) }, digestOf("one")));
  expect(new Set(picks).size).toBe(1);
});

test("a version of weight 0 gets none, unless it is alone", () => {
  expect([share("0", [0, 1]), share("1", [0, 1]), share("0", [0])]).toEqual([0, 1, 1]);
});

test.each([
  { which: "of two", first: [50, 50], next: [60, 40], share: 0.1 },
  { which: "of three", first: [1, 1, 1], next: [2, 1, 1], share: 1 / 6 },
  { which: "that ends one", first: [1, 1, 1], next: [0, 1, 1], share: 1 / 3 },
])("another weight $which moves the sessions that it must move, and no other", ({ first, next, share: expected }) => {
  const of = (weights: readonly number[], n: number) =>
    versionFor({ versions: versions(...weights) }, digestOf(`s${n}`));
  const moved = Array.from({ length: 2_000 }, (_, n) => [of(first, n), of(next, n)]).filter(
    ([before, after]) => before !== after,
  );
  expect(moved.every((one) => one.includes("0"))).toBe(true);
  expect(Math.abs(moved.length / 2_000 - expected)).toBeLessThan(0.03);
});

test("what has ended is counted: how many, how often well, the median of the times, the cost", () => {
  const row = (version: string, status: "succeeded" | "failed" | "running", ms: number | null) => ({
    ...{ version, status, createdAtMs: 0, startedAtMs: 1_000, costUsd: 0.5 },
    finishedAtMs: ms === null ? null : 1_000 + ms,
  });
  const rows = [
    ...[row("0", "succeeded", 10), row("0", "failed", 40), row("0", "succeeded", 20), row("0", "succeeded", 1_000)],
    ...[row("0", "running", null), row("9", "succeeded", 1)],
  ];
  expect(outcomesOf({ versions: versions(1, 1) }, rows)).toEqual([
    { version: "0", weight: 1, n: 4, success: 0.75, p50Ms: 30, costUsd: 2 },
    { version: "1", weight: 1, n: 0, success: undefined, p50Ms: undefined, costUsd: 0 },
  ]);
  expect(outcomesOf({ versions: versions(1) }, rows.slice(0, 3))[0]?.p50Ms).toBe(20);
});
