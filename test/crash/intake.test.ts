/**
 * The real server dies in the middle of a burst of queued starts. What was answered with 202 ends, each once; what was not
 * answered is not there, or ends once too; the queue is empty afterwards.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { RegistryFile } from "../bench/registry-file.ts";
import type { Api, Body } from "../support/processes/api.ts";
import { apiOf, sleep } from "../support/processes/api.ts";
import type { Server } from "../support/processes/server.ts";
import { startServer } from "../support/processes/server.ts";
import { seeded } from "../support/simulator/random.ts";

/** `CRASH_BURST=5000` for a long one. */
const COUNT = Number(process.env.CRASH_BURST ?? 300);
const CALLERS = 16;
const KILLS = 2;
const SEED = Number(process.env.CRASH_SEED ?? Date.now() % 1_000_000);
const draw = seeded(SEED);
const RUN = "run_of_a_burst";
const LIMIT_MS = 60_000 + COUNT * 200;

let server: Server;
let api: Api;
let stateDir: string;

beforeAll(async () => {
  stateDir = await mkdtemp(join(tmpdir(), "errand-intake-"));
  server = await startServer({ stateDir, env: { ERRAND_CRON_MS: "2000" } });
  api = apiOf(server.url);
});
afterAll(async () => {
  await server?.kill("SIGKILL");
  await rm(stateDir, { recursive: true, force: true });
});

test(`killed ${KILLS} times in a burst of ${COUNT}, CRASH_SEED=${SEED}`, { timeout: LIMIT_MS * 2 }, async () => {
  const accepted: string[] = [];
  let sent = 0;
  // A start that finds no server tells nothing: it is not sent until there is one.
  let served: Promise<unknown> = Promise.resolve();
  /** One caller: what is cut off is not sent again. */
  const caller = async () => {
    for (await served; sent < COUNT; await served) {
      sent += 1;
      const started = await api
        .start("clock.remind", { message: "m", seconds: 0 }, { "x-run-id": RUN })
        .catch(() => undefined);
      if (started?.status === "queued") accepted.push(started.execution_id);
      else await sleep(100);
    }
  };
  const callers = Promise.all(Array.from({ length: CALLERS }, caller));
  for (let kill = 1; kill <= KILLS; kill += 1) {
    const after = (kill - 1 + draw()) * (COUNT / (KILLS + 1));
    for (const end = Date.now() + LIMIT_MS; accepted.length < after && sent < COUNT && Date.now() < end; )
      await sleep(2);
    served = server.restart();
    await served;
  }
  await callers;
  expect(accepted.length).toBeGreaterThan(COUNT / 4);

  const file = RegistryFile.open(stateDir);
  const ended = () => file.count("local", { runId: RUN, status: "succeeded" });
  try {
    for (const end = Date.now() + LIMIT_MS; ended() < accepted.length && Date.now() < end; ) await sleep(200);
    expect(ended()).toBeGreaterThanOrEqual(accepted.length);
    expect(ended()).toBeLessThanOrEqual(COUNT);
    expect(file.count("local", { runId: RUN, status: "queued" })).toBe(0);
  } finally {
    file.close();
  }
  for (let at = 0; at < accepted.length; at += 500) {
    const some = accepted.slice(at, at + 500);
    const { body } = await api.call("POST", "/api/v1/executions/batch-status", { execution_ids: some });
    expect(Object.entries(body).filter(([, entry]) => (entry as Body).status !== "succeeded")).toEqual([]);
  }
  for (const id of accepted.filter(() => draw() < 20 / COUNT)) {
    const types = (await api.events(id)).map(({ type }) => type);
    expect(types.filter((type) => type === "execution.created" || type === "execution.started")).toHaveLength(2);
  }
});
