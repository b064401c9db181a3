/**
 * SIGKILL while executions are being restarted: at any moment between the source's note, the start of its follower and
 * the follower's work. Whatever was noted comes by itself, and a repeated restart finds it.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { DemoBank } from "../../src/examples/demo-bank.ts";
import { startDemoBank } from "../../src/examples/demo-bank.ts";
import { eventually } from "../support/eventually.ts";
import type { Api, Body } from "../support/processes/api.ts";
import { apiOf, hasEnded, sleep } from "../support/processes/api.ts";
import type { Messenger } from "../support/processes/messenger.ts";
import { startMessenger } from "../support/processes/messenger.ts";
import type { Server } from "../support/processes/server.ts";
import { startServer } from "../support/processes/server.ts";
import { seeded } from "../support/simulator/random.ts";

const COUNT = 12;
/** Moments of the kill in ms after the restarts were sent, drawn; a failing run is run again with the seed that its titles name. */
const SEED = Number(process.env.CRASH_SEED ?? Date.now() % 1_000_000);
const draw = seeded(SEED);
const MOMENTS = [20, 50, 90, 150].map((ms) => Math.round(ms * (0.5 + draw())));

let bank: DemoBank;
let messenger: Messenger;
let server: Server;
let api: Api;
let stateDir: string;
/** While it is set nobody can be told of a transfer, so each one fails after the money moved. */
let silent = true;
/** What failed before the first kill, a dozen for each. */
let failed: readonly { id: string; transfer: string }[];

beforeAll(async () => {
  stateDir = await mkdtemp(join(tmpdir(), "errand-restart-"));
  bank = await startDemoBank({ port: 0 });
  messenger = await startMessenger(bank.url, { refuses: (path) => silent && path === "/notify" });
  const env = { ERRAND_HEARTBEAT_MS: "1000", LEDGER_SERVICE_URL: messenger.url };
  server = await startServer({ stateDir, env });
  api = apiOf(server.url);
  failed = await failedTransfers();
  silent = false;
});

afterAll(async () => {
  await server?.kill("SIGKILL");
  messenger?.close();
  await bank?.close();
  await rm(stateDir, { recursive: true, force: true });
});

async function failedTransfers(): Promise<{ id: string; transfer: string }[]> {
  const made = await Promise.all(
    Array.from({ length: COUNT * MOMENTS.length }, async (_, n) => {
      const transfer = `killed-${n}`;
      const { execution_id } = await api.start("ledger.transfer", {
        transfer_id: transfer,
        from: "a",
        to: "b",
        amount: 1,
      });
      return { id: execution_id, transfer };
    }),
  );
  for (const { id } of made) expect((await api.until(id, hasEnded)).status).toBe("failed");
  return made;
}

/** `undefined` when the server died before it answered. */
async function restart(id: string): Promise<Body | undefined> {
  try {
    const response = await fetch(`${server.url}/api/v1/executions/${id}/restart`, {
      method: "POST",
      headers: { "idempotency-key": "after the kill" },
      body: "{}",
    });
    return response.status === 202 ? ((await response.json()) as Body) : undefined;
  } catch {
    return undefined;
  }
}

/** A server that has only just come back may say 503. */
const restartInTheEnd = (id: string) =>
  eventually(async () => {
    const answer = await restart(id);
    if (answer === undefined) throw new Error(`${id} is not restarted`);
    return answer;
  });

const followersOf = async (id: string) =>
  (await api.events(id)).flatMap(({ type, data }) => (type === "successor.started" ? [String(data.id)] : []));

test.each(MOMENTS.map((ms, round) => [ms, round]))(
  `killed %i ms after the restarts were sent, each execution has one follower in the end, and nothing is done twice, CRASH_SEED=${SEED}`,
  async (ms, round) => {
    const sources = failed.slice(round * COUNT, (round + 1) * COUNT);
    const answers = sources.map(({ id }) => restart(id));
    await sleep(ms);
    await server.restart();
    const known = await Promise.all(answers);
    let noted = 0;
    for (const [n, { id, transfer }] of sources.entries()) {
      const [before] = await followersOf(id);
      // What the log says comes by itself: nobody asks for it again.
      if (before !== undefined) await api.until(before, hasEnded);
      if (before !== undefined) noted += 1;
      const again = await restartInTheEnd(id);
      expect(again.execution_id).toMatch(/^exec_/);
      expect(
        [before, known[n]?.execution_id].filter((found) => found !== undefined && found !== again.execution_id),
      ).toEqual([]);
      const ended = await api.until(again.execution_id, hasEnded);
      expect(ended).toMatchObject({ status: "succeeded", restarted_from: id });
      expect(await followersOf(id)).toEqual([again.execution_id]);
      expect(bank.counts().transfer[transfer]).toMatchObject({ called: 1, applied: 1 });
    }
    process.stdout.write(`killed after ${ms} ms: ${noted} of ${COUNT} restarts had been noted\n`);
  },
);
