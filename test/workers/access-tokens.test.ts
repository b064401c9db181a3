/** Stream tokens in workerd: what they open, for whom, and how they end. */
import { applyD1Migrations, runDurableObjectAlarm } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { sign } from "hono/jwt";
import { afterEach, beforeAll, describe, expect, inject, test, vi } from "vitest";
import { parseExecutionId } from "../../src/domain/execution/execution-id.ts";
import type { Scope } from "../../src/domain/execution/principal.ts";
import { Deployment, ROOT_KEY } from "../support/workers/deployment.ts";

const TENANT = "acme-tokens";
const SECRET = "the-secret-of-these-tests";
const SOCKET = { upgrade: "websocket" };
const EVENTS = { accept: "text/event-stream" };
const server = new Deployment({ ERRAND_ROOT_KEY: ROOT_KEY, ERRAND_TOKEN_SECRET: SECRET });
let olga: string;
let olgaId: string;
let execution: string;

beforeAll(async () => {
  await applyD1Migrations(env.REGISTRY, inject("migrations"));
});
afterEach(() => {
  vi.useRealTimers();
});

async function keyOf(subject: string, scopes: readonly Scope[] = ["execute", "read"]): Promise<string> {
  const { key, id } = await server.newKey({ subject, scopes, tenant: TENANT });
  olgaId = id;
  return key;
}

/** Olga's, and waiting: its stream stays open. */
async function began(): Promise<void> {
  olga = await keyOf("olga");
  execution = await server.start(olga, "approvals.demo", { claim: "c", amount: 10 });
}

async function token(key: string, body: unknown = { execution_id: execution }): Promise<string> {
  const made = await server.call("POST", "/api/v1/tokens", { key, body });
  expect(made.status).toBe(201);
  return String(made.body.token);
}

async function status(path: string, headers: Readonly<Record<string, string>>): Promise<number> {
  return (await server.call("GET", path, { headers })).status;
}

async function opened(path: string, headers: Readonly<Record<string, string>> = {}): Promise<WebSocket> {
  const { status: switched, webSocket } = await server.fetch("GET", path, { headers: { ...SOCKET, ...headers } });
  expect(switched).toBe(101);
  if (!webSocket) throw new Error("no socket came");
  webSocket.accept();
  return webSocket;
}

function closing(socket: WebSocket): Promise<{ code: number; reason: string }> {
  return new Promise((resolve) => {
    socket.addEventListener("close", ({ code, reason }) => resolve({ code, reason }));
  });
}

const streamPath = (id = execution) => `/api/v1/executions/${id}/stream`;
const eventsPath = (id = execution) => `/api/v1/executions/${id}/events`;

describe("a key in the URL", () => {
  test("opens streams, as what the key is", async () => {
    await began();
    const asked = `?api_key=${olga}`;
    (await opened(`${streamPath()}${asked}`)).close();
    (await opened(`/api/v1/feed${asked}`)).close();
    (await opened(`/api/v1/memory/events/ws${asked}`)).close();
    expect(await status(`${eventsPath()}${asked}`, EVENTS)).toBe(200);
    expect(await status(`/api/v1/memory/events/sse${asked}`, EVENTS)).toBe(200);
    const ivan = await keyOf("ivan");
    expect(await status(`${streamPath()}?api_key=${ivan}`, SOCKET)).toBe(404);
    const decider = await keyOf("ivan", ["approve"]);
    expect(await status(`${streamPath()}?api_key=${decider}`, SOCKET)).toBe(403);
    expect(await status(`${streamPath()}?api_key=errand_${"A".repeat(43)}`, SOCKET)).toBe(401);
  });

  test("opens nothing else, and counts for nothing beside a key in a header", async () => {
    await began();
    const asked = `?api_key=${olga}`;
    for (const path of ["", "/events", "/notes", "/approval-status"])
      expect([path, await status(`/api/v1/executions/${execution}${path}${asked}`, {})]).toEqual([path, 401]);
    expect(await status(`/api/v1/executions${asked}`, {})).toBe(401);
    expect((await server.call("POST", `/api/v1/executions/${execution}/cancel${asked}`, { body: {} })).status).toBe(
      401,
    );
    const ivan = await keyOf("ivan");
    expect(await status(`${streamPath()}${asked}`, { ...SOCKET, "x-api-key": ivan })).toBe(404);
  });
});

describe("a stream token", () => {
  test("is a JWT of ten minutes at most, signed here", async () => {
    await began();
    const { body, headers } = await server.call("POST", "/api/v1/tokens", {
      key: olga,
      body: { execution_id: execution },
    });
    const left = Date.parse(String(body.expires_at)) - Date.now();
    expect(left).toBeGreaterThan(590_000);
    expect(left).toBeLessThanOrEqual(600_000);
    expect(String(body.token).split(".")).toHaveLength(3);
    expect(headers.get("cache-control")).toBe("no-store");
  });

  test("opens its execution's socket, by query or by subprotocol, and its server-sent events", async () => {
    await began();
    const made = await token(olga);
    (await opened(`${streamPath()}?token=${made}`)).close();
    const byProtocol = await server.fetch("GET", streamPath(), {
      headers: { ...SOCKET, "sec-websocket-protocol": `errand.v1, errand.token.${made}` },
    });
    expect(byProtocol.status).toBe(101);
    expect(byProtocol.headers.get("sec-websocket-protocol")).toBe("errand.v1");
    byProtocol.webSocket?.accept();
    byProtocol.webSocket?.close();
    const alone = await server.fetch("GET", streamPath(), {
      headers: { ...SOCKET, "sec-websocket-protocol": `errand.token.${made}` },
    });
    expect(alone.headers.get("sec-websocket-protocol")).toBe(`errand.token.${made}`);
    alone.webSocket?.accept();
    alone.webSocket?.close();
    expect(await status(`${eventsPath()}?token=${made}`, EVENTS)).toBe(200);
    (await opened(`/api/executions/${execution}/stream?token=${made}`)).close();
  });

  test("opens nothing else", async () => {
    await began();
    const made = await token(olga);
    const other = await server.start(olga, "approvals.demo", { claim: "d", amount: 10 });
    expect(await status(`${streamPath(other)}?token=${made}`, SOCKET)).toBe(401);
    expect(await status(`${eventsPath(other)}?token=${made}`, EVENTS)).toBe(401);
    expect(await status(`${eventsPath()}?token=${made}`, {})).toBe(401);
    expect(await status(`/api/v1/executions/${execution}?token=${made}`, {})).toBe(401);
    expect(await status(`/api/v1/executions?token=${made}`, {})).toBe(401);
    expect(await status(`/api/v1/feed?token=${made}`, SOCKET)).toBe(401);
    expect((await server.call("GET", "/api/v1/agents", { key: made })).status).toBe(401);
  });

  test("for the feed opens the feed of its caller, and no execution", async () => {
    await began();
    const made = await token(olga, { feed: true });
    (await opened(`/api/v1/feed?token=${made}`)).close();
    expect(await status(`${streamPath()}?token=${made}`, SOCKET)).toBe(401);
  });

  test("speaks for its caller alone: another user of the tenant gets none for this execution", async () => {
    await began();
    const ivan = await keyOf("ivan");
    expect((await server.call("POST", "/api/v1/tokens", { key: ivan, body: { execution_id: execution } })).status).toBe(
      404,
    );
    const ada = await token(await keyOf("ada", ["admin"]));
    (await opened(`${streamPath()}?token=${ada}`)).close();
  });

  test.each([
    ["neither", {}],
    ["both", { feed: true, execution_id: "exec_x" }],
    ["feed: false", { feed: false }],
  ])("is refused for %s of execution_id and feed", async (_what, body) => {
    await began();
    expect((await server.call("POST", "/api/v1/tokens", { key: olga, body })).status).toBe(400);
  });

  test("expires", async () => {
    await began();
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() });
    const made = await token(olga);
    vi.setSystemTime(Date.now() + 598_000);
    (await opened(`${streamPath()}?token=${made}`)).close();
    vi.setSystemTime(Date.now() + 2_000);
    const { status: refused, body } = await server.call("GET", `${streamPath()}?token=${made}`, { headers: SOCKET });
    expect(refused).toBe(401);
    expect(body.detail).toMatch(/token has expired/);
  });

  test("dies with its key", async () => {
    await began();
    const made = await token(olga);
    (await opened(`${streamPath()}?token=${made}`)).close();
    await server.call("DELETE", `/api/v1/keys/${olgaId}`, { key: ROOT_KEY });
    expect(await status(`${streamPath()}?token=${made}`, SOCKET)).toBe(401);
  });

  test("cannot be forged: another secret, another algorithm, another audience, a changed claim", async () => {
    await began();
    const claims = {
      aud: "errand.stream",
      tenant: TENANT,
      sub: "olga",
      scopes: ["read"],
      execution,
      exp: Math.floor(Date.now() / 1_000) + 60,
    };
    const good = await sign(claims, SECRET, "HS256");
    (await opened(`${streamPath()}?token=${good}`)).close();
    const [, payload = ""] = good.split(".");
    const { aud: _aud, ...forNobody } = claims;
    const { exp: _exp, ...forEver } = claims;
    const none = `${btoa(JSON.stringify({ alg: "none", typ: "JWT" })).replaceAll("=", "")}.${payload}.`;
    const forged = [
      await sign(claims, "another secret", "HS256"),
      await sign(claims, SECRET, "HS512"),
      await sign({ ...claims, aud: "errand.other" }, SECRET, "HS256"),
      await sign(forNobody, SECRET, "HS256"),
      await sign(forEver, SECRET, "HS256"),
      await sign({ ...claims, scopes: ["everything"] }, SECRET, "HS256"),
      good.replace(payload, `${payload.slice(0, -2)}AA`),
      none,
      "x.y.z",
      "",
    ];
    for (const made of forged)
      expect([made, await status(`${streamPath()}?token=${made}`, SOCKET)]).toEqual([made, 401]);
  });

  test("is signed with a secret that all isolates share, made up when none was given", async () => {
    await began();
    const one = new Deployment();
    const two = new Deployment();
    const { body } = await one.call("POST", "/api/v1/tokens", { key: olga, body: { execution_id: execution } });
    const there = await two.call("GET", `${streamPath()}?token=${body.token}`, { headers: SOCKET });
    expect(there.status).toBe(101);
    expect(await status(`${streamPath()}?token=${body.token}`, SOCKET)).toBe(401);
  });

  test("is ignored in open mode, where nobody needs one", async () => {
    const open = new Deployment({ AUTH_MODE: "open" });
    const local = { origin: "http://localhost:8787" };
    const started = await open.call("POST", "/api/v1/execute/async/approvals.demo", {
      ...local,
      body: { input: { claim: "c", amount: 10 } },
    });
    const path = `/api/v1/executions/${started.body.execution_id}/stream?token=nonsense`;
    expect((await open.call("GET", path, { ...local, headers: SOCKET })).status).toBe(101);
  });
});

describe("when a token ends, its reader is sent away", () => {
  test("from the actor's socket, which gets no frame after that instant", async () => {
    await began();
    const made = await token(olga);
    const late = await opened(`${streamPath()}?token=${made}`);
    const keyed = await opened(streamPath(), { authorization: `Bearer ${olga}` });
    const frames: string[] = [];
    const kept: string[] = [];
    late.addEventListener("message", ({ data }) => void frames.push(String(data)));
    keyed.addEventListener("message", ({ data }) => void kept.push(String(data)));
    const closed = closing(late);
    const note = (message: string) =>
      server.call("POST", `/api/v1/executions/${execution}/notes`, { key: olga, body: { message } });
    await note("in time");
    await expect.poll(() => frames.join()).toContain("in time");
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 601_000 });
    await note("too late");
    expect(await closed).toEqual({ code: 4401, reason: "the token has expired" });
    expect(frames.join()).not.toContain("too late");
    await expect.poll(() => kept.join()).toContain("too late");
    keyed.close();
  });

  test("from an idle socket, at its object's next alarm", async () => {
    await began();
    const made = await token(olga);
    const idle = await opened(`${streamPath()}?token=${made}`);
    const keyed = await opened(streamPath(), { authorization: `Bearer ${olga}` });
    const kept: string[] = [];
    keyed.addEventListener("close", () => void kept.push("closed"));
    const closed = closing(idle);
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 601_000 });
    const object = env.EXECUTIONS.idFromString(parseExecutionId(execution)?.objectHex ?? "");
    expect(await runDurableObjectAlarm(env.EXECUTIONS.get(object))).toBe(true);
    expect(await closed).toEqual({ code: 4401, reason: "the token has expired" });
    expect(kept).toEqual([]);
    keyed.close();
  });

  test("from the relayed sockets and the server-sent events, at that instant", async () => {
    await began();
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() });
    const exp = Math.floor(Date.now() / 1_000) + 60;
    const claims = { aud: "errand.stream", tenant: TENANT, sub: "olga", scopes: ["read"], exp };
    const short = await sign({ ...claims, execution }, SECRET, "HS256");
    const plan = await opened(`/api/executions/${execution}/stream?token=${short}`);
    const feed = await opened(`/api/v1/feed?token=${await sign(claims, SECRET, "HS256")}`);
    const events = await server.fetch("GET", `${eventsPath()}?token=${short}`, { headers: EVENTS });
    expect(events.status).toBe(200);
    const ends = [closing(plan), closing(feed)];
    const said = events.text();
    let early = 0;
    for (const end of [...ends, said])
      void end.then(() => {
        early += 1;
      });
    // Each looks at the clock once a second.
    vi.setSystemTime(exp * 1_000 - 1);
    await new Promise((resolve) => setTimeout(resolve, 1_200));
    expect(early).toBe(0);
    vi.setSystemTime(exp * 1_000);
    expect(await said).toContain("execution.created");
    for (const end of ends) expect(await end).toEqual({ code: 4401, reason: "the token has expired" });
  });
});
