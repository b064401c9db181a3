/** Lines as SDKs of nodes send them, and as they are shown. */
import { expect, test } from "vitest";
import { entriesOf, LogsRequest, linesOf } from "../../../src/contract/nodes/logs.ts";
import type { Event } from "../../../src/domain/execution/event.ts";

const read = (sent: object) => entriesOf(LogsRequest.parse(sent));
const one = (sent: object) => read({ message: "m", ...sent }).entries[0];
/** As they are shown when they came at 1970-01-01T00:00:07Z. */
function shown(sent: object) {
  const data = { entries: read({ message: "m", ...sent }).entries, bytes: 0, by: "nora" };
  return linesOf({ type: "log.reported", atMs: 7_000, data } as unknown as Event)[0];
}

test.each<[string, unknown, string]>([
  ["ISO 8601", "2026-11-27T10:00:00Z", "2026-11-27T10:00:00.000Z"],
  ["seconds, with a fraction", 1_790_000_000.25, "2026-09-21T14:13:20.250Z"],
  ["no time", "soon", "1970-01-01T00:00:07.000Z"],
  ["nothing", null, "1970-01-01T00:00:07.000Z"],
  ["the last instant", 8_640_000_000_000, "+275760-09-13T00:00:00.000Z"],
  ["what is later than any date", 8_640_000_000_001, "1970-01-01T00:00:07.000Z"],
  ["nanoseconds", 1_790_000_000_000_000_000, "1970-01-01T00:00:07.000Z"],
  ["what is earlier than any date", -8_640_000_000_001, "1970-01-01T00:00:07.000Z"],
])("a line with %s as its time", (_what, ts, timestamp) => {
  expect(shown({ ts })).toEqual({ timestamp, level: "info", message: "m" });
});

test("attributes are kept up to 8 KiB as JSON, in bytes; a line with more is kept without them", () => {
  const around = '{"a":""}'.length;
  expect(one({ attributes: { a: "x".repeat(8_192 - around) } })).toHaveProperty("attributes");
  expect(one({ attributes: { a: "x".repeat(8_193 - around) } })).toEqual({ level: "info", message: "m" });
  expect(one({ attributes: { a: "ä".repeat(4_100) } })).not.toHaveProperty("attributes");
  expect(shown({ attributes: null })).toMatchObject({ attributes: null });
});

test("a line is shown under the words in which it was sent; an empty word is none", () => {
  const words = { source: "sdk", event_type: "done", agent_node_id: "noras-node", reasoner_id: "sort" };
  expect(shown({ ...words, level: "WARN", more: 1 })).toMatchObject({ ...words, level: "WARN" });
  const empty = { source: "", event_type: null, agent_node_id: "", reasoner_id: null, level: "" };
  expect(one(empty)).toEqual({ level: "info", message: "m" });
});

test("what they belong to is said by the first of them, or by the one", () => {
  expect(read({ message: "m", parent_execution_id: "exec_1" }).parentId).toBe("exec_1");
  const entries = [{ message: "a", parent_execution_id: "exec_1" }, { message: "b" }];
  expect(read({ entries })).toMatchObject({ parentId: "exec_1", entries: [{ message: "a" }, { message: "b" }] });
  expect(read({ entries: [] })).toEqual({ entries: [], parentId: undefined });
});
