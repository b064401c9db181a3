/**
 * How SQLite means to answer every list, with the real indexes: off an index, in order. Whether that is fast enough is
 * measured by `node test/measure/lists.ts`; a plan that reads or sorts the table cannot be.
 */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { ExecutionFilter } from "../../../src/domain/read-models/summary.ts";
import { ManifestRows } from "../../../src/registry/documents/manifest-rows.ts";
import { PlanRows } from "../../../src/registry/documents/plan-rows.ts";
import { scheduleIndex } from "../../../src/registry/documents/schedules.ts";
import { approvalIndex } from "../../../src/registry/lists/approvals.ts";
import { changedExecutions, openExecutionsOf } from "../../../src/registry/lists/executions.ts";
import { listExecutions } from "../../../src/registry/lists/listing.ts";
import { executionsById, executionsOfRun, liveRuns, runDigests } from "../../../src/registry/lists/runs.ts";
import { firstOfRunsIn, firstOfSessions, lastOfSessions } from "../../../src/registry/lists/sessions.ts";
import { sampleExecutions } from "../../../src/registry/metrics.ts";
import { expiredExecutions, tenantsWithExecutions } from "../../../src/registry/projection/expired.ts";
import { executionRow, project, removeExecutions } from "../../../src/registry/projection/projection.ts";
import { awaitingDeployment, noteWakes, overdueExecutions } from "../../../src/registry/projection/sweep.ts";
import { findKey, listKeys } from "../../../src/registry/settings/keys.ts";
import { running } from "../../support/log.ts";
import type { Ran } from "../../support/registry-database.ts";
import { RegistryDatabase } from "../../support/registry-database.ts";

const PLAIN = { sealText: (text: string) => text, openText: (text: string) => text };
let registry: RegistryDatabase;
beforeEach(async () => {
  registry = new RegistryDatabase();
  // An agent is read a function at a time, of those that the index has.
  const { state } = running();
  if (!state) throw new Error("there is no execution");
  const row = executionRow(state, undefined);
  await project(
    registry.d1,
    ["f", "g"].map((fn) => ({ ...row, id: `exec_${fn}`, tenant: "t", agent: "a", fn, session_id: "s" })),
  );
  registry.ran.length = 0;
});
afterEach(() => registry.sqlite.close());

/** A scan names no index term; a sort of the found rows builds a b-tree. A window of a read is scanned, it is small. */
function wrongs(ran: readonly Ran[]): string[] {
  const bad =
    /^SCAN (executions|execution_links|approvals|keys|own|older)\b(?! USING)|USE TEMP B-TREE FOR (LAST .*)?ORDER BY|AUTOMATIC/;
  return ran.flatMap(({ sql, plan }) =>
    plan.filter((step) => bad.test(step) && !isWindow(step, plan)).map((step) => `${step}: ${sql}`),
  );
}

/** The first of a session or of a run is found by it, not among all of its owner's rows. */
function strays(ran: readonly Ran[]): string[] {
  const steps = ran.flatMap(({ plan }) => plan.filter((step) => /^SEARCH (own|older)\b/.test(step)));
  return steps.filter((step) => !/executions_run\b|PRIMARY KEY \(tenant=\? AND kind=\? AND name=\?/.test(step));
}

/** Of the rows that a read examines, not of the table: they were read off an index a line above. */
function isWindow(step: string, plan: readonly string[]): boolean {
  return /^SCAN (executions|approvals)$/.test(step) && plan.some((line) => /^(CO-ROUTINE|MATERIALIZE)/.test(line));
}

/** What the rows of a list are read off: an index by its name, the links by how they are sought, the table by its key. */
function indexes(ran: readonly Ran[]): string[] {
  const plans = ran.map(({ plan }) => plan);
  const used = plans.flatMap((plan) => {
    const links = plan.flatMap((step) => /^SEARCH execution_links .*(kind=\? AND name=\?)/.exec(step)?.[1] ?? []);
    if (links.length > 0) return links;
    const named = plan.flatMap((step) => /^SEARCH (?:executions|approvals) .*INDEX (\w+)/.exec(step)?.[1] ?? []);
    const keyed = plan.some((step) => /^SEARCH executions USING PRIMARY KEY \(tenant=\? AND id/.test(step));
    return [...named, ...(keyed ? ["key"] : [])];
  });
  return [...new Set(used)].map((name) => name.replace(/^(executions|approvals)_/, "")).toSorted();
}

const LINK = "kind=? AND name=?";
type Filter = Omit<ExecutionFilter, "tenant" | "owner">;
/** A filter, and the index that an administrator's list is read off; another one where a user's is. */
const filters: readonly {
  readonly name: string;
  readonly filter: Filter;
  readonly index: string;
  readonly own?: string;
}[] = [
  { name: "everything", filter: {}, index: "newest", own: "owner" },
  { name: "one status", filter: { statuses: ["failed"] }, index: "status" },
  { name: "several statuses", filter: { statuses: ["failed", "waiting"] }, index: "status" },
  { name: "a status nearly all have", filter: { statuses: ["succeeded", "failed"] }, index: "status", own: "owner" },
  { name: "an agent", filter: { agent: "a" }, index: "target", own: "owner" },
  { name: "a target", filter: { agent: "a", fn: "f" }, index: "target", own: "owner" },
  { name: "a target and a status", filter: { agent: "a", fn: "f", statuses: ["blocked"] }, index: "status" },
  {
    name: "an agent and a common status",
    filter: { agent: "a", statuses: ["succeeded"] },
    index: "target",
    own: "owner",
  },
  { name: "a run", filter: { runId: "r" }, index: "run" },
  { name: "a session", filter: { sessionId: "s" }, index: LINK },
  { name: "an actor", filter: { actorId: "x" }, index: LINK },
  { name: "a parent", filter: { parentId: "p" }, index: LINK },
  { name: "a schedule", filter: { scheduleId: "p" }, index: LINK },
  { name: "a schedule and a status", filter: { scheduleId: "p", statuses: ["failed"] }, index: LINK },
  { name: "an attribute", filter: { attributes: [{ name: "customer", equals: "acme" }] }, index: LINK },
  {
    name: "an attribute, and a bound of another",
    filter: {
      attributes: [
        { name: "n", bounds: [{ op: "gte", value: 2 }] },
        { name: "customer", equals: "acme" },
      ],
    },
    index: LINK,
  },
  {
    name: "a bound of an attribute",
    filter: { attributes: [{ name: "n", bounds: [{ op: "lt", value: 2 }] }] },
    index: "newest",
    own: "owner",
  },
  { name: "a session and an agent", filter: { sessionId: "s", agent: "a" }, index: LINK },
  { name: "since", filter: { sinceMs: 5 }, index: "newest", own: "owner" },
  { name: "a run since and until", filter: { runId: "r", sinceMs: 5, untilMs: 9 }, index: "run" },
  { name: "an agent since and until", filter: { agent: "a", sinceMs: 5, untilMs: 9 }, index: "target", own: "owner" },
  { name: "since and until", filter: { sinceMs: 5, untilMs: 9 }, index: "newest", own: "owner" },
  { name: "a text", filter: { text: "words" }, index: "newest", own: "owner" },
  { name: "the beginning of an id", filter: { text: "exec_abcdefghij" }, index: "key" },
  {
    name: "the beginning of an id, and more",
    filter: { text: "exec_abcdefghij", agent: "a", statuses: ["failed"] },
    index: "key",
  },
];
const scopes = { "an administrator": { tenant: "t" }, "a user": { tenant: "t", owner: "ann" } };
const pages = { "first page": undefined, "later page": { createdAtMs: 7, id: "exec_x" } };

describe.each(Object.entries(scopes))("for %s", (_who, scope) => {
  describe.each(Object.entries(pages))("%s", (_page, from) => {
    test.each(filters)(
      "of executions by $name: off its index, nothing sorted",
      async ({ filter, index, own = index }) => {
        await listExecutions({ database: registry.d1, sealer: PLAIN }, { ...scope, ...filter }, { limit: 26, from });
        expect(wrongs(registry.ran)).toEqual([]);
        expect(indexes(registry.ran)).toEqual(["owner" in scope ? own : index]);
      },
    );

    test("of figures: off one index, nothing sorted", async () => {
      const span = { sinceMs: 5, untilMs: 9, limit: 100 };
      await sampleExecutions(registry.d1, { ...scope, ...span });
      await sampleExecutions(registry.d1, { ...scope, ...span, target: { agent: "a", fn: "f" } });
      expect(wrongs(registry.ran)).toEqual([]);
      expect(indexes(registry.ran)).toEqual("owner" in scope ? ["owner"] : ["newest", "target"]);
    });

    test("of sessions, of a session's runs, of the inbox", async () => {
      const page = { limit: 26, from };
      await firstOfSessions(registry.d1, scope, page);
      await firstOfRunsIn(registry.d1, scope, { sessionId: "s", page });
      await approvalIndex({ of: async () => registry.d1, all: [] }).list(
        { ...scope, statuses: ["pending", "approved"], agent: "a" },
        page,
      );
      expect(registry.ran.length).toBeGreaterThan(5);
      expect([...wrongs(registry.ran), ...strays(registry.ran)]).toEqual([]);
      expect(indexes(registry.ran)).toContain(LINK);
      expect(indexes(registry.ran.slice(-4))).toEqual(["owner" in scope ? "owner" : "inbox"]);
    });
  });

  test("of a run, of what lives, of what changed, of ids", async () => {
    await liveRuns(registry.d1, { tenant: "t" }, { sessionId: undefined, agent: undefined, limit: 10 });
    expect(indexes(registry.ran)).toEqual(["status"]);
    await executionsOfRun(registry.d1, scope, { runId: "r", limit: 10 });
    await executionsById(registry.d1, scope, ["a", "b"]);
    await liveRuns(registry.d1, scope, { sessionId: undefined, agent: undefined, limit: 10 });
    await liveRuns(registry.d1, scope, { sessionId: "s", agent: undefined, limit: 10 });
    await liveRuns(registry.d1, scope, { sessionId: undefined, agent: "a", limit: 10 });
    await lastOfSessions(registry.d1, scope, ["s"]);
    await runDigests(registry.d1, scope, ["r"]);
    await changedExecutions(registry.d1, scope, 5);
    await openExecutionsOf(registry.d1, "t", 100);
    expect(registry.ran.at(-1)?.plan.join()).toContain("COVERING INDEX executions_status");
    expect([...wrongs(registry.ran), ...strays(registry.ran)]).toEqual([]);
  });
});

test("of keys, of the sweeper, of an approval's execution", async () => {
  await listKeys(registry.d1, "t", { limit: 10, from: undefined });
  await listKeys(registry.d1, "t", { limit: 10, from: { createdAtMs: 5, id: "k" } });
  await findKey(registry.d1, "hash");
  const from = { owedAtMs: 3, tenant: "t", id: "i" };
  await overdueExecutions(registry.d1, { before: 5 }, 10);
  await overdueExecutions(registry.d1, { before: 5, from }, 10);
  await awaitingDeployment(registry.d1, { since: 0 }, 10);
  await noteWakes(registry.d1, [{ ...from, to: null }]);
  const page = { cuts: { succeeded: 5, failed: 5, cancelled: 5, timeout: 5 }, limit: 10 };
  for (const after of [undefined, { id: "exec_x", updatedAtMs: 3 }])
    await expiredExecutions(registry.d1, "t", { ...page, from: after });
  await tenantsWithExecutions(registry.d1);
  await approvalIndex({ of: async () => registry.d1, all: [] }).executionOf("t", "id");
  expect(registry.ran.length).toBe(11);
  expect(wrongs(registry.ran)).toEqual([]);
  expect(indexes(registry.ran)).toContain("wake");
});

test("executions have seven indexes, and their table is the b-tree of its key", () => {
  const names = registry.sqlite
    .prepare("SELECT name FROM sqlite_master WHERE type = 'index' AND tbl_name = 'executions' ORDER BY name")
    .all()
    .map(({ name }) => String(name).replace("executions_", ""));
  expect(names).toEqual(["changed", "newest", "owner", "run", "status", "target", "wake"]);
});

test("what an execution is found by is written once, and goes with it", async () => {
  const links = () => registry.sqlite.prepare("SELECT kind, name FROM execution_links ORDER BY id, kind").all();
  const { state } = running();
  if (!state) throw new Error("there is no execution");
  const names = { session_id: "x", actor_id: "y", parent_id: "z", schedule_id: "w" };
  const row = { ...executionRow(state, undefined), id: "exec_1", ...names };
  await project(registry.d1, [row]);
  await project(registry.d1, [{ ...row, seq: 99 }]);
  const own = [
    { kind: "actor", name: "y" },
    { kind: "parent", name: "z" },
    { kind: "schedule", name: "w" },
    { kind: "session", name: "x" },
  ];
  const others = [
    { kind: "session", name: "s" },
    { kind: "session", name: "s" },
  ];
  expect(links()).toEqual([...own, ...others]);
  registry.ran.length = 0;
  // Its tombstone tells no names.
  await registry.d1.batch(removeExecutions(registry.d1, [{ ...row, session_id: null, actor_id: null }]));
  expect(links()).toEqual(others);
  expect(wrongs(registry.ran)).toEqual([]);
});

test("an agent of very many functions is looked for among all rows, and nothing of it is missed", async () => {
  const { state } = running();
  if (!state) throw new Error("there is no execution");
  const row = executionRow(state, undefined);
  const rows = Array.from({ length: 60 }, (_, n) => ({
    ...row,
    tenant: "many",
    id: `exec_${n}`,
    agent: "a",
    fn: `f${n}`,
  }));
  await project(registry.d1, [...rows, { ...row, tenant: "many", id: "exec_other", agent: "b" }]);
  const index = { database: registry.d1, sealer: PLAIN };
  const { rows: found } = await listExecutions(index, { tenant: "many", agent: "a" }, { limit: 100, from: undefined });
  expect(found).toHaveLength(60);
});

describe("a page of what is listed newest first is sought by the place where the page before ended", () => {
  const from = { createdAtMs: 5, id: "x" };
  const sought = () =>
    registry.ran.flatMap(({ plan }) => plan.filter((step) => step.includes("(created_at_ms,id)<(?,?)")));

  test.each([undefined, "ann"])("schedules, owner %s", async (owner) => {
    const index = scheduleIndex({ of: async () => registry.d1, all: [] }, PLAIN);
    await index.list({ tenant: "t", owner, status: undefined, target: undefined, from, limit: 10 });
    expect([sought().length, wrongs(registry.ran)]).toEqual([1, []]);
  });

  test.each([undefined, "ann"])("plans, owner %s", async (owner) => {
    await new PlanRows(registry.d1, PLAIN).list(owner === undefined ? { tenant: "t" } : { tenant: "t", owner }, {
      limit: 10,
      from,
    });
    expect([sought().length, wrongs(registry.ran)]).toEqual([1, []]);
  });

  test.each([undefined, "ann"])("stored manifests, owner %s", async (owner) => {
    const rows = new ManifestRows(registry.d1, PLAIN);
    const page = { limit: 10, after: "a" };
    await rows.list(owner === undefined ? { tenant: "t" } : { tenant: "t", owner }, page);
    await rows.versions({ tenant: "t", id: "a" }, { limit: 10, before: 9 });
    expect(wrongs(registry.ran)).toEqual([]);
    expect(registry.ran.flatMap(({ plan }) => plan).filter((step) => /^SCAN/.test(step))).toEqual([]);
  });
});
