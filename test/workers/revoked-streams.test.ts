/** A revoked key in workerd: whatever it opened before ends within 30 s, and is sent nothing from then on. */
import { applyD1Migrations, evictAllDurableObjects } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeAll, beforeEach, describe, expect, inject, test, vi } from "vitest";
import { Deployment, ROOT_KEY } from "../support/workers/deployment.ts";

const TENANT = "acme-revoked";
const SOCKET = { upgrade: "websocket" };
const EVENTS = { accept: "text/event-stream" };
/** Where the streams are: another isolate than the one that revokes, so nothing is forgotten at once. */
const server = new Deployment();
const elsewhere = new Deployment();

interface Key {
  readonly key: string;
  readonly id: string;
}
let owner: Key;
let revoked: Key;
let execution = "";

beforeAll(async () => {
  await applyD1Migrations(env.REGISTRY, inject("migrations"));
});
beforeEach(async () => {
  const make = () => server.newKey({ subject: "olga", scopes: ["execute", "read"], tenant: TENANT });
  [owner, revoked] = [await make(), await make()];
  execution = await server.start(owner.key, "approvals.demo", { claim: "c", amount: 10 });
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() });
});
afterEach(() => {
  vi.useRealTimers();
});

function travel(ms: number): void {
  vi.setSystemTime(Date.now() + ms);
}

async function revoke(): Promise<void> {
  const { status } = await elsewhere.call("DELETE", `/api/v1/keys/${revoked.id}`, { key: ROOT_KEY });
  expect(status).toBe(200);
}

async function note(message: string): Promise<void> {
  const body = { message };
  const { status } = await server.call("POST", `/api/v1/executions/${execution}/notes`, { key: owner.key, body });
  expect(status).toBe(201);
}

/** Something that all lists and streams tell of. */
async function pause(): Promise<void> {
  const { status } = await server.call("POST", `/api/v1/executions/${execution}/pause`, { key: owner.key, body: {} });
  expect(status).toBe(200);
}

interface Opened {
  readonly texts: string[];
  readonly closed: Promise<number>;
  close(): void;
}

async function open(path: string, headers: Readonly<Record<string, string>>): Promise<Opened> {
  const { status, webSocket } = await server.fetch("GET", path, { headers: { ...SOCKET, ...headers } });
  if (!webSocket) throw new Error(`no socket but ${status}`);
  const texts: string[] = [];
  const closed = new Promise<number>((resolve) => {
    webSocket.addEventListener("close", ({ code }) => resolve(code));
  });
  webSocket.addEventListener("message", ({ data }) => void texts.push(String(data)));
  webSocket.accept();
  return { texts, closed, close: () => webSocket.close() };
}

const bearer = ({ key }: Key) => ({ authorization: `Bearer ${key}` });
const streamPath = () => `/api/v1/executions/${execution}/stream`;
const planPath = () => `/api/executions/${execution}/stream`;

async function token(body: object): Promise<string> {
  const made = await server.call("POST", "/api/v1/tokens", { key: revoked.key, body });
  expect(made.status).toBe(201);
  return `?token=${made.body.token}`;
}

/** Each way to a socket: by the key itself, and by a token that it made. */
const SOCKETS: readonly [string, () => Promise<Opened>][] = [
  ["the stream of an execution", () => open(streamPath(), bearer(revoked))],
  ["the stream by a token", async () => open(streamPath() + (await token({ execution_id: execution })), {})],
  ["the plan stream", () => open(planPath(), bearer(revoked))],
  ["that by a token", async () => open(planPath() + (await token({ execution_id: execution })), {})],
  ["the feed", () => open("/api/v1/feed", bearer(revoked))],
  ["the feed by a token", async () => open(`/api/v1/feed${await token({ feed: true })}`, {})],
];

describe.each(SOCKETS)("%s", (_name, opened) => {
  test("goes on while its key is in force, however long", async () => {
    const socket = await opened();
    for (const minute of [1, 2, 3]) {
      travel(60_000);
      const before = socket.texts.length;
      if (minute === 1) await pause();
      else
        await server.call("POST", `/api/v1/executions/${execution}/${minute === 2 ? "resume" : "pause"}`, {
          key: owner.key,
          body: {},
        });
      await expect.poll(() => socket.texts.length).toBeGreaterThan(before);
    }
    socket.close();
  });

  test("closes with 4401 at the first frame 30 s after the revocation, and the frame stays here", async () => {
    const [socket, kept] = [await opened(), await open(streamPath(), bearer(owner))];
    await revoke();
    travel(30_000);
    const before = socket.texts.length;
    await pause();
    expect(await socket.closed).toBe(4401);
    expect(socket.texts.slice(before).join()).not.toMatch(/paused|"execution"|event/);
    await expect.poll(() => kept.texts.join()).toContain("execution.paused");
    kept.close();
  });
});

test.each(SOCKETS.slice(2))("%s closes within the 30 s though nothing is said", async (_name, opened) => {
  const socket = await opened();
  await revoke();
  travel(30_000);
  expect(await socket.closed).toBe(4401);
});

test("a silent socket of an execution is not woken to be asked, and closes when there is something to say", async () => {
  const socket = await open(streamPath(), bearer(revoked));
  await expect.poll(() => socket.texts.length).toBeGreaterThan(0);
  await evictAllDurableObjects();
  await revoke();
  travel(3_600_000);
  let code: number | undefined;
  void socket.closed.then((one) => {
    code = one;
  });
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(code).toBeUndefined();
  const before = socket.texts.length;
  await note("not for a revoked key");
  expect(await socket.closed).toBe(4401);
  expect(socket.texts.slice(before).join()).not.toContain("not for a revoked key");
});

describe("server-sent events", () => {
  /** Resolves when it is open, with what will have been said by its end. */
  const events = async (query: string, headers: Readonly<Record<string, string>>) => {
    const path = `/api/v1/executions/${execution}/events${query}`;
    const answer = await server.fetch("GET", path, { headers: { ...EVENTS, ...headers } });
    expect(answer.status).toBe(200);
    return { said: answer.text() };
  };

  test.each(["its key", "a token"])("opened with %s end within 30 s of the revocation", async (by) => {
    const query = by === "its key" ? "" : await token({ execution_id: execution });
    const { said } = await events(query, by === "its key" ? bearer(revoked) : {});
    await note("in time");
    await revoke();
    travel(30_000);
    await note("too late");
    expect(await said).not.toContain("too late");
  });

  test("go on while the key is in force", async () => {
    const { said } = await events("", bearer(revoked));
    for (const minute of [1, 2]) {
      travel(60_000);
      await note(`minute ${minute}`);
    }
    await server.call("POST", `/api/v1/executions/${execution}/cancel`, { key: owner.key, body: {} });
    expect(await said).toMatch(/minute 1[\s\S]*minute 2[\s\S]*execution\.cancelled/);
  });
});

describe("an answer that is held", () => {
  const held = () =>
    server
      .call("GET", `/api/v1/executions/${execution}?wait=60`, { headers: bearer(revoked) })
      .then(({ status }) => status);

  test("is refused when its key was revoked meanwhile", async () => {
    const status = held();
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    await revoke();
    travel(30_000);
    await pause();
    expect(await status).toBe(401);
  });

  test("is given when it was not", async () => {
    const status = held();
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    travel(30_000);
    await pause();
    expect(await status).toBe(200);
  });

  test("of a start is refused too, and the execution goes on", async () => {
    const body = { input: { message: "m", seconds: 2 } };
    const run = { "x-run-id": "run_held_start" };
    const started = server.call("POST", "/api/v1/execute/clock.remind", {
      body,
      headers: { ...bearer(revoked), ...run },
    });
    await new Promise((resolve) => setTimeout(resolve, 1_200));
    await revoke();
    travel(30_000);
    expect((await started).status).toBe(401);
  });
});
