import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { readableLog, sourceLinesOf } from "../../../src/dev-server/log/readable-log.ts";

const AT = "2026-11-26T12:00:00.000Z";
const line = (entry: object) => JSON.stringify({ at: AT, level: "warn", ...entry });
const source = (file: string, at: number) =>
  file === "src/shop.ts" && at === 7 ? "    throw new Error(words);" : undefined;

it("an error of a program has its words, the operation, its frames, and the line of the project's source", () => {
  const stack =
    "Error\n    at run (node_modules/errand/dist/engine/run.js:3:9)\n    at charge (src/shop.ts:7:11)\n    at src/shop.ts:7:1";
  const entry = {
    message: "a try failed",
    key: "charge",
    attempt: 2,
    execution_id: "exec_1",
    error: "Error: the bank said no",
    stack,
  };
  expect(readableLog(line(entry), source)).toBe(`warn: a try failed: operation charge, attempt 2, execution_id exec_1
  Error: the bank said no
    at run (node_modules/errand/dist/engine/run.js:3:9)
    at charge (src/shop.ts:7:11)
    > 7 | throw new Error(words);
    at src/shop.ts:7:1`);
});

it("an error without its name in the words gets it from its stack; one without frames is a line", () => {
  expect(readableLog(line({ message: "a program threw", error: "no", stack: "TypeError" }), source)).toBe(
    "warn: a program threw\n  TypeError: no",
  );
  expect(readableLog(line({ message: "a program failed", level: "info", code: "sold_out" }), source)).toBe(
    "a program failed: code sold_out",
  );
});

it("a request is one line, with its code when it was refused", () => {
  const request = {
    message: "request",
    level: "info",
    method: "POST",
    path: "/api/v1/execute/{target}",
    duration_ms: 3,
  };
  expect(readableLog(line({ ...request, status: 202, execution_id: "exec_1" }), source)).toBe(
    "202 POST /api/v1/execute/{target} 3 ms exec_1",
  );
  expect(readableLog(line({ ...request, status: 400, code: "invalid_input", field: "input.item" }), source)).toBe(
    "400 POST /api/v1/execute/{target} 3 ms invalid_input input.item",
  );
});

it.each(["hello", '{"at":1}', '{"at":"x', '{"message":"mine"}'])("what is no line of the log stays: %s", (text) => {
  expect(readableLog(text, source)).toBe(text);
});

it("source lines are those of the project's files", () => {
  const root = mkdtempSync(join(tmpdir(), "errand-lines-"));
  onTestFinished(() => rmSync(root, { recursive: true }));
  writeFileSync(join(root, "a.ts"), "one\ntwo\n");
  const lines = sourceLinesOf(root);
  expect([lines("a.ts", 2), lines("a.ts", 9), lines("none.ts", 1)]).toEqual(["two", undefined, undefined]);
});
