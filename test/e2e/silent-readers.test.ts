/**
 * Many readers of one execution that never read: together they cost the server a bounded room, whoever reads has every event,
 * and what waits in the server is measured at the server's processes.
 */
import { spawnSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createClient } from "../../src/client/index.ts";
import { PATIENCE_MS } from "../support/patience.ts";
import { openRawSocket } from "../support/processes/raw-socket.ts";
import type { Server } from "../support/processes/server.ts";
import { startServer } from "../support/processes/server.ts";

const SILENT = 60;
const SIGNALS = 40;
const SIGNAL = "x".repeat(300_000);
const MIB = 1_048_576;

let stateDir: string;
let server: Server;

beforeAll(async () => {
  stateDir = await mkdtemp(join(tmpdir(), "errand-silent-"));
  server = await startServer({ stateDir, env: { ERRAND_HEARTBEAT_MS: "1000" } });
});

afterAll(async () => {
  await server?.kill("SIGKILL");
  await rm(stateDir, { recursive: true, force: true });
});

/** Resident memory of the server's whole process group. */
function residentBytes(): number {
  const listed = spawnSync("ps", ["-A", "-o", "pgid=,rss="], { encoding: "utf8" }).stdout.trim().split("\n");
  const kib = listed.map((line) => line.trim().split(/\s+/).map(Number));
  return 1_024 * kib.reduce((sum, [pgid, rss = 0]) => sum + (pgid === server.pid ? rss : 0), 0);
}

async function withSilentReaders(count: number): Promise<number> {
  const client = createClient({ baseUrl: server.url });
  const { execution_id: id } = await client.executeAsync("clock.remind", { message: "silent", seconds: 3_600 });
  await client.wait(id, { until: ({ status }) => status === "running" });
  const url = `${server.url.replace("http", "ws")}/api/v1/executions/${id}/stream`;
  const sockets = await Promise.all(Array.from({ length: count }, () => openRawSocket(url)));
  for (const socket of sockets) socket.stopReading();
  let seen = 0;
  const quick = (async () => {
    for await (const { type } of client.events(id)) if (type === "signal.received") seen += 1;
  })();
  const before = residentBytes();
  let most = before;
  for (let n = 1; n <= SIGNALS; n += 1) {
    await client.signal(id, "tick", { n, text: SIGNAL });
    await expect.poll(() => seen).toBe(n);
    most = Math.max(most, residentBytes());
  }
  const asked = performance.now();
  expect((await fetch(`${server.url}/health`)).status).toBe(200);
  expect(performance.now() - asked).toBeLessThan(PATIENCE_MS / 2);
  for (const socket of sockets) socket.destroy();
  await client.cancel(id);
  await quick;
  return most - before;
}

test("sixty silent readers cost about what a few do: none holds its own megabytes", async () => {
  // The first round pays for what the runtime keeps anyway.
  await withSilentReaders(2);
  const few = await withSilentReaders(2);
  const many = await withSilentReaders(SILENT);
  // Each of them alone may hold 8 MiB: 480 in all, and what the platform keeps beside it.
  expect(many - few, `${few / MIB} MiB for 2, ${many / MIB} MiB for ${SILENT}`).toBeLessThan(160 * MIB);
});
