/**
 * The real server dies while very many executions finish. Nobody asks for anything afterwards: their own alarms bring the
 * index up to date, and then every list says what every actor says.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { RegistryFile } from "../bench/registry-file.ts";
import { PATIENCE_MS } from "../support/patience.ts";
import type { Api, Body } from "../support/processes/api.ts";
import { apiOf, hasEnded, sleep } from "../support/processes/api.ts";
import type { Server } from "../support/processes/server.ts";
import { startServer } from "../support/processes/server.ts";
import { seeded } from "../support/simulator/random.ts";

const COUNT = 200;
/** Their ends are spread over this long; the kill comes after a drawn number of them. */
const SPREAD_MS = 2_000;
/** So many are started to learn how quick this machine is, so that most of the others sleep before the first one ends. */
const TRIED = 10;
const SEED = Number(process.env.CRASH_SEED ?? Date.now() % 1_000_000);
const draw = seeded(SEED);

let server: Server;
let api: Api;
let stateDir: string;

beforeAll(async () => {
  stateDir = await mkdtemp(join(tmpdir(), "errand-index-"));
  server = await startServer({ stateDir, env: { ERRAND_HEARTBEAT_MS: "1000", ERRAND_CRON_MS: "86400000" } });
  api = apiOf(server.url);
});
afterAll(async () => {
  await server?.kill("SIGKILL");
  await rm(stateDir, { recursive: true, force: true });
});

/** A machine with few files says 503: then a moment later. */
async function start(seconds: number, run = "run_of_many"): Promise<string> {
  const body = { input: { message: "m", seconds } };
  const headers = { "x-run-id": run };
  for (;;) {
    const sent = { method: "POST", headers, body: JSON.stringify(body) };
    const response = await fetch(`${server.url}/api/v1/execute/async/clock.remind`, sent);
    const started = (await response.json()) as Body;
    if (response.status === 202) return started.execution_id;
    if (response.status !== 503) throw new Error(`not started: ${JSON.stringify(started)}`);
    await sleep(500);
  }
}

test(
  `killed while ${COUNT} executions finish, list and actors agree without a request, CRASH_SEED=${SEED}`,
  async () => {
    const triedMs = Date.now();
    for (let n = 0; n < TRIED; n += 1) await start(0, "run_of_few");
    const oneMs = (Date.now() - triedMs) / TRIED;
    const firstEndMs = Date.now() + Math.min(25_000, 2_000 + 1.5 * COUNT * oneMs);
    const ids: string[] = [];
    for (let n = 0; n < COUNT; n += 1) {
      const endMs = firstEndMs + (n * SPREAD_MS) / COUNT;
      ids.push(await start(Math.max(0, endMs - Date.now()) / 1_000));
    }
    const file = RegistryFile.open(stateDir);
    const ended = () => file.count("local", { runId: "run_of_many", status: "succeeded" });
    try {
      const killAfter = 1 + Math.floor(draw() * (COUNT - 20));
      while (ended() < killAfter) await sleep(5);
      await server.restart();
      // Only the file of the index is looked at: no request wakes anybody.
      for (const endMs = Date.now() + 2 * PATIENCE_MS; ended() < COUNT && Date.now() < endMs; ) await sleep(200);
      expect(ended()).toBe(COUNT);
    } finally {
      file.close();
    }
    const { body } = await api.call("GET", `/api/v1/executions?run_id=run_of_many&limit=${COUNT}`);
    const listed = new Map((body.items as Body[]).map((item) => [item.execution_id, item]));
    expect([...listed.keys()].toSorted()).toEqual(ids.toSorted());
    for (const id of ids) {
      const actor = await api.get(id);
      expect(hasEnded(actor)).toBe(true);
      const { status, created_at, started_at, finished_at } = listed.get(id) ?? actor;
      expect({ id, status, created_at, started_at, finished_at }).toEqual({
        id,
        status: actor.status,
        created_at: actor.created_at,
        started_at: actor.started_at,
        finished_at: actor.finished_at,
      });
    }
  },
  6 * PATIENCE_MS,
);
