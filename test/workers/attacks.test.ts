/** Every kind of attack against a deployment with keys, every endpoint under the same ones, and then at random. */
import { applyD1Migrations, listDurableObjectIds } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { createHmac } from "node:crypto";
import fc from "fast-check";
import { sign } from "hono/jwt";
import { afterEach, beforeAll, describe, expect, inject, test, vi } from "vitest";
import type { Endpoint } from "../../src/contract/endpoint.ts";
import { ENDPOINTS } from "../../src/contract/endpoints.ts";
import { Scope } from "../../src/domain/execution/principal.ts";
import type { Answer, Attack, Things } from "../support/attacks/attack.ts";
import { attack, EXECUTE, faultsOf, filled, GOOD } from "../support/attacks/attack.ts";
import { ATTACKS } from "../support/attacks/table.ts";
import { ANY_BODY, ANY_NAME, ANY_QUERY, parametersOf } from "../support/attacks/walk.ts";
import { eventually } from "../support/eventually.ts";
import { Deployment, ROOT_KEY } from "../support/workers/deployment.ts";
import { textOf } from "../support/workers/text-of.ts";

const SECRET = "token-secret-of-the-attacked-0123456789";
const WEBHOOK_SECRET = "webhook-secret-of-the-attacked-0123456789";
const server = new Deployment({
  ERRAND_ROOT_KEY: ROOT_KEY,
  ERRAND_TOKEN_SECRET: SECRET,
  ERRAND_WEBHOOK_SECRET: WEBHOOK_SECRET,
});
const ORIGIN = "https://errand.test";
let key: string;
/** An execution of the attacked, and one of a rival tenant. */
let things: Things;
let theirs: Things;

async function waitingOf(tenant: string): Promise<{ key: string; things: Things }> {
  const { key: made, id: key_id } = await server.newKey({ tenant, subject: "olga", scopes: Scope.options });
  const run_id = `run_${tenant.length}`;
  const headers = { "x-run-id": run_id };
  const body = { input: { claim: "c", amount: 1 } };
  const started = await server.call("POST", "/api/v1/execute/approvals.demo", { key: made, body, headers });
  const { execution_id: id, approval_request_id: gate } = started.body;
  // Execution and approval are rows of their own, and each comes when it comes.
  for (const list of ["/api/v1/approvals", "/api/v1/executions?status=waiting"]) {
    const listed = async () => expect((await server.call("GET", list, { key: made })).body.items).toHaveLength(1);
    await eventually(listed);
  }
  return { key: made, things: { id: String(id), gate: String(gate), run_id, key_id } };
}

beforeAll(async () => {
  await applyD1Migrations(env.REGISTRY, inject("migrations"));
  ({ key, things } = await waitingOf("attacked"));
  ({ things: theirs } = await waitingOf("rival"));
  // Questions for ids that were never used ask the tenant's two projectors, which are made once.
  for (let n = 0; n < 8; n += 1) await server.call("GET", `/api/v1/executions/never-used-${n}`, { key });
});

afterEach(() => void vi.useRealTimers());

async function send({ method, path, headers = [], body }: Partial<Attack>, named: Things): Promise<Answer> {
  const sent = new Headers();
  for (const [name, value] of headers) sent.append(name, value);
  const names = headers.map(([name]) => name.toLowerCase());
  const withKey = !names.includes("authorization") && !names.includes("x-api-key") && !path?.includes("token=");
  if (withKey) sent.set("authorization", `Bearer ${key}`);
  const content = typeof body === "string" ? filled(body, named) : body;
  // Without a signature nobody looks at this body.
  if (content !== undefined && path?.endsWith("/webhooks/approval-response")) {
    sent.set("x-webhook-signature", createHmac("sha256", WEBHOOK_SECRET).update(content).digest("hex"));
  }
  const init = { method: method ?? "GET", headers: sent, ...(content === undefined ? {} : { body: content }) };
  const response = await server.send(new Request(ORIGIN + filled(path ?? "/", named), init));
  response.webSocket?.accept();
  response.webSocket?.close();
  return {
    status: response.status,
    contentType: response.headers.get("content-type") ?? "",
    text: await textOf(response),
  };
}

/** Rows of every table, objects of both kinds, and the log of the attacked execution. */
async function kept(): Promise<unknown> {
  const tables = await env.REGISTRY.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").all<{
    name: string;
  }>();
  const names = tables.results.map(({ name }) => name).filter((name) => !/^(_cf|sqlite)_/.test(name));
  const counts = names.map((name) => env.REGISTRY.prepare(`SELECT '${name}' AS name, count(*) AS n FROM "${name}"`));
  const rows = (await env.REGISTRY.batch(counts)).flatMap(({ results }) => results);
  const events = await server.call("GET", `/api/v1/executions/${things.id}/events`, { key });
  const objects = (await listDurableObjectIds(env.EXECUTIONS)).map(String).sort();
  return { rows, objects, ledgers: (await listDurableObjectIds(env.PROJECTORS)).length, events: events.body };
}

const named = (attacks: readonly Attack[]) => attacks.map((one) => [one.name, one] as const);

describe.each([
  ["of the table", ATTACKS],
  ["that every body must bear", ANY_BODY],
  ["that every query must bear", ANY_QUERY],
] as const)("attacks %s", (_which, attacks) => {
  test(`hear what is wrong and leave nothing, all ${attacks.length}`, async () => {
    const before = await kept();
    const wrong: string[] = [];
    for (const one of attacks) {
      const answer = await send(one, things);
      const faults = faultsOf(one, answer);
      if (faults.length > 0) wrong.push(`${one.name}: ${faults.join(", ")}: ${answer.text.slice(0, 300)}`);
    }
    expect(wrong).toEqual([]);
    expect(await kept()).toEqual(before);
  });
});

test("names of nothing are 4xx on every path, and nothing is made of them", async () => {
  const before = await kept();
  const asked = ANY_NAME.map(async (one) => {
    const { status, text } = await send({ ...one, headers: [["Upgrade", "websocket"]] }, things);
    return status >= 400 && status < 500 ? [] : [`${one.name}: ${status} ${text.slice(0, 300)}`];
  });
  expect((await Promise.all(asked)).flat()).toEqual([]);
  expect(await kept()).toEqual(before);
});

const not_found = { code: "not_found", names: "" } as const;
const RIVALS: readonly Attack[] = [
  attack("another tenant's execution", "/api/v1/executions/{id}", { expected: not_found }),
  attack("a cancel of another tenant's execution", "/api/v1/executions/{id}/cancel", {
    expected: not_found,
    body: "{}",
  }),
  attack("another tenant's gate", "/api/v1/webhooks/approval", {
    expected: not_found,
    body: '{"decision":"approved","approval_request_id":"{gate}"}',
  }),
  attack("another tenant's run", "/api/v1/runs/{run_id}/cancel-tree", { expected: not_found, body: "{}" }),
  attack("another tenant's key", "/api/v1/keys/{key_id}", { expected: not_found, method: "DELETE" }),
  attack("a token for another tenant's execution", "/api/v1/tokens", {
    expected: not_found,
    body: '{"execution_id":"{id}"}',
  }),
  attack("another tenant's execution as parent", EXECUTE, {
    expected: not_found,
    body: GOOD,
    headers: [["X-Parent-Execution-ID", "{id}"]],
  }),
  attack("a key for another tenant", "/api/v1/keys", {
    expected: { code: "invalid_input", names: "tenant" },
    body: '{"name":"n","scopes":["admin"],"tenant":"other"}',
  }),
  attack("a place in another tenant's list", "/api/v1/executions?cursor=9999999999999~{id}&run_id={run_id}", {
    expected: { status: 200 },
  }),
];

describe("what is another tenant's", () => {
  test.each(named(RIVALS))("is as if it were not there: %s", async (_name, one) => {
    const before = await kept();
    const headers = one.headers.map(([name, value]) => [name, filled(value, theirs)] as const);
    const answer = await send({ ...one, headers }, theirs);
    expect(faultsOf(one, answer), answer.text).toEqual([]);
    expect(answer.text).not.toContain("olga");
    expect(await kept()).toEqual(before);
  });
});

const claims = () => ({
  ...{ aud: "errand.stream", tenant: "attacked", sub: "olga", scopes: ["read"] },
  ...{ execution: things.id, exp: 4_000_000_000 },
});
const base64 = (value: unknown) => btoa(JSON.stringify(value)).replaceAll("=", "");
const TOKENS: Readonly<Record<string, () => Promise<string> | string>> = {
  "signed with another secret": () => sign(claims(), "another-secret", "HS256"),
  "without a signature": () => `${base64({ alg: "none", typ: "JWT" })}.${base64(claims())}.`,
  "of another algorithm with the same secret": () => sign(claims(), SECRET, "HS512"),
  "that has ended": () => sign({ ...claims(), exp: 1_000 }, SECRET, "HS256"),
  "that ends as text": () => sign({ ...claims(), exp: "4000000000" } as never, SECRET, "HS256"),
  "for another audience": () => sign({ ...claims(), aud: "errand" }, SECRET, "HS256"),
  "for another execution": () => sign({ ...claims(), execution: theirs.id }, SECRET, "HS256"),
  "of another tenant": () => sign({ ...claims(), tenant: "rival" }, SECRET, "HS256"),
  "of another user": () => sign({ ...claims(), sub: "ivan" }, SECRET, "HS256"),
  "of a key that is none": () => sign({ ...claims(), key: "00" }, SECRET, "HS256"),
  "with a scope that is none": () => sign({ ...claims(), scopes: ["root"] }, SECRET, "HS256"),
  "that was cut": async () => (await sign(claims(), SECRET, "HS256")).slice(0, -5),
  "that is none": () => "a.b.c",
  "of nothing": () => "",
  "that is a key": () => key,
};

describe("a stream token", () => {
  const streamWith = (token: string) =>
    send({ path: `/api/v1/executions/{id}/stream?token=${token}`, headers: [["Upgrade", "websocket"]] }, things);

  test.each(Object.entries(TOKENS))("%s opens nothing", async (_name, tokenOf) => {
    const { status, text } = await streamWith(await tokenOf());
    expect([401, 404]).toContain(status);
    expect(text).not.toMatch(/olga|waiting|"exp"/);
  });

  test("that is right does: so each of the others fails for its own reason", async () => {
    expect((await streamWith(await sign(claims(), SECRET, "HS256"))).status).toBe(101);
  });
});

test("no execution is its own parent, not even by an idempotency key that says its id beforehand", async () => {
  const idempotent = ["Idempotency-Key", "mine"] as const;
  const first = await send({ method: "POST", path: EXECUTE, body: GOOD, headers: [idempotent] }, things);
  const { execution_id: id } = JSON.parse(first.text) as { execution_id: string };
  const expected = { code: "invalid_input", names: "x-parent-execution-id" } as const;
  const headers = [idempotent, ["X-Parent-Execution-ID", id]] as const;
  const one = attack("its own parent", EXECUTE, { expected, body: GOOD, headers });
  expect(faultsOf(one, await send(one, things))).toEqual([]);
  const events = await send({ path: `/api/v1/executions/${id}/events` }, things);
  expect(events.text).not.toContain("child.started");
});

test("a start that is repeated after its deadline finds its execution", async () => {
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() });
  const body = `${GOOD.slice(0, -1)},"deadline":"${new Date(Date.now() + 60_000).toISOString()}"}`;
  const again = () => send({ method: "POST", path: EXECUTE, body, headers: [["Idempotency-Key", "in time"]] }, things);
  const first = await again();
  vi.setSystemTime(Date.now() + 61_000);
  const second = await again();
  expect([first.status, second.status]).toEqual([202, 202]);
  expect(JSON.parse(second.text).execution_id).toBe(JSON.parse(first.text).execution_id);
});

const WORDS = [
  "input",
  "claim",
  "amount",
  "budget",
  "max_turns",
  "deadline",
  "decision",
  "option",
  "execution_ids",
  "scopes",
  "name",
  "message",
  "tags",
  "data",
  "reason",
  "feed",
  "execution_id",
  "approval_request_id",
  "context",
  "metadata",
  "wait",
  "params",
];
const { json } = fc.letrec<{ json: unknown }>((tie) => ({
  json: fc.oneof(
    { maxDepth: 4, depthSize: "small" },
    fc.jsonValue({ maxDepth: 1 }),
    fc.constantFrom(things?.id ?? "x", "approved", "read", "retry", 1e308, -0, "\u0000", "2097-01-01T00:00:00Z", true),
    fc.array(tie("json"), { maxLength: 4 }),
    fc.dictionary(fc.oneof(fc.constantFrom(...WORDS), fc.string({ unit: "binary", maxLength: 8 })), tie("json"), {
      maxKeys: 6,
    }),
  ),
}));
const rows = Object.values(ENDPOINTS) as readonly Endpoint[];
const values = fc.oneof(
  fc.string({ unit: "binary", maxLength: 20 }),
  fc.constantFrom("1", "-1", "1e9", "x", "full", "failed"),
);

test("no body and no query, however random, is an error of ours", async () => {
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...rows), json, fc.array(values, { maxLength: 3 }), async (row, body, query) => {
      const names = ["x", ...parametersOf(row)];
      const pairs = query.map((value, at) => `${names[at % names.length]}=${encodeURIComponent(value.toWellFormed())}`);
      // A wait that was asked for is waited.
      const search = pairs.filter((pair) => !pair.startsWith("wait=")).join("&");
      const path = `${row.path.replace("{target}", "approvals.demo").replaceAll(/\{(name|session_id)\}/g, "x")}?${search}`;
      const sent = row.body ? { body: JSON.stringify(body) } : {};
      const { status, text } = await send({ method: row.method, path, ...sent }, things);
      expect(status, text).toBeLessThan(500);
    }),
    { numRuns: 600 },
  );
});
