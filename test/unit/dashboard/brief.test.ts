import { expect, test } from "vitest";
import { briefOf } from "../../../src/dashboard/approvals/question.ts";

test.each([
  [{ kind: "plan", agent: "a", plan_id: "exec_1", summary: "raise prices of tea" }, "raise prices of tea"],
  [{ amount: 3, question: "raise max_turns by 5?" }, "raise max_turns by 5?"],
  [{ claim: "c-1", amount: 120, round: 1, more: "x" }, "c-1 · 120 · 1"],
  [{ summary: "", nested: {}, n: 1 }, " · 1"],
  ["only a text", "only a text"],
  [undefined, ""],
])("of the question %j the inbox says %j", (payload, words) => {
  expect(briefOf(payload)).toBe(words);
});
