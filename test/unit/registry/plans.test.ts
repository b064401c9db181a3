/**
 * How SQLite means to answer every list, with the real indexes: off an index, in order. Whether that is fast enough is
 * measured by `node test/measure/lists.ts`; a plan that reads or sorts the table cannot be.
 */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { ExecutionFilter } from "../../../src/domain/summary.ts";
import { approvalIndex } from "../../../src/registry/approvals.ts";
import { changedExecutions, oversleptExecutions } from "../../../src/registry/executions.ts";
import { findKey, listKeys } from "../../../src/registry/keys.ts";
import { listExecutions } from "../../../src/registry/listing.ts";
import { executionsById, executionsOfRun, liveRuns, runDigests } from "../../../src/registry/runs.ts";
import { firstOfRunsIn, firstOfSessions, lastOfSessions } from "../../../src/registry/sessions.ts";
import type { Ran } from "../../support/registry-database.ts";
import { RegistryDatabase } from "../../support/registry-database.ts";

const PLAIN = { sealText: (text: string) => text, openText: (text: string) => text };
let registry: RegistryDatabase;
beforeEach(() => {
  registry = new RegistryDatabase();
});
afterEach(() => registry.sqlite.close());

/** A scan names no index term; a sort of the found rows builds a b-tree. A window of a read is scanned, it is small. */
function wrongs(ran: readonly Ran[]): string[] {
  const bad =
    /^SCAN (executions|approvals|keys|own|older)\b(?! USING)|USE TEMP B-TREE FOR (LAST .*)?ORDER BY|AUTOMATIC/;
  return ran.flatMap(({ sql, plan }) =>
    plan.filter((step) => bad.test(step) && !isWindow(step, plan)).map((step) => `${step}: ${sql}`),
  );
}

/** The first of a session or of a run is found by it, not among all of its owner's rows. */
function strays(ran: readonly Ran[]): string[] {
  const steps = ran.flatMap(({ plan }) => plan.filter((step) => /^SEARCH (own|older)\b/.test(step)));
  return steps.filter((step) => !/executions_(session|run)\b/.test(step));
}

/** Of the rows that a read examines, not of the table: they were read off an index a line above. */
function isWindow(step: string, plan: readonly string[]): boolean {
  return /^SCAN (executions|approvals)$/.test(step) && plan.some((line) => /^(CO-ROUTINE|MATERIALIZE)/.test(line));
}

/** The indexes that the rows of a list are read off. */
function indexes(ran: readonly Ran[]): string[] {
  const steps = ran.flatMap(({ plan }) => plan);
  const used = steps.flatMap((step) => /^SEARCH (?:executions|approvals) .*INDEX (\w+)/.exec(step)?.[1] ?? []);
  return [...new Set(used)].map((name) => name.replace(/^(executions|approvals)_/, "")).toSorted();
}

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
  { name: "an agent", filter: { agent: "a" }, index: "agent", own: "owner" },
  { name: "a target", filter: { agent: "a", fn: "f" }, index: "target", own: "owner" },
  { name: "a target and a status", filter: { agent: "a", fn: "f", statuses: ["blocked"] }, index: "status" },
  {
    name: "an agent and a common status",
    filter: { agent: "a", statuses: ["succeeded"] },
    index: "agent",
    own: "owner",
  },
  { name: "a run", filter: { runId: "r" }, index: "run" },
  { name: "a session", filter: { sessionId: "s" }, index: "session" },
  { name: "an actor", filter: { actorId: "x" }, index: "actor" },
  { name: "a parent", filter: { parentId: "p" }, index: "parent" },
  { name: "a session and an agent", filter: { sessionId: "s", agent: "a" }, index: "session" },
  { name: "since", filter: { sinceMs: 5 }, index: "newest", own: "owner" },
  { name: "a run since and until", filter: { runId: "r", sinceMs: 5, untilMs: 9 }, index: "run" },
  { name: "an agent since and until", filter: { agent: "a", sinceMs: 5, untilMs: 9 }, index: "agent", own: "owner" },
  { name: "since and until", filter: { sinceMs: 5, untilMs: 9 }, index: "newest", own: "owner" },
  { name: "a text", filter: { text: "words" }, index: "newest", own: "owner" },
  { name: "the beginning of an id", filter: { text: "exec_abcdefghij" }, index: "sqlite_autoindex_executions_1" },
  {
    name: "the beginning of an id, and more",
    filter: { text: "exec_abcdefghij", agent: "a", statuses: ["failed"] },
    index: "sqlite_autoindex_executions_1",
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

    test("of sessions, of a session's runs, of the inbox", async () => {
      const page = { limit: 26, from };
      await firstOfSessions(registry.d1, scope, page);
      await firstOfRunsIn(registry.d1, scope, { sessionId: "s", page });
      await approvalIndex({ of: async () => registry.d1 }).list(
        { ...scope, statuses: ["pending", "approved"], agent: "a" },
        page,
      );
      expect(registry.ran.length).toBeGreaterThan(5);
      expect([...wrongs(registry.ran), ...strays(registry.ran)]).toEqual([]);
      expect(indexes(registry.ran)).toContain("session");
      expect(indexes(registry.ran.slice(-4))).toEqual(["owner" in scope ? "owner" : "inbox"]);
    });
  });

  test("of a run, of what lives, of what changed, of ids", async () => {
    await liveRuns(registry.d1, { tenant: "t" }, { sessionId: undefined, agent: undefined, limit: 10 });
    expect(indexes(registry.ran)).toEqual(["live"]);
    await executionsOfRun(registry.d1, scope, { runId: "r", limit: 10 });
    await executionsById(registry.d1, scope, ["a", "b"]);
    await liveRuns(registry.d1, scope, { sessionId: undefined, agent: undefined, limit: 10 });
    await liveRuns(registry.d1, scope, { sessionId: "s", agent: undefined, limit: 10 });
    await liveRuns(registry.d1, scope, { sessionId: undefined, agent: "a", limit: 10 });
    await lastOfSessions(registry.d1, scope, ["s"]);
    await runDigests(registry.d1, scope, ["r"]);
    await changedExecutions(registry.d1, scope, 5);
    expect([...wrongs(registry.ran), ...strays(registry.ran)]).toEqual([]);
  });
});

test("of keys, of the sweeper, of an approval's execution", async () => {
  await listKeys(registry.d1, "t", { limit: 10, from: undefined });
  await listKeys(registry.d1, "t", { limit: 10, from: { createdAtMs: 5, id: "k" } });
  await findKey(registry.d1, "hash");
  await oversleptExecutions(registry.d1, 5, 10);
  await approvalIndex({ of: async () => registry.d1 }).executionOf("t", "id");
  expect(registry.ran.length).toBe(5);
  expect(wrongs(registry.ran)).toEqual([]);
});
