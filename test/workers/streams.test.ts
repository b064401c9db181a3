/** Live readers in workerd: the socket, server-sent events, the plan stream, and the feed of lists. */
import { applyD1Migrations, evictAllDurableObjects } from "cloudflare:test";
import { env, exports } from "cloudflare:workers";
import { beforeAll, describe, expect, inject, test } from "vitest";
import { PATIENCE_MS } from "../support/patience.ts";
import { call, hasEnded, until } from "../support/workers/modes.ts";

beforeAll(async () => {
  await applyD1Migrations(env.REGISTRY, inject("migrations"));
});

type Frame = { readonly type: string; readonly [field: string]: unknown };

interface Reader {
  readonly frames: Frame[];
  readonly socket: WebSocket;
  readonly closed: Promise<{ code: number }>;
  /** Waits until a frame is as wanted. */
  seen(wanted: (frame: Frame) => boolean): Promise<Frame>;
}

async function open(path: string): Promise<Reader> {
  const request = new Request(`http://localhost${path}`, { headers: { upgrade: "websocket" } });
  const { webSocket: socket, status } = await exports.default.fetch(request);
  expect(status).toBe(101);
  if (!socket) throw new Error("no socket came back");
  const frames: Frame[] = [];
  let wake = () => {};
  socket.addEventListener("message", ({ data }) => {
    frames.push(data === "pong" ? { type: "pong" } : (JSON.parse(String(data)) as Frame));
    wake();
  });
  const closed = new Promise<{ code: number }>((resolve) =>
    socket.addEventListener("close", ({ code }) => resolve({ code })),
  );
  socket.accept();
  return {
    frames,
    socket,
    closed,
    async seen(wanted) {
      for (const end = Date.now() + PATIENCE_MS; Date.now() < end; ) {
        const found = frames.find(wanted);
        if (found) return found;
        await Promise.race([
          new Promise<void>((resolve) => (wake = resolve)),
          new Promise((resolve) => setTimeout(resolve, 200)),
        ]);
      }
      throw new Error(`no such frame among ${JSON.stringify(frames)}`);
    },
  };
}

async function start(target: string, input: unknown): Promise<string> {
  return (await call("POST", `/api/v1/execute/async/${target}`, { input })).body.execution_id;
}

/** The events that a frame carries. */
const eventsOf = ({ type, event, events }: Frame) =>
  (type === "events" ? events : type === "event" ? [event] : []) as readonly { readonly seq: number }[];
const seqs = (frames: readonly Frame[]) => frames.flatMap(eventsOf).map(({ seq }) => seq);

describe("the socket of one execution", () => {
  test("a snapshot, what was missed, what happens, and a close at the end", async () => {
    const id = await start("approvals.demo", { claim: "c", amount: 1 });
    await until("plain", id, ({ body }) => body.status === "waiting");
    const reader = await open(`/api/v1/executions/${id}/stream?after=2`);
    expect(await reader.seen(({ type }) => type === "snapshot")).toMatchObject({ execution: { status: "waiting" } });
    // The object sleeps while its watcher stays.
    await evictAllDurableObjects();
    await call("POST", `/api/v1/executions/${id}/approval-response`, { decision: "approved" });
    expect((await reader.closed).code).toBe(1000);
    expect(reader.frames.at(-1)).toMatchObject({ type: "execution_update", status: "succeeded" });
    const got = seqs(reader.frames);
    expect(got).toEqual(got.map((_, position) => position + 3));
  });

  test("several events in one frame for whoever asks for it, from the middle of them and through hibernation", async () => {
    const id = await start("approvals.demo", { claim: "c", amount: 1 });
    const { seq } = (await until("plain", id, ({ body }) => body.status === "waiting")).body;
    const plain = await open(`/api/v1/executions/${id}/stream?after=0&batch=false`);
    const whole = await open(`/api/v1/executions/${id}/stream?after=0&batch=true`);
    const rest = await open(`/api/v1/executions/${id}/stream?after=2&batch=true`);
    for (const { seen } of [plain, whole, rest]) await seen((frame) => seqs([frame]).includes(Number(seq)));
    expect(whole.frames.map(({ type }) => type)).toEqual(["snapshot", "events"]);
    expect(seqs(rest.frames)).toEqual(seqs(whole.frames).slice(2));
    await evictAllDurableObjects();
    await call("POST", `/api/v1/executions/${id}/approval-response`, { decision: "approved" });
    for (const { closed } of [plain, whole, rest]) expect((await closed).code).toBe(1000);
    expect(plain.frames.filter(({ type }) => type === "events")).toEqual([]);
    expect(seqs(whole.frames)).toEqual(seqs(plain.frames));
    expect(seqs(rest.frames)).toEqual(seqs(plain.frames).slice(2));
    expect(whole.frames.flatMap(eventsOf)).toEqual(plain.frames.flatMap(eventsOf));
    expect(whole.frames.filter(({ type }) => type === "events").length).toBeGreaterThan(1);
  });

  test("what is neither true nor false is refused by name", async () => {
    const id = await start("clock.remind", { message: "m", seconds: 0 });
    const answer = await call("GET", `/api/v1/executions/${id}/stream?batch=yes`);
    expect(answer).toMatchObject({ status: 400, body: { detail: expect.stringContaining("batch") } });
  });

  test("a reader that comes after the end gets the rest and a clean close", async () => {
    const id = await start("clock.remind", { message: "m", seconds: 0 });
    const ended = await until("plain", id, hasEnded);
    const reader = await open(`/api/v1/executions/${id}/stream?after=4`);
    expect((await reader.closed).code).toBe(1000);
    expect(seqs(reader.frames).at(-1)).toBe(ended.body.seq);
  });

  test("an unknown execution has no stream, and a plain GET is told what to do", async () => {
    const request = (path: string, headers = {}) =>
      exports.default.fetch(new Request(`http://localhost${path}`, { headers }));
    expect((await request(`/api/v1/executions/exec_${"A".repeat(43)}/stream`, { upgrade: "websocket" })).status).toBe(
      404,
    );
    const id = await start("clock.remind", { message: "m", seconds: 0 });
    expect((await request(`/api/v1/executions/${id}/stream`)).status).toBe(426);
  });
});

test("server-sent events carry the seq as id and resume by Last-Event-ID", async () => {
  const id = await start("clock.remind", { message: "m", seconds: 0.2 });
  const read = async (headers: Record<string, string>) => {
    const init = { headers: { accept: "text/event-stream", ...headers } };
    const response = await exports.default.fetch(new Request(`http://localhost/api/v1/executions/${id}/events`, init));
    expect(response.headers.get("content-type")).toBe("text/event-stream");
    return [...(await response.text()).matchAll(/^id: (\d+)$/gm)].map(([, seq]) => Number(seq));
  };
  const all = await read({});
  expect(all).toEqual(all.map((_, position) => position + 1));
  expect(await read({ "last-event-id": "3" })).toEqual(all.slice(3));
});

test("the plan stream speaks its two frames, upper-case", async () => {
  const id = await start("approvals.demo", { claim: "c", amount: 1 });
  await until("plain", id, ({ body }) => body.status === "waiting");
  const reader = await open(`/api/executions/${id}/stream`);
  expect(await reader.seen(({ status }) => status === "BLOCKED")).toMatchObject({
    type: "execution_update",
    execution_id: id,
  });
  await call("POST", `/api/v1/executions/${id}/approval-response`, { decision: "approved" });
  const done = await reader.seen(({ status }) => status === "COMPLETED");
  expect(done).toMatchObject({
    type: "execution_update",
    progress: { percent: expect.any(Number) },
    timestamp: expect.any(String),
  });
  const event = await reader.seen(({ event_type }) => event_type === "execution_succeeded");
  expect(event).toMatchObject({ type: "event", event_id: expect.stringMatching(/^evt_\d+$/), execution_id: id });
  expect(reader.frames.every(({ type }) => type === "event" || type === "execution_update")).toBe(true);
});

describe("the feed of lists", () => {
  test("answers a ping: a reader that hears nothing for 45 seconds takes its connection for dead", async () => {
    const { socket, seen } = await open("/api/v1/feed");
    socket.send("ping");
    await seen(({ type }) => type === "pong");
    socket.close();
  });

  test("shows each change, and a reader that comes back misses none", async () => {
    const first = await open("/api/v1/feed");
    const id = await start("clock.remind", { message: "feed", seconds: 0 });
    const mine = (status: string) => (frame: Frame) => {
      const row = frame.execution as { execution_id: string; status: string };
      return row.execution_id === id && row.status === status;
    };
    const done = await first.seen(mine("succeeded"));
    first.socket.close();
    const other = await start("clock.remind", { message: "while away", seconds: 0 });
    await until("plain", other, hasEnded);
    const second = await open(`/api/v1/feed?after=${String(done.version)}`);
    await second.seen((frame) => (frame.execution as { execution_id: string; status: string }).execution_id === other);
    second.socket.close();
  });
});
