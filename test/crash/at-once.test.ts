/** SIGKILL in the middle of a program whose next heartbeat is far away: the first reader after the restart sets it going. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { apiOf, hasEnded } from "../support/house/api.ts";
import type { Server } from "../support/house/server.ts";
import { startServer } from "../support/house/server.ts";

let stateDir: string;
let server: Server;
/** Ten minutes: an alarm that is left to it comes after any patience of this test. */
const env = { ERRAND_HEARTBEAT_MS: "600000", ERRAND_CRON_MS: "600000" };

beforeAll(async () => {
  stateDir = await mkdtemp(join(tmpdir(), "errand-at-once-"));
  server = await startServer({ stateDir, env });
});
afterAll(async () => {
  await server?.kill("SIGKILL");
  await rm(stateDir, { recursive: true, force: true });
});

test("an interrupted execution goes on when it is looked at, not at its next heartbeat", async () => {
  const before = apiOf(server.url);
  const { execution_id: id } = await before.start("catalog.audit", { pace_ms: 200, chunk_size: 100 });
  await before.until(id, ({ progress }) => Number((progress as { done?: number } | undefined)?.done) > 0);
  await server.kill("SIGKILL");
  server = await startServer({ stateDir, env });
  const ended = await apiOf(server.url).until(id, hasEnded);
  expect(ended).toMatchObject({ status: "succeeded", recoveries: 1 });
});
