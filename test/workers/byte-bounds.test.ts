/** Many large executions in one tenant: every list of them is answered in pages of about 1 MiB that lead through all. */
import { applyD1Migrations } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeAll, expect, inject, test } from "vitest";
import { Inbox } from "../../src/contract/approvals/inbox.ts";
import { BatchBody } from "../../src/contract/executions/batch.ts";
import { Deployment } from "../support/workers/deployment.ts";

const MANY = 8;
const LARGE = "€".repeat(150_000);
const MOST = 1.1 * 1_048_576;
const server = new Deployment();
const tenant = "acme-large";
let key = "";
const ids: string[] = [];

const bytesOf = (body: unknown) => new TextEncoder().encode(JSON.stringify(body)).length;

beforeAll(async () => {
  await applyD1Migrations(env.REGISTRY, inject("migrations"));
  key = (await server.newKey({ scopes: ["execute", "read", "approve"], tenant, subject: "large" })).key;
  for (let n = 0; n < MANY; n += 1) {
    const body = { input: { message: "large", seconds: 3_600 }, metadata: { n, text: LARGE } };
    const headers = { "x-run-id": "run_large" };
    const started = await server.call("POST", "/api/v1/execute/async/clock.remind", { key, body, headers });
    const id = String(started.body.execution_id);
    ids.push(id);
    const ask = { approval_request_id: `large-${n}`, payload: { n, text: LARGE } };
    const asked = await server.call("POST", `/api/v1/executions/${id}/request-approval`, { key, body: ask });
    expect([asked.status, asked.body.detail]).toEqual([200, undefined]);
    for (let note = 0; note < 12; note += 1) {
      const sent = { key, body: { message: "x".repeat(10_000), tags: [] } };
      expect((await server.call("POST", `/api/v1/executions/${id}/notes`, sent)).status).toBe(201);
    }
  }
});

test("batch-status says which remain, until none does", async () => {
  const seen: string[] = [];
  for (let left = [...ids, "exec_none"]; left.length > 0; ) {
    const { status, body } = await server.call("POST", "/api/v1/executions/batch-status", {
      key,
      body: { execution_ids: left },
    });
    expect(status).toBe(200);
    expect(bytesOf(body)).toBeLessThan(MOST);
    const entries = BatchBody.parse(body);
    const remain = left.filter((id) => entries[id]?.status === "remaining");
    const done = left.filter((id) => !remain.includes(id));
    for (const id of done) expect(id === "exec_none" ? {} : entries[id]?.metadata).toBeDefined();
    expect(done.length).toBeGreaterThan(0);
    seen.push(...done);
    left = remain;
  }
  expect(seen).toEqual([...ids, "exec_none"]);
});

test("the inbox leads through all payloads", async () => {
  const read = async (cursor: string | null) => {
    const path = `/api/v1/approvals?limit=200${cursor === null ? "" : `&cursor=${encodeURIComponent(cursor)}`}`;
    const { body } = await server.call("GET", path, { key });
    expect(bytesOf(body)).toBeLessThan(MOST);
    return Inbox.parse(body);
  };
  const all = async () => {
    const found: string[] = [];
    let page = await read(null);
    for (; ; page = await read(page.next_cursor)) {
      found.push(...page.items.map(({ approval_request_id }) => approval_request_id));
      if (page.next_cursor === null) return found;
    }
  };
  const wanted = Array.from({ length: MANY }, (_, n) => `large-${MANY - 1 - n}`);
  await expect.poll(all).toEqual(wanted);
});

test("the tree of a run has what notes there is room for, and says where the others are", async () => {
  const read = async () => {
    const { body } = await server.call("GET", "/api/v1/runs/run_large/dag", { key });
    expect(bytesOf(body)).toBeLessThan(MOST);
    return body.timeline as { execution_id: string; notes: unknown[]; notes_next_after?: number }[];
  };
  // The tree is read from the index.
  await expect.poll(async () => (await read()).map(({ execution_id }) => execution_id).sort()).toEqual(ids.toSorted());
  const timeline = await read();
  let notes = 0;
  for (const { execution_id, notes: told, notes_next_after: after } of timeline) {
    notes += told.length;
    if (after === undefined) continue;
    const rest = await server.call("GET", `/api/v1/executions/${execution_id}/notes?after=${after}`, { key });
    notes += (rest.body.notes as unknown[]).length;
  }
  expect(notes).toBe(MANY * 12);
});
