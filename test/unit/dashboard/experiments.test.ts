import { expect, test } from "vitest";
import type { AgentVersion } from "../../../src/client/agents.ts";
import type { Experiment } from "../../../src/client/experiments.ts";
import { percent, requestOf, shareOf, weightsOf } from "../../../src/dashboard/experiments/weights.ts";

const version = (name: string, changed: object = {}) =>
  ({ version: name, status: "active", current: false, ...changed }) as unknown as AgentVersion;
const experiment = (weights: Readonly<Record<string, number>>) =>
  ({
    target: "a.run",
    versions: Object.entries(weights).map(([name, weight]) => ({ version: name, weight })),
  }) as unknown as Experiment;

const VERSIONS = [version("3", { current: true }), version("2"), version("1", { status: "archived" })];

test("without an experiment the current version has all, and what does not run is not offered", () => {
  const typed = weightsOf(undefined, VERSIONS);
  expect([...typed]).toEqual([
    ["3", "1"],
    ["2", "0"],
  ]);
  expect(requestOf(typed, undefined)).toEqual({ versions: [{ version: "3", weight: 1 }] });
});

test("an experiment has its weights, also of a version that is gone; one more may join", () => {
  const running = experiment({ 2: 30, 0: 70 });
  const typed = weightsOf(running, VERSIONS);
  expect([...typed.keys()].sort()).toEqual(["0", "2", "3"]);
  const none = new Map(typed).set("0", " 0 ");
  expect(requestOf(none, running)).toEqual({
    versions: expect.arrayContaining([
      { version: "2", weight: 30 },
      { version: "0", weight: 0 },
    ]),
  });
});

test.each([
  [{ a: "1.5" }, "The weight of a must be a whole number from 0 to 10,000."],
  [{ a: "1", b: "-1" }, "The weight of b must be a whole number from 0 to 10,000."],
  [{ a: "many" }, "The weight of a must be a whole number from 0 to 10,000."],
  [{ a: "0", b: "" }, "Give one version a weight above 0."],
])("what is no weight is named: %j", (typed, fault) => {
  expect(requestOf(new Map(Object.entries(typed)), undefined)).toEqual({ fault });
});

test("a share is of all weights", () => {
  const typed = new Map([
    ["a", "1"],
    ["b", "3"],
  ]);
  expect([shareOf("a", typed), shareOf("b", typed)]).toEqual([0.25, 0.75]);
  expect(shareOf("a", new Map([["a", "0"]]))).toBeUndefined();
  expect(shareOf("a", new Map([["a", "x"]]))).toBeUndefined();
  expect([percent(0.005), percent(0.256), percent(1), percent(0)]).toEqual(["0.5 %", "26 %", "100 %", "0 %"]);
});
