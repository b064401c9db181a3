/** A concurrency limit of the real server, through SIGKILL: never more at once than it says, all end, no slot stays taken. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { EventBody } from "../../src/client/index.ts";
import { createClient, fold } from "../../src/client/index.ts";
import type { Api } from "../support/processes/api.ts";
import { apiOf, hasEnded } from "../support/processes/api.ts";
import type { Server } from "../support/processes/server.ts";
import { startServer } from "../support/processes/server.ts";

const LIMIT = 2;
const COUNT = 12;
const QUEUE = "clock/remind";

let server: Server;
let api: Api;
let stateDir: string;

beforeAll(async () => {
  stateDir = await mkdtemp(join(tmpdir(), "errand-limits-"));
  server = await startServer({ stateDir });
  api = apiOf(server.url);
});
afterAll(async () => {
  await server?.kill("SIGKILL");
  await rm(stateDir, { recursive: true, force: true });
});

/** When it held a slot: from the event that granted it until the one with which it came to rest or ended. */
async function heldBy(id: string): Promise<(readonly [number, number])[]> {
  const events = (await api.events(id)) as unknown as EventBody[];
  const spans: (readonly [number, number])[] = [];
  let since: number | undefined;
  for (const [at, event] of events.entries()) {
    const slot = fold(events.slice(0, at + 1))?.slot;
    const holds = slot !== undefined && !slot.off && slot.held > 0;
    const atMs = Date.parse(event.at);
    if (holds) since ??= atMs;
    else if (since !== undefined) {
      spans.push([since, atMs]);
      since = undefined;
    }
  }
  return spans;
}

test("holds in a burst that is killed twice", async () => {
  const { queues } = createClient({ baseUrl: server.url });
  await queues.setLimit(QUEUE, LIMIT);
  await queues.pause(QUEUE);
  const start = async () => (await api.start("clock.remind", { message: "m", seconds: 0.3 })).execution_id;
  const ids = await Promise.all(Array.from({ length: COUNT }, start));
  await api.until(ids[COUNT - 1] ?? "", ({ status_reason }) => status_reason === `awaiting_slot: ${QUEUE}`);
  await server.restart();
  await queues.resume(QUEUE);
  await api.until(ids[0] ?? "", hasEnded);
  await server.restart();
  for (const id of ids) expect((await api.until(id, hasEnded)).status).toBe("succeeded");

  const spans = (await Promise.all(ids.map(heldBy))).flat();
  expect(spans.length).toBeGreaterThanOrEqual(COUNT);
  for (const [from] of spans)
    expect(spans.filter(([since, until]) => since <= from && from < until).length).toBeLessThanOrEqual(LIMIT);

  const queue = async () => {
    for await (const each of queues.list()) if (each.queue === QUEUE) return each;
    return undefined;
  };
  await expect.poll(queue, { timeout: 90_000 }).toMatchObject({ limit: LIMIT, depth: 0, running: 0, paused: false });
}, 240_000);
