/** A plan of a model: in which order its skills may run, and how many. */
import { expect, test } from "vitest";
import { SkillPlan } from "../../../../src/domain/manifest/skill-plan.ts";

const planned = { skill: "text.count", purpose: "p", order: 1 };
const plan = (...skills_to_invoke: object[]) =>
  SkillPlan.safeParse({ analysis: "a", skills_to_invoke, reasoning: "r" });

test.each([
  [0, false],
  [1, true],
  [1.5, false],
  [10_000, true],
  [10_001, false],
])("the order %j: %s", (order, isTaken) => {
  expect(plan({ ...planned, order }).success).toBe(isTaken);
});

test("has 100 skills at most, and inputs that are left out are none", () => {
  expect(plan(...Array.from({ length: 100 }, () => planned)).data?.skills_to_invoke[0]?.inputs).toEqual({});
  expect(plan(...Array.from({ length: 101 }, () => planned)).success).toBe(false);
});
