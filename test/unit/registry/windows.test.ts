/** What no index serves is looked for page by page: nothing is lost, nothing comes twice, and no page looks at everything. */
import { beforeEach, describe, expect, test } from "vitest";
import type { Cursor, ExecutionFilter, ExecutionSummary, Listing } from "../../../src/domain/read-models/summary.ts";
import { listExecutions } from "../../../src/registry/lists/listing.ts";
import { firstOfRunsIn, firstOfSessions } from "../../../src/registry/lists/sessions.ts";
import type { ExecutionRow } from "../../../src/registry/projection/projection.ts";
import { executionRow, project } from "../../../src/registry/projection/projection.ts";
import { running } from "../../support/log.ts";
import { RegistryDatabase } from "../../support/registry-database.ts";

let registry: RegistryDatabase;
beforeEach(() => {
  registry = new RegistryDatabase();
});

const { state } = running();
function row(n: number, fields: Partial<ExecutionRow> = {}): ExecutionRow {
  if (!state) throw new Error("there is no execution");
  const id = `exec_other${String(n).padStart(5, "0")}`;
  return { ...executionRow(state, undefined), id, run_id: `run-${n}`, created_at_ms: n, ...fields } as ExecutionRow;
}
const many = (count: number, fields: (n: number) => Partial<ExecutionRow> = () => ({})) =>
  Array.from({ length: count }, (_, n) => row(n + 100, fields(n)));

/** Every page, one after the other, and how many there were. */
async function walk(page: (from: Cursor | undefined) => Promise<Listing>, limit: number) {
  const found: ExecutionSummary[] = [];
  let pages = 0;
  for (let from: Cursor | undefined; pages < 1_000; pages += 1) {
    const { rows, resumeAfter } = await page(from);
    found.push(...rows);
    from = rows.length === limit ? rows.at(-1) : resumeAfter;
    if (!from) break;
  }
  return { ids: found.map(({ id }) => id), pages };
}

describe("a page that is not filled by what it may look at", () => {
  test("says where it stopped: a session behind very many rows without one is found", async () => {
    await project(registry.d1, [row(1, { id: "exec_first", session_id: "s" }), ...many(900)]);
    const scope = { tenant: "t", owner: "ann" };
    const { ids, pages } = await walk((from) => firstOfSessions(registry.d1, scope, { limit: 5, from }), 5);
    expect(ids).toEqual(["exec_first"]);
    expect(pages).toBeGreaterThan(1);
  });

  test("of an administrator's says where it stopped: the first of a run behind very many others", async () => {
    const later = many(900, () => ({ session_id: "s", run_id: "run-1" }));
    await project(registry.d1, [row(1, { id: "exec_first", run_id: "run-1", session_id: "s" }), ...later]);
    const read = (from: Cursor | undefined) =>
      firstOfRunsIn(registry.d1, { tenant: "t" }, { sessionId: "s", page: { limit: 5, from } });
    const { ids, pages } = await walk(read, 5);
    expect(ids).toEqual(["exec_first"]);
    expect(pages).toBeGreaterThan(1);
  });
});

describe("a user's page tells nothing of what others have, however much that is", () => {
  const index = () => ({ database: registry.d1, sealer: { sealText: (t: string) => t, openText: (t: string) => t } });
  const scope = { tenant: "t", owner: "ann" };
  const shared = {
    session_id: "s",
    run_id: "r",
    actor_id: "x",
    parent_id: "p",
    schedule_id: "o",
    status: "failed",
    agent: "a",
    fn: "f",
  };
  const page = { limit: 5, from: undefined };
  const filters: readonly [string, Partial<ExecutionFilter>][] = [
    ["everything", {}],
    ["a session", { sessionId: "s" }],
    ["a run", { runId: "r" }],
    ["an actor", { actorId: "x" }],
    ["a parent", { parentId: "p" }],
    ["a schedule", { scheduleId: "o" }],
    ["a status", { statuses: ["failed"] }],
    ["two statuses", { statuses: ["failed", "cancelled"] }],
    ["a target", { agent: "a", fn: "f" }],
    ["a session and a status", { sessionId: "s", statuses: ["failed"] }],
    ["a text", { text: "exec" }],
    ["a text in a session", { text: "exec", sessionId: "s" }],
  ];

  test.each(filters)("by %s: no cursor where nothing is found, and what is found at once", async (_name, filter) => {
    await project(
      registry.d1,
      many(900, () => ({ ...shared, owner: "bob" })),
    );
    const nothing = await listExecutions(index(), { ...scope, ...filter }, page);
    expect(nothing).toEqual({ rows: [], resumeAfter: undefined });
    await project(registry.d1, [row(1, { ...shared, id: "exec_mine" })]);
    const mine = await listExecutions(index(), { ...scope, ...filter }, page);
    expect([mine.rows.map(({ id }) => id), mine.resumeAfter]).toEqual([["exec_mine"], undefined]);
  });

  test("by the runs of a session, and by sessions", async () => {
    await project(
      registry.d1,
      many(900, () => ({ ...shared, owner: "bob" })),
    );
    const runs = () => firstOfRunsIn(registry.d1, scope, { sessionId: "s", page });
    const sessions = () => firstOfSessions(registry.d1, scope, page);
    for (const read of [runs, sessions]) expect(await read()).toEqual({ rows: [], resumeAfter: undefined });
    await project(registry.d1, [row(1, { ...shared, id: "exec_mine" })]);
    for (const read of [runs, sessions]) {
      const { rows, resumeAfter } = await read();
      expect([rows.map(({ id }) => id), resumeAfter]).toEqual([["exec_mine"], undefined]);
    }
  });

  test("in a crowd beyond all measure the looking stops, names no row of others, and goes on from there", async () => {
    for (let k = 0; k < 25; k += 1)
      await project(
        registry.d1,
        many(1_000, () => ({ ...shared, owner: "bob" })).map((one, n) => ({
          ...one,
          id: `exec_${k}-${n}`,
          created_at_ms: 100 + k * 1_000 + n,
        })),
      );
    await project(
      registry.d1,
      [1, 5_000, 15_000, 25_000].map((at) => row(at, { ...shared, id: `exec_mine${at}` })),
    );
    for (const filter of [
      { sessionId: "s" },
      { runId: "r" },
      { statuses: ["failed" as const] },
      { sessionId: "s", text: "mine" },
    ]) {
      const stops: (Cursor | undefined)[] = [];
      const read = async (from: Cursor | undefined) => {
        const found = await listExecutions(index(), { ...scope, ...filter }, { limit: 3, from });
        stops.push(found.resumeAfter);
        return found;
      };
      expect((await walk(read, 3)).ids).toEqual(["exec_mine25000", "exec_mine15000", "exec_mine5000", "exec_mine1"]);
      expect(stops.map((stop) => stop?.id)).toEqual(["z".repeat(128), "z".repeat(128), undefined]);
    }
    const runs = (from: Cursor | undefined) =>
      firstOfRunsIn(registry.d1, scope, { sessionId: "s", page: { limit: 3, from } });
    expect((await walk(runs, 3)).ids).toEqual(["exec_mine1"]);
  });

  test("and where a page stops, it stops at a row of the user's own", async () => {
    const others = many(600, (n) => ({ ...shared, owner: n % 2 === 0 ? "bob" : "ann", agent: "a" }));
    await project(registry.d1, others);
    for (const [, filter] of filters) {
      const found = await listExecutions(index(), { ...scope, ...filter, fn: "none", agent: "a" }, page);
      expect(found.rows).toEqual([]);
      const at = Number(found.resumeAfter?.id.slice(-5)) - 100;
      if (found.resumeAfter) expect(at % 2).toBe(1);
    }
  });
});

describe("a text in the words of an error", () => {
  const sealer = {
    sealText: (words: string) => `\u0001${btoa(words)}`,
    openText: (stored: string) => (stored.startsWith("\u0001") ? atob(stored.slice(1)) : stored),
  };
  const seenAs = (words: string) => words.replaceAll("ann@a.org", "***");
  const found = async (text: string, reader: object = {}) => {
    const filter = { tenant: "t", text, ...reader };
    const { rows } = await listExecutions({ database: registry.d1, sealer }, filter, { limit: 9, from: undefined });
    return rows.map(({ id }) => id).sort();
  };

  test("is looked for in what its reader sees of them, sealed or not", async () => {
    const words = "Ask ann@a.org";
    await project(registry.d1, [
      row(1, { id: "plain", error_message: words }),
      row(2, { id: "sealed", error_message: sealer.sealText(words) }),
      row(3, { id: "none" }),
    ]);
    for (const part of ["ann@", "ASK", "org"]) expect([part, await found(part)]).toEqual([part, ["plain", "sealed"]]);
    for (const part of ["ann@", "org", "nn"])
      expect([part, (await found(part, { seenAs })).includes("plain")]).toEqual([part, false]);
    expect(await found("ask ***", { seenAs })).toEqual(["plain", "sealed"]);
    // The sealed form is nobody's text.
    expect(await found(btoa(words).slice(0, 8))).toEqual([]);
  });
});

describe("the beginning of an id", () => {
  const index = () => ({ database: registry.d1, sealer: { sealText: (t: string) => t, openText: (t: string) => t } });
  const search = (text: string, limit: number) =>
    walk((from) => listExecutions(index(), { tenant: "t", text }, { limit, from }), limit);

  test("is found at once among very many, however old it is", async () => {
    await project(registry.d1, [row(1, { id: "exec_findmenow-1" }), row(2, { id: "exec_findmenow-2" }), ...many(900)]);
    expect(await search("exec_findmenow-", 5)).toEqual({ ids: ["exec_findmenow-2", "exec_findmenow-1"], pages: 0 });
  });

  test("that very many have is searched for like any text, and all are found", async () => {
    await project(registry.d1, many(900));
    const { ids } = await search("exec_other0", 50);
    expect(new Set(ids).size).toBe(900);
    expect(ids).toHaveLength(900);
  });
});
