/** Lines of nodes are kept while there is room: of one report, and of one execution. */
import { expect, test } from "vitest";
import { writeDown } from "../../../src/domain/decide/write-down.ts";
import type { LogEntry } from "../../../src/domain/execution/events/notes.ts";
import type { ExecutionState } from "../../../src/domain/execution/state.ts";

const line = (message: string): LogEntry => ({ level: "info", message });
const written = (entries: readonly LogEntry[], logged?: ExecutionState["logged"]) => {
  const decided = writeDown({ logged } as ExecutionState, { type: "write_log", entries, by: "nora" });
  return decided.ok ? decided.events : decided;
};

test("a report is kept whole, with its size and who sent it", () => {
  const entries = [line("one"), line("zwölf")];
  const bytes = new TextEncoder().encode(JSON.stringify(entries)).length;
  expect(written(entries)).toEqual([{ type: "log.reported", data: { entries, bytes, by: "nora" } }]);
});

test.each<[string, number, { readonly logged?: ExecutionState["logged"]; readonly isKept: boolean }]>([
  ["as much as one report may hold", 524_288, { isKept: true }],
  ["a byte more", 524_289, { isKept: false }],
  ["the last line of an execution", 100, { logged: { entries: 9_999, bytes: 0 }, isKept: true }],
  ["a line more", 100, { logged: { entries: 10_000, bytes: 0 }, isKept: false }],
  ["the last byte of an execution", 100, { logged: { entries: 1, bytes: 4_194_204 }, isKept: true }],
  ["a byte more of it", 100, { logged: { entries: 1, bytes: 4_194_205 }, isKept: false }],
])("%s", (_name, bytes, { logged, isKept }) => {
  const around = JSON.stringify([line("")]).length;
  expect(written([line("x".repeat(bytes - around))], logged)).toHaveLength(isKept ? 1 : 0);
});

test("nothing is written of nothing", () => {
  expect(written([])).toEqual([]);
});
