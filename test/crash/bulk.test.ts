/**
 * SIGKILL while bulk operations are at work: the real server dies at drawn moments, pauses executions that a person resumes
 * at once, and restarts ended ones. Each execution is moved once, and has one follower.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import type { Api } from "../support/processes/api.ts";
import { apiOf, hasEnded, sleep } from "../support/processes/api.ts";
import type { Server } from "../support/processes/server.ts";
import { startServer } from "../support/processes/server.ts";
import { seeded } from "../support/simulator/random.ts";

const COUNT = 30;
/** Moments of the kills in ms after the bulk operation was accepted, drawn; a failing run is run again with the seed in its title. */
const SEED = Number(process.env.CRASH_SEED ?? Date.now() % 1_000_000);
const draw = seeded(SEED);
const MOMENTS = [30, 120, 400].map((ms) => Math.round(ms * (0.5 + draw())));

let server: Server;
let api: Api;
let stateDir: string;

beforeAll(async () => {
  stateDir = await mkdtemp(join(tmpdir(), "errand-bulk-"));
  server = await startServer({ stateDir, env: { ERRAND_HEARTBEAT_MS: "1000" } });
  api = apiOf(server.url);
});

afterAll(async () => {
  await server?.kill("SIGKILL");
  await rm(stateDir, { recursive: true, force: true });
});

async function startMany(run: string): Promise<string[]> {
  const ids: string[] = [];
  for (let made = 0; made < COUNT; made += 1) {
    const { execution_id } = await api.start("clock.remind", { message: "m", seconds: 3_600 }, { "x-run-id": run });
    ids.push(execution_id);
  }
  return ids;
}

const listed = (query: string) =>
  eventually(async () => {
    const { body } = await api.call("GET", `/api/v1/executions?limit=200&${query}`);
    if ((body.items as unknown[] | undefined)?.length !== COUNT) throw new Error(`not ${COUNT}: ${query}`);
  });

/** Accepted, and killed at each of the moments after it. */
async function killedDuring(action: string, run: string): Promise<string> {
  const { body } = await api.call("POST", "/api/v1/bulk", { action, filter: { run_id: run }, rate_per_second: 10 });
  const id = String(body.execution_id);
  for (const ms of MOMENTS) {
    await sleep(ms);
    await server.restart();
  }
  return id;
}

const eventsOf = async (id: string, type: string) => (await api.events(id)).filter((event) => event.type === type);

test(`pauses each execution once, CRASH_SEED=${SEED}`, async () => {
  const ids = await startMany("bulk-pause");
  await listed("run_id=bulk-pause&status=running");
  const bulk = await killedDuring("pause", "bulk-pause");
  // A person takes a part of it back while it goes on: that is not done again.
  for (const id of ids) await api.call("POST", `/api/v1/executions/${id}/resume`, {});
  const { status, result } = await api.until(bulk, hasEnded);
  expect({ status, result }).toMatchObject({ status: "succeeded", result: { touched: COUNT, refused: 0 } });
  for (const id of ids)
    expect((await eventsOf(id, "execution.paused")).map(({ data }) => data)).toMatchObject([{ bulk }]);
});

test(`restarts each execution once, CRASH_SEED=${SEED}`, async () => {
  const ids = await startMany("bulk-restart");
  for (const id of ids) await api.call("POST", `/api/v1/executions/${id}/cancel`, {});
  await listed("run_id=bulk-restart&status=cancelled");
  const { status, result } = await api.until(await killedDuring("restart", "bulk-restart"), hasEnded);
  expect({ status, result }).toMatchObject({ status: "succeeded", result: { touched: COUNT, refused: 0 } });
  for (const id of ids) expect(await eventsOf(id, "successor.started")).toHaveLength(1);
});
