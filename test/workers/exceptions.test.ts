/** What a program threw without declaring it: its owner reads the words, others one sentence, and nobody a stack. */
import { applyD1Migrations } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterAll, beforeAll, describe, expect, inject, test, vi } from "vitest";
import { UNDECLARED } from "../../src/domain/values/exceptions.ts";
import { eventually } from "../support/eventually.ts";
import { Deployment } from "../support/workers/deployment.ts";

const WORDS = "/reserve answered 400";
const server = new Deployment();
const tenant = "acme-exceptions";
let keys: { owner: string; admin: string; viewer: string };
let id = "";

beforeAll(async () => {
  await applyD1Migrations(env.REGISTRY, inject("migrations"));
  const newKey = async (subject: string, admin: boolean, masked = false) => {
    const scopes = admin ? (["admin"] as const) : (["execute", "read"] as const);
    return (await server.newKey({ subject, scopes, tenant, masked })).key;
  };
  keys = { owner: await newKey("ann", false), admin: await newKey("bo", true), viewer: await newKey("cy", true, true) };
  const bank = vi.spyOn(globalThis, "fetch").mockImplementation(async () => new Response("no", { status: 400 }));
  const body = { input: { transfer_id: "t", from: "ann", to: "bo", amount: 5 } };
  const started = await server.call("POST", "/api/v1/execute/async/ledger.transfer", { key: keys.owner, body });
  id = String(started.body.execution_id);
  const status = async () => (await server.call("GET", `/api/v1/executions/${id}`, { key: keys.owner })).body.status;
  await eventually(async () => expect(await status()).toBe("failed"));
  const listed = async () =>
    (await server.call("GET", "/api/v1/executions?status=failed", { key: keys.owner })).body.items;
  await eventually(async () => expect(await listed()).toHaveLength(1));
  bank.mockRestore();
});
afterAll(() => vi.restoreAllMocks());

const places: { what: string; path: string; batch?: object }[] = [
  { what: "the execution", path: "/ID" },
  { what: "its events", path: "/ID/events" },
  { what: "its log", path: "/ID/log" },
  { what: "its effects", path: "/ID/effects" },
  { what: "a batch with results", path: "/batch-status", batch: { include_result: true } },
  { what: "a batch without", path: "/batch-status", batch: {} },
  { what: "a list", path: "?status=failed" },
];

describe.each(places)("$what", ({ path, batch }) => {
  const read = async (key: string) => {
    const sent = batch ? { key, body: { execution_ids: [id], ...batch } } : { key };
    const answer = await server.call(batch ? "POST" : "GET", `/api/v1/executions${path.replace("ID", id)}`, sent);
    expect(answer.status).toBe(200);
    const text = JSON.stringify(answer.body);
    expect(text).not.toMatch(/\bat \w+ \(|\.ts:\d/);
    return text;
  };

  test("shows the words to the owner", async () => {
    const text = await read(keys.owner);
    expect(text).toContain(WORDS);
    expect(text).not.toContain(UNDECLARED);
  });

  test.each(["admin", "viewer"] as const)("shows one sentence to others: %s", async (who) => {
    const text = await read(keys[who]);
    expect(text).not.toContain(WORDS);
    expect(text).toContain(UNDECLARED);
  });
});

test.each([
  ["owner", WORDS],
  ["admin", UNDECLARED],
  ["viewer", UNDECLARED],
] as const)("server-sent events show the %s: %s", async (who, said) => {
  const headers = { accept: "text/event-stream" };
  const answer = await server.fetch("GET", `/api/v1/executions/${id}/events`, { key: keys[who], headers });
  const text = await answer.text();
  expect(text).toContain("execution.failed");
  expect(text).toContain(said);
  if (said !== WORDS) expect(text).not.toContain(WORDS);
});

test("a viewer finds nothing by words that it does not read", async () => {
  const found = async (key: string) => {
    const { body } = await server.call("GET", "/api/v1/executions?q=answered%20400", { key });
    return (body.items as unknown[]).length;
  };
  expect([await found(keys.owner), await found(keys.viewer)]).toEqual([1, 0]);
});
