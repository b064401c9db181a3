/** Lists as files in real workerd: the same rows, the same access and the same refusals as the list, page after page. */
import { applyD1Migrations } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeAll, expect, inject, test } from "vitest";
import { createClient } from "../../src/client/client.ts";
import { EXPORT_PAGES } from "../../src/contract/exports.ts";
import type { ExecutionRow } from "../../src/registry/projection/projection.ts";
import { project } from "../../src/registry/projection/projection.ts";
import { Deployment } from "../support/workers/deployment.ts";

const server = new Deployment();
const keys: Record<string, string> = {};
const TENANT = "acme-export";
const PAGE = 1_000;

function row(n: number, fields: Partial<ExecutionRow> = {}): ExecutionRow {
  const at = Date.UTC(2026, 0, 1) + n;
  return {
    ...{
      tenant: TENANT,
      id: `exec_${String(n).padStart(42, "0")}A`,
      seq: 1,
      owner: "olga",
      agent: "made-up",
      fn: "thing",
    },
    ...{ kind: "reasoner", status: "succeeded", reason: null, run_id: `run-${n}`, parent_id: null, session_id: null },
    ...{
      actor_id: null,
      created_at_ms: at,
      started_at_ms: null,
      finished_at_ms: at,
      updated_at_ms: at,
      error_code: null,
    },
    ...{ error_message: null, turns: 0, tokens: 7, cost_usd: 0.25, next_wake_at_ms: null, ...fields },
  };
}

beforeAll(async () => {
  await applyD1Migrations(env.REGISTRY, inject("migrations"));
  const scopes = ["read"] as const;
  for (const subject of ["olga", "ivan"])
    keys[subject] = (await server.newKey({ subject, tenant: TENANT, scopes })).key;
  keys.ada = (await server.newKey({ subject: "ada", tenant: TENANT, scopes: ["admin"] })).key;
  keys.viewer = (await server.newKey({ subject: "vera", tenant: TENANT, scopes: ["admin"], masked: true })).key;
  const rows = Array.from({ length: 2_100 }, (_, n) => row(n, n === 3 ? ODD : n % 7 === 0 ? { owner: "ivan" } : {}));
  for (let at = 0; at < rows.length; at += 500) await project(env.REGISTRY, rows.slice(at, at + 500));
});

const ODD = {
  ...{ agent: "odd", status: "failed", error_code: "E1", schedule_id: "=1+1" },
  error_message: 'says "no",\r\nto olga@example.com',
};

async function get(who: string, path: string, headers: Readonly<Record<string, string>> = {}) {
  const answer = await server.fetch("GET", path, { key: keys[who] ?? "", headers });
  const { status, headers: got } = answer;
  return {
    status,
    text: new TextDecoder().decode(await answer.arrayBuffer()),
    type: got.get("content-type"),
    file: got.get("content-disposition"),
  };
}
const lines = (text: string) =>
  text
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);

test("a file has every row of the list once, in its order, over several pages", async () => {
  const { status, text, type, file } = await get("ada", "/api/v1/executions?format=jsonl");
  expect({ status, type, file }).toEqual({
    ...{ status: 200, type: "application/x-ndjson", file: 'attachment; filename="executions.jsonl"' },
  });
  const shown = lines(text);
  expect(shown.map(({ execution_id }) => execution_id)).toEqual(
    Array.from({ length: 2_100 }, (_, n) => `exec_${String(2_099 - n).padStart(42, "0")}A`),
  );
  const page = await server.call("GET", "/api/v1/executions?limit=1", { key: keys.ada ?? "" });
  expect(shown[0]).toEqual((page.body.items as unknown[])[0]);
});

test("an owner's file has her own rows alone; filters are those of the list", async () => {
  const mine = lines((await get("ivan", "/api/v1/executions?format=jsonl")).text);
  expect(mine).toHaveLength(300);
  const some = lines((await get("ivan", "/api/v1/executions?format=jsonl&since=2026-01-01T00:00:02Z")).text);
  expect(some).toHaveLength(14);
  const wrong = await get("ivan", "/api/v1/executions?format=jsonl&statsu=failed");
  expect([wrong.status, JSON.parse(wrong.text).code]).toEqual([400, "invalid_input"]);
  expect((await get("ivan", "/api/v1/executions?format=xml")).status).toBe(400);
  expect((await get("nobody", "/api/v1/executions?format=csv")).status).toBe(401);
});

test("the typed client gives a file piece by piece", async () => {
  const fetch = (input: RequestInfo | URL, init?: RequestInit) => server.send(new Request(input, init));
  const errand = createClient({
    baseUrl: "https://errand.test",
    key: keys.ivan ?? "",
    fetch,
  });
  let text = "";
  for await (const piece of errand.operations.export("executions", { format: "jsonl" })) text += piece;
  expect(lines(text)).toHaveLength(300);
  const refused = errand.operations.export("executions", { format: "csv", query: { statsu: "failed" } }).next();
  await expect(refused).rejects.toMatchObject({ code: "invalid_input" });
});

test("CSV quotes what has to be, says each field under its name, and begins no formula", async () => {
  const { text, type } = await get("olga", "/api/v1/executions?agent_id=odd", { accept: "text/csv" });
  expect(type).toBe("text/csv; charset=utf-8");
  const [head = "", ...rest] = text.split("\r\n");
  const names = head.split(",");
  expect(names).toEqual(expect.arrayContaining(["execution_id", "schedule_id", "usage.tokens", "next_cursor"]));
  expect(rest.join("\r\n")).toContain('"says ""no"",\r\nto olga@example.com"');
  expect(rest.join("\r\n")).toContain("'=1+1");
  expect(text.endsWith(",\r\n")).toBe(true);
});

test.each(["csv", "jsonl"])("a viewer's %s is masked", async (format) => {
  const { text } = await get("viewer", `/api/v1/executions?agent_id=odd&format=${format}`);
  expect(text).not.toContain("olga@example.com");
});

test("an answer that ends before its list says where it goes on; nothing is left out and nothing comes twice", async () => {
  const seen: unknown[] = [];
  for (let cursor = "", answers = 0; answers < 60; answers += 1) {
    const from = cursor === "" ? "" : `&cursor=${encodeURIComponent(cursor)}`;
    // A filter that no index serves is looked for among a window of rows a page.
    const found = lines((await get("ivan", `/api/v1/executions?format=jsonl&q=exec_&limit=50${from}`)).text);
    const last = found.at(-1);
    cursor = typeof last?.next_cursor === "string" && Object.keys(last).length === 1 ? last.next_cursor : "";
    seen.push(...(cursor === "" ? found : found.slice(0, -1)).map(({ execution_id }) => execution_id));
    if (cursor === "") break;
  }
  expect(seen).toHaveLength(300);
  expect(new Set(seen).size).toBe(300);
});

test("one answer reads so many pages and no more", async () => {
  const tenant = "acme-long-export";
  const { key } = await server.newKey({ subject: "ada", tenant, scopes: ["admin"] });
  const all = PAGE * EXPORT_PAGES + 5;
  for (let at = 0; at < all; at += 2_000)
    await project(
      env.REGISTRY,
      Array.from({ length: Math.min(2_000, all - at) }, (_, n) => row(at + n, { tenant })),
    );
  const read = async (query: string) => (await server.fetch("GET", `/api/v1/executions?${query}`, { key })).text();
  const text = await read("format=csv");
  const records = text.trimEnd().split("\r\n").slice(1);
  expect(records).toHaveLength(PAGE * EXPORT_PAGES + 1);
  const cursor = /^,+(\d+~exec_\w+)$/.exec(records.at(-1) ?? "")?.[1] ?? "";
  const rest = await read(`format=csv&cursor=${cursor}`);
  expect(rest.trimEnd().split("\r\n").slice(1)).toHaveLength(5);
}, 60_000);

test.each(["sessions", "approvals", "schedules"])("%s are exported too", async (list) => {
  const { status, text, file } = await get("ada", `/api/v1/${list}?format=csv`);
  expect({ status, file }).toEqual({ status: 200, file: `attachment; filename="${list}.csv"` });
  expect(text.split("\r\n")[0]).toMatch(/,next_cursor$/);
});
