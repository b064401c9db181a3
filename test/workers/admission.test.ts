/** Reads count in the admission of a machine with few files, and questions for ids that were never used make nothing. */
import { applyD1Migrations, listDurableObjectIds } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeAll, expect, inject, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { Deployment, ROOT_KEY } from "../support/workers/deployment.ts";

const server = new Deployment({ ERRAND_ROOT_KEY: ROOT_KEY });
const ASYNC = "/api/v1/execute/async/approvals.demo";
const CLAIM = { input: { claim: "c", amount: 1 } };

beforeAll(() => applyD1Migrations(env.REGISTRY, inject("migrations")));

test("a machine without room for one more object says 503 to a read, and answers for those that are in memory", async () => {
  const ids: string[] = [];
  for (let n = 0; n < 4; n += 1) {
    const { body } = await server.call("POST", ASYNC, { key: ROOT_KEY, body: CLAIM });
    ids.push(String(body.execution_id));
  }
  const listed = async () => {
    const { body } = await server.call("GET", "/api/v1/executions?status=waiting", { key: ROOT_KEY });
    expect(body.items).toHaveLength(4);
  };
  await eventually(listed);

  const small = new Deployment({ ERRAND_ROOT_KEY: ROOT_KEY, ERRAND_MAX_LIVE: "3" });
  const read = (id = "") => small.call("GET", `/api/v1/executions/${id}`, { key: ROOT_KEY });
  for (const id of ids.slice(0, 3)) expect((await read(id)).status).toBe(200);
  const full = await read(ids[3]);
  expect([full.status, full.body.code, full.headers.get("retry-after")]).toEqual([503, "overloaded", "1"]);
  expect(full.body.detail).toContain("ERRAND_MAX_LIVE");
  expect((await read(ids[0])).status).toBe(200);

  const batch = await small.call("POST", "/api/v1/executions/batch-status", {
    key: ROOT_KEY,
    body: { execution_ids: ids },
  });
  const statuses = Object.values(batch.body as Record<string, unknown>).map(
    (entry) => (entry as { status: string }).status,
  );
  expect([batch.status, statuses]).toEqual([200, ["waiting", "waiting", "waiting", "waiting"]]);
});

test("questions for ids that were never used neither make an object nor take room from others", async () => {
  const small = new Deployment({ ERRAND_ROOT_KEY: ROOT_KEY, ERRAND_MAX_LIVE: "1" });
  const objects = async () => (await listDurableObjectIds(env.EXECUTIONS)).length;
  const before = await objects();
  const madeUp = [`exec_${"A".repeat(43)}`, `exec_${"B".repeat(56)}`, "nobody-chose-this", "exec_x"];
  for (const id of madeUp)
    for (const rest of [
      "",
      "/events",
      "/log",
      "/effects",
      "/invariants",
      "/notes",
      "/conversation",
      "/approval-status",
    ])
      expect((await small.call("GET", `/api/v1/executions/${id}${rest}`, { key: ROOT_KEY })).status).toBe(404);
  expect(await objects()).toBe(before);
  expect((await small.call("POST", ASYNC, { key: ROOT_KEY, body: CLAIM })).status).toBe(202);
});

test("schedules and memories are objects as well: without room for one more they are refused before they are made", async () => {
  const small = new Deployment({ ERRAND_ROOT_KEY: ROOT_KEY, ERRAND_MAX_LIVE: "2" });
  const send = (method: string, path: string, body?: unknown) =>
    small.call(method, `/api/v1/${path}`, { key: ROOT_KEY, ...(body === undefined ? {} : { body }) });
  const make = (schedule_id: string) =>
    send("POST", "schedules", {
      schedule_id,
      target: "clock.remind",
      input: { message: "m", seconds: 0 },
      every: "1h",
    });
  expect((await make("room-1")).status).toBe(201);
  expect((await send("POST", "memory/set", { key: "k", data: 1, scope: "global" })).status).toBe(200);
  const { SCHEDULES: schedules } = env;
  if (!schedules) throw new Error("SCHEDULES is not bound");
  const made = (await listDurableObjectIds(schedules)).length;
  const full = await make("room-2");
  expect([full.status, full.body.code, full.headers.get("retry-after")]).toEqual([503, "overloaded", "1"]);
  const body = { key: "k", data: 1, scope: "session" };
  const other = { key: ROOT_KEY, body, headers: { "x-session-id": "another" } };
  expect((await small.call("POST", "/api/v1/memory/set", other)).status).toBe(503);
  expect((await listDurableObjectIds(schedules)).length).toBe(made);
  // What is in memory answers.
  expect((await send("GET", "schedules/room-1")).status).toBe(200);
  expect((await send("POST", "memory/get", { key: "k", scope: "global" })).status).toBe(200);
});
