/** What inputs refer to: outputs of earlier skills, and files. */
import { expect, test } from "vitest";
import type { SkillResult } from "../../../../src/domain/manifest/skill-result.ts";
import { resolveInputs } from "../../../../src/domain/manifest/skill-result.ts";

const result = (output: SkillResult["output"], rest: Partial<SkillResult> = {}): SkillResult => ({
  ...{ skill: "one.do", purpose: "p", status: "success", order: 1, timestamp: "" },
  ...(output === undefined ? {} : { output }),
  ...rest,
});
const given = { results: [result({ a: { b: 1 } }), result({ a: { b: 2 } })], files: new Map([["n.txt", "note"]]) };

test("the newest output stands for a reference, its field for a path, and a text for a file", () => {
  const inputs = {
    all: { $from: "one.do" },
    one: [{ $from: "one.do", path: "a.b" }],
    note: { deep: { $file: "n.txt" } },
  };
  expect(resolveInputs(inputs, given)).toEqual({
    ok: true,
    value: { all: { a: { b: 2 } }, one: [2], note: { deep: "note" } },
  });
});

test.each([
  [{ x: { $from: "two.do" } }, '"two.do" has given no output yet'],
  [{ x: { $from: "one.do", path: "a.c" } }, 'the output of "one.do" has no field "a.c"'],
  [{ x: { $from: "one.do", path: "constructor" } }, 'the output of "one.do" has no field "constructor"'],
  [{ x: { $file: "m.txt" } }, 'there is no file "m.txt"; did you mean "n.txt"?'],
])("%j is refused", (inputs, message) => {
  expect(resolveInputs(inputs, given)).toEqual({ ok: false, message });
});

test("a skill that failed has given nothing", () => {
  const results = [result(undefined, { status: "failed", error: "no" })];
  expect(resolveInputs({ x: { $from: "one.do" } }, { ...given, results }).ok).toBe(false);
});
