/** Lists off copies of the index: which copy a reader is bound to, and what it is told for its next request. */
import { beforeEach, describe, expect, test } from "vitest";
import { createClient } from "../../../../src/client/client.ts";
import type { ReadSession } from "../../../../src/domain/read-models/summary.ts";
import { readingOf } from "../../../../src/registry/databases/read-replicas.ts";
import { Registries } from "../../../../src/registry/databases/registries.ts";
import { scheduleIndex } from "../../../../src/registry/documents/schedules.ts";
import { approvalIndex } from "../../../../src/registry/lists/approvals.ts";
import { attributeRegistry } from "../../../../src/registry/lists/attribute-counts.ts";
import { executionRow, project } from "../../../../src/registry/projection/projection.ts";
import { executionRegistry, runRegistry } from "../../../../src/registry/run-registry.ts";
import { running } from "../../../support/log.ts";
import { RegistryDatabase } from "../../../support/registry-database.ts";

const PLAIN = { sealText: (text: string) => text, openText: (text: string) => text };
const MARK = "00000085-0000024c-00004c6d-8e61117bf38d7adb71b934ebbf891683";

/** The primary, and a copy that has heard of nothing since it was made. A bookmark of the primary is answered by the primary. */
class Replicated {
  readonly primary = new RegistryDatabase();
  readonly copy = new RegistryDatabase();
  readonly asked: string[] = [];

  get d1(): D1Database {
    const { d1 } = this.primary;
    const withSession = (constraint = "first-unconstrained") => {
      this.asked.push(constraint);
      const answering = constraint === MARK ? d1 : this.copy.d1;
      const { prepare, batch } = answering;
      return {
        prepare: prepare.bind(answering),
        batch: batch.bind(answering),
        getBookmark: () => (constraint === MARK ? MARK : "00000001-00000001-00000001-ab"),
      };
    };
    return { prepare: d1.prepare.bind(d1), batch: d1.batch.bind(d1), withSession } as unknown as D1Database;
  }
}

let replicated: Replicated;
let registries: Registries;
beforeEach(async () => {
  replicated = new Replicated();
  registries = new Registries({ databases: new Map([[0, replicated.d1]]), maxBytes: 1, now: () => 0 });
  const { state } = running();
  if (!state) throw new Error("there is no execution");
  await project(replicated.primary.d1, [{ ...executionRow(state, undefined), tenant: "t", id: "exec_new" }]);
});

const listed = async (session?: ReadSession) => {
  const { rows } = await executionRegistry(registries, PLAIN).list(
    { tenant: "t" },
    { limit: 9, from: undefined, session },
  );
  return rows.map(({ id }) => id);
};

describe("the other lists", () => {
  test("are read off the nearest copy where their reader has a session, and else off the primary", async () => {
    const runs = runRegistry(registries, PLAIN);
    const page = { limit: 9, from: undefined };
    const lists = {
      sessions: (session?: ReadSession) => runs.firstOfSessions({ tenant: "t", session }, page),
      runs: (session?: ReadSession) => runs.firstOfRuns({ tenant: "t", session }, { sessionId: "s", page }),
      digests: (session?: ReadSession) => runs.digests({ tenant: "t", session }, ["run"]),
      approvals: (session?: ReadSession) =>
        approvalIndex(registries).list({ tenant: "t", statuses: ["pending"] }, { ...page, session }),
      attributes: (session?: ReadSession) =>
        attributeRegistry(registries).count({ tenant: "t", session }, { name: "region", limit: 9 }),
      schedules: (session?: ReadSession) => {
        const filter = {
          tenant: "t",
          owner: undefined,
          status: undefined,
          target: undefined,
          from: undefined,
          limit: 9,
        };
        return scheduleIndex(registries, PLAIN).list({ ...filter, session });
      },
    };
    for (const [name, list] of Object.entries(lists)) {
      replicated.asked.splice(0);
      await list();
      expect([name, replicated.asked]).toEqual([name, []]);
      const session: ReadSession = { bookmark: `0.${MARK}` };
      await list(session);
      expect([name, replicated.asked, session.next]).toEqual([name, [MARK], `0.${MARK}`]);
    }
  });

  test("that are read in several steps stand each behind the step before", async () => {
    const runs = runRegistry(registries, PLAIN);
    const session: ReadSession = { bookmark: undefined };
    await runs.firstOfSessions({ tenant: "t", session }, { limit: 9, from: undefined });
    await runs.lastOfSessions({ tenant: "t", session }, ["s"]);
    expect(replicated.asked).toEqual(["first-unconstrained", "00000001-00000001-00000001-ab"]);
  });
});

describe("a reader", () => {
  test("without a session reads the primary; with one the nearest copy, and is told a bookmark", async () => {
    expect(await listed()).toEqual(["exec_new"]);
    expect(replicated.asked).toEqual([]);
    const session: ReadSession = { bookmark: undefined };
    expect(await listed(session)).toEqual([]);
    expect([replicated.asked, session.next]).toEqual([["first-unconstrained"], "0.00000001-00000001-00000001-ab"]);
  });

  test("that sends its bookmark reads nothing older", async () => {
    const session: ReadSession = { bookmark: `0.${MARK}` };
    expect(await listed(session)).toEqual(["exec_new"]);
    expect([replicated.asked, session.next]).toEqual([[MARK], `0.${MARK}`]);
  });

  test.each([`1.${MARK}`, MARK, "0.first-primary", "0.", `0.${MARK}; DROP`, "x".repeat(600)])(
    "is bound to nothing by %s",
    async (bookmark) => {
      const reading = await readingOf(registries, "t", { bookmark });
      reading.end();
      expect(replicated.asked).toEqual(["first-unconstrained"]);
    },
  );

  test("gets the database itself where the platform has no sessions", async () => {
    const { d1 } = replicated.primary;
    const plain = new Registries({ databases: new Map([[0, d1]]), maxBytes: 1, now: () => 0 });
    const { database } = await readingOf(plain, "t", { bookmark: undefined });
    expect(database).toBe(d1);
  });
});

test("the typed client brings the bookmark of its last answer", async () => {
  const sent: (string | null)[] = [];
  const fetch = async (_url: unknown, init?: RequestInit) => {
    sent.push(new Headers(init?.headers).get("x-errand-bookmark"));
    const headers = { "x-errand-bookmark": `0.${MARK}`, "content-type": "application/json" };
    return new Response(JSON.stringify({ items: [], next_cursor: null }), { headers });
  };
  const errand = createClient({ baseUrl: "https://errand.test", fetch: fetch as typeof globalThis.fetch });
  for (let read = 0; read < 2; read += 1) for await (const _row of errand.list()) expect.fail("there is none");
  expect(sent).toEqual([null, `0.${MARK}`]);
});
