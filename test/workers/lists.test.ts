/** Lists in real workerd: batches, sessions, the inbox; every filter, every wrong question, pages under inserts. */
import { applyD1Migrations } from "cloudflare:test";
import { env, exports } from "cloudflare:workers";
import fc from "fast-check";
import { beforeAll, describe, expect, inject, test } from "vitest";
import type { ExecutionRow } from "../../src/registry/projection/projection.ts";
import { project } from "../../src/registry/projection/projection.ts";
import { eventually } from "../support/eventually.ts";
import { call, until } from "../support/workers/modes.ts";

beforeAll(async () => {
  await applyD1Migrations(env.REGISTRY, inject("migrations"));
});

interface Item {
  readonly [field: string]: unknown;
  readonly execution_id: string;
}
interface Page {
  readonly items: readonly Item[];
  readonly next_cursor: string | null;
}

async function page(path: string): Promise<Page> {
  const { status, body } = await call("GET", path);
  expect({ path, status }).toEqual({ path, status: 200 });
  return body as unknown as Page;
}

/** All pages of a list, one after the other; `between` happens after each. */
async function walk(path: string, between: () => Promise<void> = async () => {}): Promise<Item[]> {
  const items: Item[] = [];
  let cursor: string | null = "";
  while (cursor !== null) {
    const found: Page = await page(`${path}${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ""}`);
    items.push(...found.items);
    cursor = found.next_cursor;
    await between();
  }
  return items;
}

let made = 0;
function row(fields: Partial<ExecutionRow> = {}): ExecutionRow {
  made += 1;
  return {
    tenant: "local",
    id: `exec_${String(made).padStart(42, "0")}A`,
    seq: 1,
    owner: "local",
    agent: "made-up",
    fn: "thing",
    kind: "reasoner",
    status: "succeeded",
    reason: null,
    run_id: `made-run-${made}`,
    parent_id: null,
    session_id: null,
    actor_id: null,
    schedule_id: null,
    created_at_ms: Date.UTC(2026, 0, 1) + made,
    started_at_ms: null,
    finished_at_ms: Date.UTC(2026, 0, 1) + made,
    updated_at_ms: Date.UTC(2026, 0, 1) + made,
    error_code: null,
    error_message: null,
    turns: 0,
    tokens: 0,
    cost_usd: 0,
    next_wake_at_ms: null,
    ...fields,
  };
}

async function start(input: unknown, headers: Readonly<Record<string, string>> = {}): Promise<string> {
  const init = { method: "POST", headers, body: JSON.stringify({ input }) };
  const response = await exports.default.fetch(new Request("http://localhost/api/v1/execute/approvals.demo", init));
  return ((await response.json()) as { execution_id: string }).execution_id;
}
const claim = (name: string) => ({ claim: name, amount: 1 });
const waits = (id: string) => until("plain", id, ({ body }) => body.status === "waiting");

describe("GET /executions", () => {
  const agent = `filters-${crypto.randomUUID()}`;
  const at = (day: number) => Date.UTC(2025, 5, day);
  const rows = {
    plain: row({ agent, created_at_ms: at(1) }),
    failed: row({
      agent,
      status: "failed",
      error_code: "E1",
      error_message: "the 100% disk_full",
      created_at_ms: at(2),
    }),
    other: row({ agent, fn: "other-thing", created_at_ms: at(3) }),
    ran: row({ agent, run_id: `run-${agent}`, created_at_ms: at(4) }),
    child: row({ agent, parent_id: `parent-${agent}`, status: "cancelled", created_at_ms: at(5) }),
    spoken: row({
      agent,
      session_id: `s-${agent}`,
      actor_id: `who-${agent}`,
      schedule_id: `tea-${agent}`,
      created_at_ms: at(6),
    }),
    foreign: row({ agent, tenant: "somebody-else", created_at_ms: at(7) }),
  };
  type Name = keyof typeof rows;
  beforeAll(() => project(env.REGISTRY, Object.values(rows)));

  const filters: [string, Name[]][] = [
    ["", ["spoken", "child", "ran", "other", "failed", "plain"]],
    ["status=failed", ["failed"]],
    ["status=error,canceled", ["child", "failed"]],
    [`run_id=run-${agent}&status=succeeded${",done".repeat(200)}`, ["ran"]],
    [`target=${agent}.thing`, ["spoken", "child", "ran", "failed", "plain"]],
    [`target=${agent}.other-thing`, ["other"]],
    [`target=${agent}`, ["spoken", "child", "ran", "other", "failed", "plain"]],
    [`run_id=run-${agent}`, ["ran"]],
    [`session_id=s-${agent}`, ["spoken"]],
    [`actor_id=who-${agent}`, ["spoken"]],
    [`schedule_id=tea-${agent}`, ["spoken"]],
    [`schedule_id=tea-${agent}&status=failed`, []],
    ["schedule_id=none", []],
    [`parent_execution_id=parent-${agent}`, ["child"]],
    ["since=2025-06-05T00:00:00Z", ["spoken", "child"]],
    ["until=2025-06-03T00:00:00%2B00:00", ["failed", "plain"]],
    ["since=2025-06-02T00:00:00Z&until=2025-06-04T00:00:00Z", ["other", "failed"]],
    ["status=succeeded&since=2025-06-06T00:00:00Z", ["spoken"]],
    ["q=OTHER-thing", ["other"]],
    ["q=disk_full", ["failed"]],
    ["q=100%25", ["failed"]],
    ["q=diskXfull", []],
    [`q=${String(rows.ran.id)}`, ["ran"]],
    [`q=${String(rows.ran.id).slice(0, 40)}`, ["spoken", "child", "ran", "other", "failed", "plain"]],
  ];
  test.each(filters)("?%s shows what fits, newest first, and nothing of another tenant", async (query, wanted) => {
    const { items, next_cursor } = await page(`/api/v1/executions?agent_id=${agent}&${query}`);
    expect(items.map(({ execution_id }) => execution_id)).toEqual(wanted.map((name) => rows[name].id));
    expect(next_cursor).toBeNull();
  });

  const wrong: [string, string][] = [
    ["limit=0", "limit"],
    ["limit=201", "limit"],
    ["limit=ten", "limit"],
    ["limit=1.5", "limit"],
    ["cursor=nonsense", "cursor"],
    ["cursor=1~_", "cursor"],
    [`cursor=1~exec_${"x".repeat(300)}`, "cursor"],
    ["cursor=%00", "cursor"],
    ["status=sleepy", "status"],
    ["status=failed,,", "status"],
    ["since=yesterday", "since"],
    ["until=2026-13-01T00:00:00Z", "until"],
    [`q=${"x".repeat(257)}`, "q"],
    [`run_id=${"x".repeat(257)}`, "run_id"],
  ];
  test.each(wrong)("?%s is refused, and the answer names %s", async (query, field) => {
    const { status, body } = await call("GET", `/api/v1/executions?${query}`);
    const code = field === "cursor" ? "invalid_cursor" : "invalid_input";
    expect({ status, code: body.code }).toEqual({ status: 400, code });
    expect((body.errors as { path: string }[]).map(({ path }) => path)).toEqual([field]);
  });

  test("pages show every row once, whatever is inserted meanwhile", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 1, maxLength: 12 }),
        fc.integer({ min: 1, max: 5 }),
        fc.array(fc.integer({ min: 0, max: 8 }), { maxLength: 6 }),
        async (times, limit, inserts) => {
          const own = `paged-${crypto.randomUUID()}`;
          // Several rows of one millisecond: the id decides.
          const before = times.map((time) => row({ agent: own, created_at_ms: at(10) + time }));
          await project(env.REGISTRY, before);
          const later = [...inserts];
          const items = await walk(`/api/v1/executions?agent_id=${own}&limit=${limit}`, async () => {
            const time = later.shift();
            if (time !== undefined) await project(env.REGISTRY, [row({ agent: own, created_at_ms: at(10) + time })]);
          });
          const shown = items.map(({ execution_id }) => execution_id);
          expect(new Set(shown).size).toBe(shown.length);
          expect(before.filter(({ id }) => !shown.includes(String(id)))).toEqual([]);
          const keys = items.map(({ created_at, execution_id }) => `${created_at} ${execution_id}`);
          expect(keys).toEqual(keys.toSorted().toReversed());
        },
      ),
      { numRuns: 25 },
    );
  });
});

test("a rare find among very many rows takes several pages, and is found", async () => {
  const own = `many-${crypto.randomUUID()}`;
  const needle = row({ agent: own, error_message: "the needle", status: "failed" });
  await project(env.REGISTRY, [needle]);
  for (let batch = 0; batch < 3; batch += 1)
    await project(
      env.REGISTRY,
      Array.from({ length: 500 }, () => row({ agent: own })),
    );
  const first = await page(`/api/v1/executions?agent_id=${own}&q=NEEDLE`);
  expect(first).toEqual({ items: [], next_cursor: expect.any(String) });
  const all = await walk(`/api/v1/executions?agent_id=${own}&q=NEEDLE`);
  expect(all.map(({ execution_id }) => execution_id)).toEqual([needle.id]);
  // A rare status has an index of its own.
  const failed = await page(`/api/v1/executions?agent_id=${own}&status=failed`);
  expect(failed.items).toHaveLength(1);
});

describe("POST /executions/batch-status", () => {
  const batch = (body: unknown) => call("POST", "/api/v1/executions/batch-status", body);

  test("answers each id with its execution, and not_found for whatever is not the caller's", async () => {
    const waiting = await start(claim("batch"));
    await waits(waiting);
    const ended = await start(claim("batch-2"));
    await waits(ended);
    await call("POST", `/api/v1/executions/${ended}/approval-response`, { decision: "approved", option: "pay_half" });
    await until("plain", ended, ({ body }) => body.status === "succeeded");
    const foreign = row({ tenant: "somebody-else" });
    await project(env.REGISTRY, [foreign]);
    const unknown = `exec_${"B".repeat(42)}A`;
    const ids = [waiting, ended, unknown, String(foreign.id), "nonsense", "__proto__", waiting];
    const { status, body } = await batch({ execution_ids: ids });
    expect(status).toBe(200);
    expect(Object.keys(body).toSorted()).toEqual([...new Set(ids)].toSorted());
    expect(body[waiting]).toEqual((await call("GET", `/api/v1/executions/${waiting}`)).body);
    expect(body[ended]).toMatchObject({ status: "succeeded", result: { option: "pay_half" } });
    for (const id of [unknown, String(foreign.id), "nonsense"]) expect(body[id]).toEqual({ status: "not_found" });
  });

  test("without results, the index answers for what ended, and live executions answer themselves", async () => {
    const waiting = await start(claim("batch-3"));
    await waits(waiting);
    const old = row({ status: "failed", error_code: "E7", error_message: "gone wrong" });
    const stale = await start(claim("batch-4"));
    await waits(stale);
    await project(env.REGISTRY, [old]);
    const { body } = await batch({ execution_ids: [waiting, old.id, stale], include_result: false });
    expect(body[String(old.id)]).toMatchObject({ status: "failed", failure_code: "E7", error_message: "gone wrong" });
    expect(body[waiting]).toMatchObject({ status: "waiting", waiting_for: { type: "approval" } });
    expect(body[stale]).toMatchObject({ status: "waiting" });
  });

  test("takes 500 ids and no more", async () => {
    const ids = (count: number) => Array.from({ length: count }, (_, at) => `exec_${String(at).padStart(42, "A")}A`);
    const full = await batch({ execution_ids: ids(500) });
    expect(Object.keys(full.body)).toHaveLength(500);
    const over = await batch({ execution_ids: ids(501) });
    expect(over).toMatchObject({ status: 400, body: { errors: [{ path: "execution_ids" }] } });
    for (const body of [{}, { execution_ids: "x" }, { execution_ids: [7] }, { execution_ids: [""] }])
      expect((await batch(body)).status).toBe(400);
    expect((await batch({ execution_ids: [] })).body).toEqual({});
  });
});

describe("sessions", () => {
  test("are listed newest first, each once, and show their runs", async () => {
    const mark = crypto.randomUUID();
    const at = Date.UTC(2031, 0, 1);
    let time = at;
    const one = (session: string, run: string, fields: Partial<ExecutionRow> = {}) =>
      row({ session_id: `${session}-${mark}`, run_id: `${run}-${mark}`, created_at_ms: ++time, ...fields });
    await project(env.REGISTRY, [
      one("s1", "r1"),
      one("s2", "r2"),
      one("s1", "r3", { status: "failed" }),
      one("s1", "r3"),
      one("s3", "r4"),
      one("s1", "r5", { status: "running", finished_at_ms: null, actor_id: "carol" }),
      one("s9", "r9", { tenant: "somebody-else" }),
    ]);
    const items = await walk("/api/v1/sessions?limit=2");
    const ours = items.filter(({ session_id }) => String(session_id).endsWith(mark));
    expect(ours.map(({ session_id }) => String(session_id).slice(0, 2))).toEqual(["s3", "s2", "s1"]);
    expect(ours[2]).toMatchObject({ latest_run_id: `r5-${mark}`, latest_status: "running", actor_id: "carol" });
    const runs = await walk(`/api/v1/sessions/s1-${mark}?limit=1`);
    expect(
      runs.map(({ run_id, status, total_executions }) => [String(run_id).slice(0, 2), status, total_executions]),
    ).toEqual([
      ["r5", "running", 1],
      ["r3", "failed", 2],
      ["r1", "succeeded", 1],
    ]);
    expect((await call("GET", `/api/v1/sessions/s9-${mark}`)).status).toBe(404);
    expect((await call("GET", "/api/v1/sessions?limit=0")).status).toBe(400);
  });
});

describe("the inbox of approvals", () => {
  test("shows every open gate with its payload, and loses it when it is decided", async () => {
    const session = `inbox-${crypto.randomUUID()}`;
    const ids: string[] = [];
    for (const name of ["i1", "i2", "i3"]) ids.push(await start(claim(name), { "x-session-id": session }));
    const path = `/api/v1/approvals?status=pending&session_id=${session}&limit=2`;
    const items = await eventually(async () => {
      const found = await walk(path);
      expect(found).toHaveLength(3);
      return found;
    });
    expect(items.map(({ execution_id }) => execution_id)).toEqual(ids.toReversed());
    expect(items[0]).toMatchObject({
      status: "pending",
      type: "approval",
      target: "approvals.demo",
      payload: { claim: "i3" },
      options: ["pay_in_full", "pay_half"],
    });
    const [{ approval_request_id, payload_digest }] = items as [Item];
    const decided = await call("POST", "/api/v1/webhooks/approval", {
      approval_request_id,
      payload_digest,
      decision: "approved",
    });
    expect(decided.body.status).toBe("processed");
    // At once, whatever the index still says.
    expect((await walk(path)).map(({ execution_id }) => execution_id)).toEqual([ids[1], ids[0]]);
  });

  test("knows where approvals stand, and refuses any other word", async () => {
    expect((await call("GET", "/api/v1/approvals?status=approved,expired")).status).toBe(200);
    expect(await call("GET", "/api/v1/approvals?status=succeeded")).toMatchObject({
      status: 400,
      body: { errors: [{ path: "status" }] },
    });
  });
});
