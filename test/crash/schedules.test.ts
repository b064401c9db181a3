/** The real server is killed at instants of a schedule: each instant is one execution, and none is doubled or left out. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Api } from "../support/processes/api.ts";
import { apiOf, sleep } from "../support/processes/api.ts";
import type { Server } from "../support/processes/server.ts";
import { startServer } from "../support/processes/server.ts";
import { seeded } from "../support/simulator/random.ts";

/** `CRASH_KILLS=50` for a long one. */
const KILLS = Number(process.env.CRASH_KILLS ?? 2);
const SEED = Number(process.env.CRASH_SEED ?? Date.now() % 1_000_000);
const draw = seeded(SEED);
const LIMIT_MS = 120_000 + KILLS * 20_000;

let server: Server;
let api: Api;
let stateDir: string;

beforeAll(async () => {
  stateDir = await mkdtemp(join(tmpdir(), "errand-schedules-"));
  server = await startServer({ stateDir });
  api = apiOf(server.url);
});
afterAll(async () => {
  await server?.kill("SIGKILL");
  await rm(stateDir, { recursive: true, force: true });
});

interface Row {
  readonly instant: string;
  readonly outcome: string;
  readonly execution_id: string;
}

/** All rows, oldest first. */
async function rowsOf(id: string): Promise<Row[]> {
  const rows: Row[] = [];
  let cursor: unknown = "";
  while (cursor !== null) {
    const query = `limit=200${cursor === "" ? "" : `&cursor=${cursor}`}`;
    const { body } = await api.call("GET", `/api/v1/schedules/${id}/history?${query}`);
    rows.push(...(body.items as Row[]));
    cursor = body.next_cursor;
  }
  return rows.reverse();
}

test(`killed ${KILLS} times at the instant of firing, CRASH_SEED=${SEED}`, { timeout: LIMIT_MS }, async () => {
  const sent = { schedule_id: "kills", target: "clock.remind", input: { message: "m", seconds: 0 }, every: "1s" };
  const made = await api.call("POST", "/api/v1/schedules", { ...sent, overlap: "allow", catch_up_limit: 1_000 });
  expect(made.status).toBe(201);
  const first = Date.parse((made.body.next_instants as string[])[0] ?? "");
  for (let kill = 1; kill <= KILLS; kill += 1) {
    const next = first + Math.ceil((Date.now() + 300 - first) / 1_000) * 1_000;
    // A little before, until what follows from it is written.
    await sleep(Math.max(0, next - Date.now() - 10 + draw() * 80));
    await server.restart();
  }
  const enough = KILLS + 3;
  for (const end = Date.now() + 60_000; (await rowsOf("kills")).length < enough && Date.now() < end; ) await sleep(200);
  await api.call("POST", "/api/v1/schedules/kills/pause", {});
  const settled = async () => Number((await api.call("GET", "/api/v1/schedules/kills")).body.waiting) === 0;
  for (const end = Date.now() + 60_000; !(await settled()) && Date.now() < end; ) await sleep(200);
  const rows = await rowsOf("kills");
  expect(rows.length).toBeGreaterThanOrEqual(enough);
  expect(rows.map(({ outcome }) => outcome)).toEqual(rows.map(() => "started"));
  expect(rows.map(({ instant }) => Date.parse(instant))).toEqual(rows.map((_row, n) => first + n * 1_000));
  const ids = rows.map(({ execution_id }) => execution_id);
  expect(new Set(ids).size).toBe(rows.length);
  // The index has each, and no other of this function.
  const listed = async () => {
    const found: string[] = [];
    let cursor: unknown = "";
    while (cursor !== null) {
      const page = cursor === "" ? "" : `&cursor=${cursor}`;
      const { body } = await api.call("GET", `/api/v1/executions?target=clock.remind&limit=200${page}`);
      found.push(...(body.items as { execution_id: string }[]).map((item) => item.execution_id));
      cursor = body.next_cursor;
    }
    return found.sort();
  };
  const expected = [...ids].sort();
  for (const end = Date.now() + 60_000; (await listed()).length < expected.length && Date.now() < end; )
    await sleep(200);
  expect(await listed()).toEqual(expected);
});
