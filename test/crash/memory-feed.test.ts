/** The feed of memory through SIGKILL of the real server: every change that was answered comes, in order, once. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { MemoryEvent } from "../../src/client/index.ts";
import { createClient } from "../../src/client/index.ts";
import type { Server } from "../support/processes/server.ts";
import { startServer } from "../support/processes/server.ts";

let server: Server;
let stateDir: string;

beforeAll(async () => {
  stateDir = await mkdtemp(join(tmpdir(), "errand-memory-"));
  server = await startServer({ stateDir });
});
afterAll(async () => {
  await server?.kill("SIGKILL");
  await rm(stateDir, { recursive: true, force: true });
});

/** Reads a feed until `signal` ends it. */
async function follow(feed: AsyncGenerator<MemoryEvent>, into: MemoryEvent[]): Promise<void> {
  for await (const event of feed) into.push(event);
}

test("goes on after a SIGKILL without loss and without repeats, of one memory and of the tenant", async () => {
  const { memory } = createClient({ baseUrl: server.url, timing: { maxBackoffMs: 250 } });
  const stop = new AbortController();
  const { signal } = stop;
  const ofSession: MemoryEvent[] = [];
  const ofTenant: MemoryEvent[] = [];
  const reading = [
    follow(memory.watch({ scope: "session", sessionId: "s", patterns: ["k*"], since: "0", signal }), ofSession),
    follow(memory.watch({ patterns: ["k*"], since: "0", signal }), ofTenant),
  ];
  const keys: string[] = [];
  for (let round = 1; round <= 3; round += 1) {
    for (let at = 1; at <= 5; at += 1) {
      const key = `k-${round}-${at}`;
      await memory.set(key, { round, at }, { scope: "session", sessionId: "s" });
      keys.push(key);
    }
    // The last ones may be on their way to the tenant's feed: its memory still owes them.
    await server.restart();
  }
  await memory.set("k-end", 1, { scope: "session", sessionId: "s" });
  keys.push("k-end");
  const wait = { timeout: 60_000, interval: 50 };
  await expect.poll(() => ofSession.map(({ key }) => key), wait).toEqual(keys);
  await expect.poll(() => ofTenant.map(({ key }) => key), wait).toEqual(keys);
  stop.abort();
  await Promise.all(reading);
  for (const events of [ofSession, ofTenant]) {
    const ids = events.map(({ id }) => Number(id));
    expect(ids).toEqual(ids.map((_id, at) => (ids[0] ?? 0) + at));
  }
  expect((await memory.get("k-2-3", { sessionId: "s" }))?.data).toEqual({ round: 2, at: 3 });
}, 120_000);
