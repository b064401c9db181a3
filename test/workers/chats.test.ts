/** Conversations over sockets, in real workerd: two clients hear the same, one that was away misses nothing, and others hear nothing. */
import { applyD1Migrations, evictAllDurableObjects } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, inject, onTestFinished, test } from "vitest";
import { shortDigest } from "../../src/vault/digest.ts";
import { Deployment } from "../support/workers/deployment.ts";

interface Frame {
  readonly type: string;
  readonly cursor?: number;
  readonly [field: string]: unknown;
}

const server = new Deployment();
const keys: Record<string, string> = {};
let made = 0;

beforeAll(async () => {
  await applyD1Migrations(env.REGISTRY, inject("migrations"));
  await applyD1Migrations(env.EXAMPLES, inject("examplesMigrations"));
  const all = ["read", "execute", "approve"] as const;
  const make = async (name: string, more: object = {}) => {
    keys[name] = (await server.newKey({ subject: "olga", tenant: "acme-chats", scopes: all, ...more })).key;
  };
  await make("olga");
  await make("reader", { scopes: ["read"] });
  await make("viewer", { scopes: ["read"], masked: true });
  await make("ivan", { subject: "ivan" });
  await make("slow", { rate_limit_per_min: 3 });
});

function fresh(): string {
  made += 1;
  return `chats-${made}`;
}

/** A client of a conversation: what it heard, in order. */
async function join(session: string, { key = "olga", agent = "shop-desk", after, token }: Joining = {}) {
  const query = [...(after === undefined ? [] : [`after=${after}`]), ...(token ? [`token=${token}`] : [])].join("&");
  const response = await server.fetch("GET", `/api/v1/sessions/${session}/chat/${agent}?${query}`, {
    ...(token ? {} : { key: keys[key] }),
    headers: { upgrade: "websocket" },
  });
  const { webSocket } = response;
  if (!webSocket) throw new Error(`${response.status} ${await response.text()}`);
  const heard: Frame[] = [];
  webSocket.addEventListener("message", ({ data }) => void heard.push(JSON.parse(String(data)) as Frame));
  webSocket.accept();
  onTestFinished(() => webSocket.close());
  const find = (type: string, fits: (frame: Frame) => boolean = () => true) =>
    heard.find((frame) => frame.type === type && fits(frame));
  const until = async (type: string, fits?: (frame: Frame) => boolean): Promise<Frame> => {
    await expect.poll(() => find(type, fits), { timeout: 15_000, interval: 20 }).toBeDefined();
    return find(type, fits) as Frame;
  };
  const send = (id: string, text: string) => webSocket.send(JSON.stringify({ type: "message", id, text }));
  return { heard, find, until, send, socket: webSocket, say: (frame: string) => webSocket.send(frame) };
}
interface Joining {
  readonly key?: string;
  readonly agent?: string;
  readonly after?: number;
  readonly token?: string;
}

const kept = (heard: readonly Frame[]) =>
  heard.filter(({ cursor, type }) => cursor !== undefined && type !== "snapshot");

async function reject({ execution_id, approval_request_id, payload_digest }: Frame): Promise<void> {
  const body = { decision: "rejected", feedback: "No.", approval_request_id, payload_digest };
  const path = `/api/v1/executions/${execution_id}/approval-response`;
  expect((await server.call("POST", path, { key: keys.olga, body })).status).toBe(200);
}

describe("a conversation", () => {
  test("is the same for two clients: message, text as it is written with who speaks, and the answer", async () => {
    const session = fresh();
    const [one, two] = [await join(session), await join(session)];
    expect(await one.until("snapshot")).toMatchObject({
      session_id: session,
      agent: "shop-desk",
      thread: null,
      open: [],
    });
    one.send("m-1", "Which kinds of tea do we sell?");
    const answer = await two.until("answer");
    await one.until("answer");
    expect(kept(one.heard)).toEqual(kept(two.heard));
    expect(kept(two.heard).map(({ type }) => type)).toEqual(["message", "answer"]);
    expect(two.find("message")).toMatchObject({ message_id: "m-1", text: "Which kinds of tea do we sell?" });
    expect(one.find("taken")).toMatchObject({ message_id: "m-1", execution_id: answer.execution_id });
    expect(two.find("taken")).toBeUndefined();
    // Work that was handed on is told as its agent's.
    const agents = new Set(two.heard.filter(({ type }) => type === "delta").map(({ agent }) => agent));
    expect(agents).toEqual(new Set(["shop-desk", "shop-catalog"]));
    const { body } = await server.call("GET", `/api/v1/sessions/${session}/threads/shop-desk`, { key: keys.olga });
    expect((body.items as { text: string }[]).map(({ text }) => text)).toEqual([
      "Which kinds of tea do we sell?",
      answer.text,
    ]);
  });

  test("shows what came by POST, and a message that is sent again is said once", async () => {
    const session = fresh();
    const one = await join(session);
    await one.until("snapshot");
    const posted = await server.call("POST", "/api/v1/execute/shop-desk.chat?wait=20", {
      ...{
        key: keys.olga,
        body: { input: { message: "Which pots do we sell?" } },
        headers: { "x-session-id": session },
      },
    });
    expect(posted.body.status).toBe("succeeded");
    await one.until("answer", ({ execution_id }) => execution_id === posted.body.execution_id);
    one.send("again", "And which tea?");
    await one.until("answer", ({ execution_id }) => execution_id !== posted.body.execution_id);
    one.send("again", "And which tea?");
    await expect.poll(() => one.heard.filter(({ type }) => type === "taken")).toHaveLength(2);
    expect(kept(one.heard).map(({ type }) => type)).toEqual(["message", "answer", "message", "answer"]);
  });

  test("says a message once that is sent again after the object forgot that it started its execution", async () => {
    const session = fresh();
    const one = await join(session);
    await one.until("snapshot");
    // The start of a socket's message, without what the object writes down after it: as after a crash between the two.
    const started = await server.call("POST", "/api/v1/execute/shop-desk.chat?wait=20", {
      ...{ key: keys.olga, body: { input: { message: "Which tea do we sell?" } } },
      headers: {
        "x-session-id": session,
        "idempotency-key": `chat-${shortDigest(JSON.stringify([session, "shop-desk", "m-1"]))}`,
      },
    });
    await one.until("answer");
    one.send("m-1", "Which tea do we sell?");
    expect(await one.until("taken")).toMatchObject({ message_id: "m-1", execution_id: started.body.execution_id });
    one.send("m-2", "Which pots do we sell?");
    await one.until("answer", ({ execution_id }) => execution_id !== started.body.execution_id);
    expect(kept(one.heard).map(({ type }) => type)).toEqual(["message", "answer", "message", "answer"]);
  });

  test("is resumed by its cursor: who was away hears the rest, through an eviction of all objects", async () => {
    const session = fresh();
    const one = await join(session);
    await one.until("snapshot");
    one.send("m-1", "Which tea do we sell?");
    const { cursor = 0 } = await one.until("message");
    await one.until("answer");
    one.socket.close();
    await evictAllDurableObjects();
    const two = await join(session, { after: cursor });
    two.send("m-2", "Which pots do we sell?");
    await two.until("answer", ({ execution_id }) => execution_id !== one.find("answer")?.execution_id);
    const events = kept(two.heard);
    expect(events.map(({ type }) => type)).toEqual(["answer", "message", "answer"]);
    expect(events.map((event) => event.cursor)).toEqual([cursor + 1, cursor + 2, cursor + 3]);
    // A newcomer is told the thread.
    const three = await join(session);
    expect((await three.until("snapshot")).thread).toMatchObject({ messages: 4 });
    await expect(join(session, { after: 9_999 })).rejects.toThrow("400");
  });

  test("shows an approval that waits, of an agent to which work was handed, and that it was decided", async () => {
    const session = fresh();
    const one = await join(session);
    await one.until("snapshot");
    one.send("m-1", "Raise prices of pots by 5 %");
    const asked = await one.until("approval");
    expect(asked).toMatchObject({ agent: "shop-planner", payload: { kind: "plan", version: 1 } });
    const two = await join(session);
    const snapshot = await two.until("snapshot");
    expect(snapshot).toMatchObject({
      approvals: [{ approval_request_id: asked.approval_request_id }],
      open: [{ message_id: "m-1", text: "Raise prices of pots by 5 %" }],
      turns_in_flight: [],
    });
    await reject(asked);
    const { approval_request_id } = asked;
    expect(await two.until("approval_ended")).toMatchObject({ approval_request_id, decision: "rejected" });
    await two.until("answer");
    const three = await join(session);
    expect(await three.until("snapshot")).toMatchObject({ approvals: [], open: [] });
  });

  test("goes on with what was open when all objects were evicted", async () => {
    const session = fresh();
    const one = await join(session);
    await one.until("snapshot");
    one.send("m-1", "Raise prices of pots by 5 %");
    const asked = await one.until("approval");
    one.socket.close();
    await evictAllDurableObjects();
    const two = await join(session, { after: asked.cursor ?? 0 });
    const { approval_request_id } = asked;
    expect(await two.until("snapshot")).toMatchObject({
      ...{ approvals: [{ approval_request_id }], open: [{ message_id: "m-1" }] },
    });
    await reject(asked);
    await two.until("answer");
    expect(kept(two.heard).map(({ type }) => type)).toEqual(["approval_ended", "answer"]);
  });

  test("shows a message that was being answered before the first client came, with its answer", async () => {
    const session = fresh();
    const { body } = await server.call("POST", "/api/v1/execute/async/shop-desk.chat", {
      ...{ key: keys.olga, headers: { "x-session-id": session } },
      body: { input: { message: "Raise prices of pots by 5 %" } },
    });
    let asked: Frame | undefined;
    const find = async () => {
      const inbox = await server.call("GET", `/api/v1/approvals?session_id=${session}`, { key: keys.olga });
      [asked] = inbox.body.items as unknown as Frame[];
      return asked;
    };
    await expect.poll(find, { timeout: 15_000 }).toBeDefined();
    const one = await join(session);
    await one.until("snapshot");
    await reject(asked as Frame);
    await one.until("answer", ({ execution_id }) => execution_id === body.execution_id);
    const said = kept(one.heard).filter(({ type }) => type === "message" || type === "answer");
    expect(said).toMatchObject([{ type: "message", text: "Raise prices of pots by 5 %" }, { type: "answer" }]);
  });

  test("tells that a message was cancelled, once, and that its approval ended with it", async () => {
    const session = fresh();
    const one = await join(session);
    await one.until("snapshot");
    one.send("m-1", "Raise prices of pots by 5 %");
    const asked = await one.until("approval");
    const { execution_id } = await one.until("message");
    await server.call("POST", `/api/v1/executions/${execution_id}/cancel`, { key: keys.olga, body: {} });
    expect(await one.until("failed")).toMatchObject({ execution_id, status: "cancelled" });
    const { approval_request_id } = asked;
    expect(await one.until("approval_ended")).toMatchObject({ approval_request_id, decision: "ended" });
    expect(kept(one.heard).filter(({ type }) => type === "failed")).toHaveLength(1);
  });

  test("is forgotten with its thread: its clients hear so, and nothing of it comes again", async () => {
    const session = fresh();
    const one = await join(session);
    await one.until("snapshot");
    one.send("m-1", "Which tea do we sell?");
    await one.until("answer");
    await server.call("DELETE", `/api/v1/sessions/${session}/threads/shop-desk`, { key: keys.olga });
    const { cursor = 0 } = await one.until("forgotten");
    const two = await join(session, { after: cursor - 1 });
    await two.until("forgotten");
    expect(kept(two.heard).map(({ type }) => type)).toEqual(["forgotten"]);
    await expect(join(session, { after: 0 })).rejects.toThrow("410");
  });
});

describe("a socket", () => {
  test("takes messages of keys that may execute, in their form, and tells what is wrong with others", async () => {
    const session = fresh();
    const reader = await join(session, { key: "reader" });
    reader.send("m-1", "Hello?");
    expect(await reader.until("refused")).toMatchObject({ message_id: "m-1", code: "forbidden_scope" });
    const one = await join(session);
    const wrong = [
      "{",
      '{"type":"message"}',
      '{"type":"message","id":"","text":"x"}',
      `{"type":"message","id":"i","text":""}`,
      `{"type":"message","id":"half","text":"\\ud83d"}`,
      "x".repeat(700_000),
    ];
    for (const text of wrong) one.say(text);
    await expect.poll(() => one.heard.filter(({ type }) => type === "refused")).toHaveLength(wrong.length);
    expect(kept(one.heard)).toEqual([]);
    for (let at = 0; at < 61; at += 1) one.say("{");
    await one.until("refused", ({ code }) => code === "rate_limited");
  });

  test("counts its messages as requests of its key", async () => {
    const one = await join(fresh(), { key: "slow" });
    await one.until("snapshot");
    for (let at = 0; at < 5; at += 1) one.send(`m-${at}`, "Which tea do we sell?");
    const refused = await one.until("refused");
    expect(refused).toMatchObject({ code: "rate_limited", message: "this key may send 3 requests a minute" });
    await expect.poll(() => one.heard.filter(({ type }) => type === "taken").length).toBeLessThanOrEqual(3);
  });

  test("of another subject is another conversation, and a masked key hears no half addresses", async () => {
    const session = fresh();
    const [olga, ivan, viewer] = [
      await join(session),
      await join(session, { key: "ivan" }),
      await join(session, { key: "viewer" }),
    ];
    olga.send("m-1", "Which tea do we sell? Write to ada@example.com");
    await olga.until("answer");
    const message = await viewer.until("message");
    expect(message.text).not.toContain("ada@example.com");
    await viewer.until("answer");
    expect(viewer.find("delta")).toBeUndefined();
    expect(kept(ivan.heard)).toEqual([]);
  });

  test("is opened by a token for this conversation alone", async () => {
    const session = fresh();
    const ask = async (chat: object) =>
      (await server.call("POST", "/api/v1/tokens", { key: keys.olga, body: { chat } })).body;
    const { token } = (await ask({ session_id: session, agent: "shop-desk" })) as unknown as { token: string };
    const one = await join(session, { token });
    one.send("m-1", "Which tea do we sell?");
    await one.until("answer");
    await expect(join(`${session}-other`, { token })).rejects.toThrow("401");
    await expect(join(session, { token, agent: "order-desk" })).rejects.toThrow("401");
    const feed = await server.fetch("GET", `/api/v1/feed?token=${token}`, { headers: { upgrade: "websocket" } });
    expect([401, 404]).toContain(feed.status);
  });

  test("to an agent that is not there, or without an upgrade, is refused with what to do", async () => {
    await expect(join(fresh(), { agent: "nobody" })).rejects.toThrow("target_not_found");
    const plain = await server.call("GET", `/api/v1/sessions/${fresh()}/chat/shop-desk`, { key: keys.olga });
    expect([plain.status, plain.body.detail]).toEqual([
      426,
      expect.stringContaining("POST /api/v1/execute/shop-desk.chat"),
    ]);
  });
});
