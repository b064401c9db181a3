/** A reader's socket in the actor: what it may say, that its limits outlive hibernation, and that its token's end closes it. */
import { applyD1Migrations, evictAllDurableObjects } from "cloudflare:test";
import { env, exports } from "cloudflare:workers";
import { beforeAll, expect, inject, test } from "vitest";
import { call, until } from "../support/workers/modes.ts";

const KIB = 1024;

beforeAll(async () => {
  await applyD1Migrations(env.REGISTRY, inject("migrations"));
});

async function sleeping(): Promise<string> {
  const input = { message: "limits", seconds: 3_600 };
  const { execution_id: id } = (await call("POST", "/api/v1/execute/async/clock.remind", { input })).body;
  await until("plain", id, ({ body }) => body.status === "running");
  return id;
}

async function open(id: string): Promise<{ socket: WebSocket; texts: string[]; closed: Promise<number> }> {
  const headers = { upgrade: "websocket" };
  const request = new Request(`http://localhost/api/v1/executions/${id}/stream`, { headers });
  const { webSocket: socket } = await exports.default.fetch(request);
  if (!socket) throw new Error("no socket came back");
  const texts: string[] = [];
  socket.addEventListener("message", ({ data }) => void texts.push(String(data)));
  const closed = new Promise<number>((resolve) => socket.addEventListener("close", ({ code }) => resolve(code)));
  socket.accept();
  return { socket, texts, closed };
}

test("a socket that says anything but its answers is closed", async () => {
  const { socket, closed } = await open(await sleeping());
  socket.send('{"type":"check","sent":17}');
  socket.send("hello");
  expect(await closed).toBe(1003);
});

test("what a reader has not read is known through hibernation: it is asked, and cut when it never answers", async () => {
  const id = await sleeping();
  const { texts, closed } = await open(id);
  let code: number | undefined;
  void closed.then((closedWith) => {
    code = closedWith;
  });
  for (let n = 0; code === undefined && n < 60; n++) {
    // Never enough in one life of the object: a count that began anew each time would never be full.
    if (n % 8 === 0) await evictAllDurableObjects();
    await call("POST", `/api/v1/executions/${id}/signals/tick`, { data: "x".repeat(300 * KIB) });
  }
  await expect.poll(() => code).toBe(4408);
  expect(texts.filter((text) => text.startsWith('{"type":"check"')).length).toBeGreaterThan(1);
  expect(texts.at(-1)).toContain('"type":"closing","code":4408');
  const size = texts.reduce((sum, text) => sum + text.length, 0);
  expect(size).toBeLessThan(9 * KIB * KIB);
});
