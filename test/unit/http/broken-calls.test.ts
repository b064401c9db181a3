/** What a caller hears when the object behind its request broke: a code, and the id of the execution that may have begun. */
import { expect, test } from "vitest";
import { GIVEN_UP } from "../../../src/domain/values/fault.ts";
import { problemOfThrown } from "../../../src/http/answers/answer.ts";
import type { C } from "../../../src/http/requests/app.ts";
import { UnderWay, underWay } from "../../../src/operations/executions/under-way.ts";

/** A request for a path that names an execution, or for none. */
function requestFor(executionId?: string): C {
  const known: Record<string, unknown> = {
    requestId: "req_1",
    services: { log: () => {} },
    asked: { executionId },
  };
  return { get: (name: string) => known[name], req: { path: "/" } } as unknown as C;
}
const flagged = (flags: object) => Object.assign(new Error("the object broke"), flags);

test.each([
  ["given up for its storage", new Error(`${GIVEN_UP}: Error: disk full`), "storage_unavailable", 503],
  ["taken away by a deployment", flagged({ retryable: true }), "unavailable", 503],
  ["overloaded", flagged({ retryable: true, overloaded: true }), "overloaded", 503],
  ["broken by a fault of ours", new Error("a bug"), "internal_error", 500],
])(
  "an object that is %s: a start hears the id of what may have begun, a command that of its path",
  (...[, error, code, status]) => {
    const started = problemOfThrown(new UnderWay("exec_1", error), requestFor());
    expect(started).toMatchObject({ code, status, execution_id: "exec_1" });
    expect(problemOfThrown(error, requestFor("exec_2"))).toMatchObject({ code, status, execution_id: "exec_2" });
    expect(problemOfThrown(error, requestFor())).not.toHaveProperty("execution_id");
  },
);

test("what breaks while a start is under way is told with its id, and what it answers is its answer", async () => {
  await expect(underWay("exec_1", () => Promise.reject(new Error("broken")))).rejects.toMatchObject({
    executionId: "exec_1",
    cause: { message: "broken" },
  });
  expect(await underWay("exec_1", async () => 7)).toBe(7);
});
