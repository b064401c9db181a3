/** One Idempotency-Key of one user is one execution, whoever comes first and however many at once. */
import { abortAllDurableObjects, applyD1Migrations } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeAll, expect, inject, test } from "vitest";
import type { Scope } from "../../src/domain/execution/principal.ts";
import { Deployment } from "../support/workers/deployment.ts";

const server = new Deployment();
const keys: Record<string, string> = {};
const SCOPES: readonly Scope[] = ["execute", "read", "agent", "approve"];

beforeAll(async () => {
  await applyD1Migrations(env.REGISTRY, inject("migrations"));
  for (const [name, subject, tenant] of [
    ["olga", "olga", "acme-keys"],
    ["olga's other key", "olga", "acme-keys"],
    ["ivan", "ivan", "acme-keys"],
    ["namesake", "olga", "rival-keys"],
  ] as const)
    keys[name] = (await server.newKey({ name, subject, tenant, scopes: SCOPES })).key;
});

const input = { claim: "c", amount: 1 };
const start = (who: string, key: string, { body = { input } as unknown, headers = {}, sync = false } = {}) =>
  server.call("POST", `/api/v1/execute/${sync ? "" : "async/"}approvals.demo`, {
    key: keys[who],
    body,
    headers: { "idempotency-key": key, ...headers },
  });
const created = async (id: unknown) =>
  (await server.call("GET", `/api/v1/executions/${id}/events?type=execution.created`, { key: keys.olga })).body.items;

test("the same request again is the same execution, accepted or waited for, by another key of the same user too", async () => {
  const first = await start("olga", "again");
  expect(first.status).toBe(202);
  for (const answer of [
    await start("olga", "again"),
    await start("olga", "again", { sync: true }),
    await start("olga's other key", "again"),
  ]) {
    expect(answer.status).toBe(202);
    expect(answer.body).toMatchObject({ execution_id: first.body.execution_id, run_id: first.body.run_id });
  }
  expect(await created(first.body.execution_id)).toHaveLength(1);
});

test("another request under the key is 422: another input, target, run, parent or budget", async () => {
  const first = await start("olga", "other");
  const others = [
    { body: { input: { claim: "d", amount: 1 } } },
    { body: { input, budget: { max_turns: 3 } } },
    { headers: { "x-run-id": "elsewhere" } },
    { headers: { "x-parent-execution-id": "somebody" } },
  ];
  for (const other of others) {
    const answer = await start("olga", "other", other);
    expect([other, answer.status, answer.body.code]).toEqual([other, 422, "idempotency_mismatch"]);
  }
  const target = await server.call("POST", "/api/v1/execute/async/clock.remind", {
    key: keys.olga,
    body: { input: { message: "m", seconds: 0 } },
    headers: { "idempotency-key": "other" },
  });
  expect(target.status).toBe(422);
  expect(await created(first.body.execution_id)).toHaveLength(1);
});

test("the key belongs to tenant and user: two users of one tenant never meet under it", async () => {
  const [mine, theirs, abroad] = [
    await start("olga", "shared"),
    await start("ivan", "shared"),
    await start("namesake", "shared"),
  ];
  expect([mine.status, theirs.status, abroad.status]).toEqual([202, 202, 202]);
  expect(new Set([mine, theirs, abroad].map(({ body }) => body.execution_id)).size).toBe(3);
});

test("keys that look alike across their parts are apart", async () => {
  const { key: odd } = await server.newKey({ subject: "olga:x", tenant: "acme-keys", scopes: SCOPES });
  keys.odd = odd;
  const [first, second] = [await start("olga", "x:y"), await start("odd", "y")];
  expect(first.status).toBe(202);
  expect(second.status).toBe(202);
  expect(second.body.execution_id).not.toBe(first.body.execution_id);
});

test("many at once are one execution: whoever comes while the first is being created gets the same answer", async () => {
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, n) => start("olga", "at-once", { sync: n % 2 === 0 })),
  );
  expect(new Set(answers.map(({ status, body }) => `${status} ${body.execution_id} ${body.run_id}`)).size).toBe(1);
  expect(await created(answers[0]?.body.execution_id)).toHaveLength(1);
});

test("of many different ones at once exactly one is taken, and the others are told so", async () => {
  const answers = await Promise.all(
    Array.from({ length: 8 }, (_, n) => start("olga", "differing", { body: { input: { claim: `c${n}`, amount: 1 } } })),
  );
  expect(answers.map(({ status }) => status).sort()).toEqual([202, ...Array<number>(7).fill(422)]);
});

test("many children of one parent at once are one child", async () => {
  const parent = await start("olga", "the-parent");
  const headers = { "x-parent-execution-id": String(parent.body.execution_id) };
  const answers = await Promise.all(Array.from({ length: 8 }, () => start("olga", "the-child", { headers })));
  expect(new Set(answers.map(({ status, body }) => `${status} ${body.execution_id}`)).size).toBe(1);
  const events = await server.call("GET", `/api/v1/executions/${parent.body.execution_id}/events?type=child.started`, {
    key: keys.olga,
  });
  expect(events.body.items).toHaveLength(1);
});

test("a key is still good after every object was lost from memory", async () => {
  const first = await start("olga", "after-a-crash");
  await abortAllDurableObjects();
  expect((await start("olga", "after-a-crash")).body.execution_id).toBe(first.body.execution_id);
});
