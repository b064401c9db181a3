import { expect, test } from "vitest";
import { bulkFilterOf } from "../../../src/dashboard/executions/bulk.ts";
import { filtersIn } from "../../../src/dashboard/executions/filters.ts";

const NOW = Date.parse("2026-11-27T12:00:00Z");

test.each([
  ["", "cancel", { all: true }],
  ["?agent=clock&q=tea", "pause", { agent_id: "clock", q: "tea" }],
  ["?within=1h&schedule=s", "redrive", { schedule_id: "s", since: "2026-11-27T11:00:00.000Z" }],
  ["?status=running,failed&run=r", "cancel", { run_id: "r", status: ["running"] }],
  ["?status=failed", "cancel", undefined],
  ["?attribute=amount%3E=100", "cancel", { attributes: { amount: { gte: 100 } } }],
  ["?status=failed", "redrive", { status: ["failed"] }],
] as const)("a list filtered by %j and the verb %j: %j", (search, action, filter) => {
  expect(bulkFilterOf(filtersIn(search), action, NOW)).toEqual(filter);
});
