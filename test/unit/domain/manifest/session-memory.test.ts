/** What an agent remembers of a session stays bounded, and the newest of it is told in full. */
import { expect, test } from "vitest";
import type { RememberedRun } from "../../../../src/domain/manifest/session-memory.ts";
import { NOTHING, remembering, SESSION_LIMITS, sessionText } from "../../../../src/domain/manifest/session-memory.ts";

const run = (n: number, rest: Partial<RememberedRun> = {}): RememberedRun => ({
  ...{ task: `task ${n}`, analysis: `analysis ${n}`, success: true },
  skills: [{ skill: "text.count", status: "success", output: `{"n":${n}}` }],
  ...rest,
});
const after = (runs: readonly RememberedRun[]) => runs.reduce(remembering, NOTHING);
const many = (count: number) => after(Array.from({ length: count }, (_, n) => run(n)));

test("a session without runs has nothing to tell", () => expect(sessionText(NOTHING)).toBeUndefined());

test("the newest runs are told with what their skills gave, older ones in a line, the oldest as a number", () => {
  const memory = many(30);
  expect([memory.runs.length, memory.lines.length, memory.dropped]).toEqual([5, 20, 5]);
  const text = sessionText(memory) ?? "";
  expect(text).toContain("5 earlier runs are left out.");
  expect(text).toContain("- task 5 (done): analysis 5");
  expect(text).not.toContain("task 4 (");
  expect(text).not.toContain('{"n":24}');
  expect(text).toContain('- task 29 (done): analysis 29\n  - text.count: success {"n":29}');
  expect(sessionText(after([run(1, { success: false })]))).toContain("task 1 (failed)");
});

test("its size is bounded by the limits, whatever the runs bring", () => {
  const long = "x".repeat(100_000);
  const skills = Array.from({ length: 100 }, () => ({ skill: "s", status: "success", output: long }));
  const memory = after(Array.from({ length: 60 }, (_, n) => run(n, { task: long, analysis: long, skills })));
  const { full, lines, text, line } = SESSION_LIMITS;
  expect(JSON.stringify(memory).length).toBeLessThan(full * (2 * text + 10 * line + 2_000) + lines * (2 * line + 200));
});
