import { expect, test } from "vitest";
import type { ExecutionSummary } from "../../../src/client/transport/options.ts";
import { attributeTestIn, attributeWord } from "../../../src/dashboard/executions/attribute-tests.ts";
import { filtersIn, fits, listFilterOf, NO_FILTERS, searchOf } from "../../../src/dashboard/executions/filters.ts";
import { isWithinPages, withoutRows, withRows } from "../../../src/dashboard/executions/rows.ts";

const NOW = Date.parse("2026-11-27T12:00:00Z");

function row(id: string, changed: Partial<ExecutionSummary> = {}): ExecutionSummary {
  const at = "2026-11-27T11:00:00.000Z";
  return {
    ...{ execution_id: id, run_id: "run_1", workflow_id: "run_1", parent_execution_id: null, session_id: null },
    ...{ actor_id: null, target: "clock.remind", agent_id: "clock", type: "skill", status: "running" },
    ...{ status_reason: null, failure_code: null, error_message: null, created_at: at, started_at: at },
    ...{ finished_at: null, updated_at: at, duration_ms: null },
    usage: {
      turns: 0,
      tokens: 0,
      input_tokens: 0,
      output_tokens: 0,
      cache_read_tokens: 0,
      cache_write_tokens: 0,
      cost_usd: 0,
    },
    ...changed,
  } as ExecutionSummary;
}

test.each([
  ["", NO_FILTERS],
  [
    "?status=failed,timeout&q=tea&within=24h",
    { ...NO_FILTERS, statuses: ["failed", "timeout"], search: "tea", within: "24h" },
  ],
  [
    "?target=clock.remind&agent=clock&session=s-1&run=run_1&actor=ada&schedule=tea",
    {
      ...NO_FILTERS,
      target: "clock.remind",
      agent: "clock",
      session: "s-1",
      run: "run_1",
      actor: "ada",
      schedule: "tea",
    },
  ],
  ["?from=2026-11-27T10:00&to=2026-11-27T12:30", { ...NO_FILTERS, from: "2026-11-27T10:00", to: "2026-11-27T12:30" }],
] as const)("filters are in the address, and come back from it: %s", (search, filters) => {
  expect(filtersIn(search)).toEqual(filters);
  expect(filtersIn(searchOf(filtersIn(search)))).toEqual(filters);
  expect(searchOf(filtersIn(search)) === "").toBe(search === "");
});

test("what an address does not mean is left out", () => {
  expect(filtersIn("?status=zebra,failed,failed&within=never&colour=red&from=yesterday&to=2026-13-41T10:00")).toEqual({
    ...NO_FILTERS,
    statuses: ["failed"],
  });
});

test("a search is sent as it was typed, whatever stands in it", () => {
  const filters = { ...NO_FILTERS, search: "a&b=c #1 100%" };
  expect(filtersIn(searchOf(filters))).toEqual(filters);
});

test("the server is asked for the same", () => {
  const asked = listFilterOf(filtersIn("?status=failed&agent=clock&run=run_1&q=tea&within=1h"), NOW);
  expect(asked).toEqual({
    status: ["failed"],
    agentId: "clock",
    runId: "run_1",
    q: "tea",
    since: new Date(NOW - 3_600_000),
  });
  expect(listFilterOf(NO_FILTERS, NOW)).toEqual({});
  const [from, to] = [new Date(2026, 10, 27, 10), new Date(2026, 10, 27, 12, 30)];
  const span = filtersIn("?within=30d&from=2026-11-27T10:00&to=2026-11-27T12:30&schedule=tea");
  expect(listFilterOf(span, to.getTime())).toEqual({ since: from, until: to, scheduleId: "tea" });
});

test.each([
  ["", true],
  ["?status=running", true],
  ["?status=failed", false],
  ["?agent=shop", false],
  ["?session=s-1", false],
  ["?q=REMIND", true],
  ["?q=nothing", false],
  ["?within=24h", true],
  ["?within=1h&q=e-1", true],
  ["?schedule=tea", false],
  ["?from=2026-11-26T10:00&to=2026-11-29T10:00", true],
  ["?from=2026-11-29T10:00", false],
  ["?to=2026-11-20T10:00", false],
] as const)("a row that comes by the feed is judged alike: %s", (search, expected) => {
  expect(fits(filtersIn(search), row("e-1"), NOW)).toBe(expected);
});

test("a changed row takes its place, an older version of it changes nothing", () => {
  const list = withRows([], [row("b"), row("a", { created_at: "2026-11-27T11:30:00.000Z" }), row("c")]);
  expect(list.map((one) => one.execution_id)).toEqual(["a", "c", "b"]);
  expect(withRows(list, [row("b")])).toBe(list);
  const ended = row("b", { status: "succeeded", updated_at: "2026-11-27T11:00:01.000Z" });
  expect(withRows(list, [ended]).at(-1)?.status).toBe("succeeded");
  expect(withoutRows(list, new Set(["c"])).map((one) => one.execution_id)).toEqual(["a", "b"]);
  expect(withoutRows(list, new Set(["z"]))).toBe(list);
});

test("a row beneath the last page comes with its page, and not before", () => {
  const list = [row("b")];
  const old = row("a", { created_at: "2026-11-27T10:00:00.000Z" });
  expect(isWithinPages(list, old, false)).toBe(false);
  expect(isWithinPages(list, old, true)).toBe(true);
  expect(isWithinPages(list, row("c"), false)).toBe(true);
});

const address = (...words: string[]) => `?${new URLSearchParams(words.map((word) => ["attribute", word]))}`;

test.each([
  ["customer=acme", { name: "customer", comparison: "=", value: "acme" }],
  ["amount>=100", { name: "amount", comparison: ">=", value: 100 }],
  [" paid=true ", { name: "paid", comparison: "=", value: true }],
  ['number="100"', { name: "number", comparison: "=", value: "100" }],
  ["formula=a=b>c", { name: "formula", comparison: "=", value: "a=b>c" }],
  ["day<2026-11-27", { name: "day", comparison: "<", value: "2026-11-27" }],
] as const)("an attribute in the address is what it says: %s", (word, test) => {
  expect(attributeTestIn(word)).toEqual(test);
  expect(attributeWord(test)).toBe(word.trim());
});

test.each(["", "customer", "=acme", "$webhook=failing", "1st=a", "paid>true", "a b=c", `x=${"y".repeat(257)}`])(
  "what is no attribute filters nothing: %j",
  (word) => expect(filtersIn(address(word))).toEqual(NO_FILTERS),
);

test("attributes stand in the address, and the server is asked for all of them", () => {
  const filters = filtersIn(address("customer=acme & sons", "amount>=100", "amount<200", "amount>=150"));
  expect(filtersIn(searchOf(filters))).toEqual(filters);
  expect(listFilterOf(filters, NOW)).toEqual({
    attributes: { customer: "acme & sons", amount: { gte: 150, lt: 200 } },
  });
  expect(listFilterOf(filtersIn(address("amount>=100", "amount=7")), NOW)).toEqual({ attributes: { amount: 7 } });
  expect(listFilterOf(filtersIn(address("amount>=100", "amount>150")), NOW)).toEqual({
    attributes: { amount: { gt: 150 } },
  });
  const many = Array.from({ length: 9 }, (_, n) => `n${n}=${n}`);
  expect(filtersIn(address(...many)).attributes.map(({ name }) => name)).toEqual(
    many.slice(1).map((w) => w.slice(0, 2)),
  );
});

test.each([
  ["customer=acme", true],
  ["customer=Acme", false],
  ["amount=120", true],
  ['amount="120"', false],
  ["amount>=120", true],
  ["amount>120", false],
  ["amount<=119.5", false],
  ["amount<1e3", true],
  ['amount>"1"', false],
  ["customer>aa", true],
  ["day=1", false],
  ["toString=1", false],
] as const)("a row with attributes that comes by the feed is judged alike: %s", (word, expected) => {
  const attributes = { customer: "acme", amount: 120 };
  expect(fits(filtersIn(address(word)), row("e-1", { attributes }), NOW)).toBe(expected);
  expect(fits(filtersIn(address(word)), row("e-1", { attributes: null }), NOW)).toBe(false);
});
