/** A conversation of two clients through SIGKILLs of the runtime: both hear the same, and each message is answered once. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Chat, ChatFrame } from "../../src/client/index.ts";
import { createClient } from "../../src/client/index.ts";
import { PATIENCE_MS } from "../support/patience.ts";
import type { Server } from "../support/processes/server.ts";
import { startServer } from "../support/processes/server.ts";

let server: Server;
let stateDir: string;

beforeAll(async () => {
  stateDir = await mkdtemp(join(tmpdir(), "errand-chat-"));
  server = await startServer({ stateDir });
});

afterAll(async () => {
  await server?.kill("SIGKILL");
  await rm(stateDir, { recursive: true, force: true });
});

const SESSION = "s-crash";
const timing = { firstBackoffMs: 20, maxBackoffMs: 200 };

/** Reads along until it is told to stop. */
function listen(): { readonly chat: Chat; readonly heard: readonly ChatFrame[]; readonly stop: () => void } {
  const stopped = new AbortController();
  const chat = createClient({ baseUrl: server.url, timing }).chat(SESSION, "shop-desk", { signal: stopped.signal });
  const heard: ChatFrame[] = [];
  const read = async () => {
    for await (const frame of chat.frames()) heard.push(frame);
  };
  void read();
  return { chat, heard, stop: () => stopped.abort() };
}

const events = (heard: readonly ChatFrame[]) => heard.filter((frame) => "cursor" in frame && frame.type !== "snapshot");
const answers = (heard: readonly ChatFrame[]) => heard.filter(({ type }) => type === "answer").length;

async function until(isSo: () => boolean): Promise<void> {
  await expect.poll(isSo, { timeout: 2 * PATIENCE_MS, interval: 20 }).toBe(true);
}

test("two clients hear the same through two kills, and each message is said and answered once", async () => {
  const [one, two] = [listen(), listen()];
  await until(() => one.heard.length > 0 && two.heard.length > 0);
  const messages = ["Which tea do we sell?", "Which pots do we sell?"];
  for (const [at, text] of messages.entries()) {
    one.chat.send(text);
    // In the middle: taken, or being answered, or not even sent.
    if (at > 0) await until(() => one.heard.filter(({ type }) => type === "message").length > at);
    await server.restart();
    two.chat.send(`${text} (two)`);
    await until(() => answers(one.heard) >= 2 * (at + 1) && answers(two.heard) >= 2 * (at + 1));
  }
  one.stop();
  two.stop();
  expect(events(one.heard)).toEqual(events(two.heard));
  const said = events(one.heard).flatMap((frame) => (frame.type === "message" ? [frame.text] : []));
  expect(said.toSorted()).toEqual([...messages, ...messages.map((text) => `${text} (two)`)].toSorted());
  const answered = events(one.heard).flatMap((frame) => (frame.type === "answer" ? [frame.execution_id] : []));
  expect(new Set(answered).size).toBe(4);
  const thread = await createClient({ baseUrl: server.url }).threads.get(SESSION, "shop-desk");
  expect(thread.messages).toBe(8);
}, 120_000);
