/**
 * A burst of queued starts on the real server: `node test/measure/burst.ts [STARTS] [CALLERS]` (20,000 and 64).
 *
 * - A quiet tenant starts one execution after the other, first alone and then beside the burst of a loud one: p99 of its waits.
 * - The server is killed in the middle. Each start that was answered with 202 has to end, and none may be refused.
 *
 * Ends with 1 when one was refused or lost.
 */
import { readdirSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { createClient } from "../../src/client/index.ts";
import { percentile } from "../bench/figures.ts";
import { RegistryFile } from "../bench/registry-file.ts";
import type { Server } from "../support/processes/server.ts";
import { startServer } from "../support/processes/server.ts";

const STARTS = Number(process.argv[2] ?? 20_000);
const CALLERS = Number(process.argv[3] ?? 64);
const QUIET_STARTS = 50;
const FOUND_MS = 120_000;
const ROOT_KEY = "root-key-of-a-measurement-on-this-machine";
const INPUT = JSON.stringify({ input: { message: "m", seconds: 0 } });

const say = (line: string) => process.stdout.write(`${line}\n`);

interface Caller {
  readonly server: Server;
  readonly key: string;
  readonly runId: string;
}

/** Its status and, where it was accepted, its id; `undefined` when the connection broke. */
async function start({ server, key, runId }: Caller): Promise<{ status: number; id: string } | undefined> {
  const headers = { authorization: `Bearer ${key}`, "content-type": "application/json", "x-run-id": runId };
  try {
    const url = `${server.url}/api/v1/execute/async/clock.remind`;
    const response = await fetch(url, { method: "POST", headers, body: INPUT });
    const body = (await response.json()) as { readonly execution_id?: string };
    return { status: response.status, id: body.execution_id ?? "" };
  } catch {
    return undefined;
  }
}

/** Megabytes in memory of the processes of a group. */
function residentMb(group: number): number {
  let pages = 0;
  for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name)))
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
      const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      if (Number(fields[2]) === group) pages += Number(fields[21]);
    } catch {
      // It ended meanwhile.
    }
  return (pages * 4_096) / 1_048_576;
}

async function burst(caller: Caller): Promise<{ accepted: string[]; refused: number; cut: number }> {
  const accepted: string[] = [];
  let [sent, refused, cut] = [0, 0, 0];
  const one = async () => {
    while (sent < STARTS) {
      sent += 1;
      const answer = await start(caller);
      if (answer?.status === 202) accepted.push(answer.id);
      else if (answer) refused += 1;
      else {
        cut += 1;
        sent -= 1;
        await sleep(200);
      }
    }
  };
  const all = Promise.all(Array.from({ length: CALLERS }, one));
  while (accepted.length + refused < STARTS / 2) await sleep(20);
  await caller.server.restart();
  await all;
  return { accepted, refused, cut };
}

/** p99 of the time from acceptance to begin, as the executions say it themselves. */
async function quiet(caller: Caller, file: RegistryFile): Promise<number> {
  for (let n = 0; n < QUIET_STARTS; ) {
    const answer = await start(caller);
    if (answer?.status === 202) n += 1;
    await sleep(100);
  }
  const found = () => file.waits("quiet", caller.runId).length;
  for (const end = Date.now() + FOUND_MS; found() < QUIET_STARTS && Date.now() < end; ) await sleep(200);
  if (found() < QUIET_STARTS) say(`of ${QUIET_STARTS} quiet starts the index knows ${found()} that began`);
  return percentile(
    file.waits("quiet", caller.runId).map(({ createdAtMs, startedAtMs }) => startedAtMs - createdAtMs),
    0.99,
  );
}

async function measure(server: Server, stateDir: string): Promise<boolean> {
  const { keys } = createClient({ baseUrl: server.url, key: ROOT_KEY });
  const keyOf = async (tenant: string) =>
    (await keys.create({ name: tenant, tenant, subject: tenant, scopes: ["execute", "read"] })).key;
  const loud = { server, key: await keyOf("loud"), runId: "burst" };
  const quietKey = await keyOf("quiet");
  await start({ ...loud, runId: "first" });
  await sleep(2_000);
  const file = RegistryFile.open(stateDir);
  const alone = await quiet({ server, key: quietKey, runId: "alone" }, file);
  say(`a quiet tenant alone waited ${alone.toFixed(0)} ms (p99 of ${QUIET_STARTS})`);
  let mostMb = 0;
  const watch = setInterval(() => {
    mostMb = Math.max(mostMb, residentMb(server.pid));
  }, 500);
  const begun = performance.now();
  const flood = burst(loud);
  const beside = quiet({ server, key: quietKey, runId: "beside" }, file);
  const { accepted, refused, cut } = await flood;
  const acceptedS = (performance.now() - begun) / 1_000;
  say(`accepted: ${accepted.length}`);
  const ended = () => file.count("loud", { runId: "burst", status: "succeeded" });
  for (let before = -1, now = ended(), still = 0; now < accepted.length && still < 60; now = ended()) {
    still = now === before ? still + 1 : 0;
    before = now;
    await sleep(1_000);
  }
  const endedS = (performance.now() - begun) / 1_000;
  clearInterval(watch);
  const lost = Math.max(0, accepted.length - ended());
  say(
    `${accepted.length} starts were accepted in ${acceptedS.toFixed(1)} s, ${refused} refused, ${cut} cut off by the kill`,
  );
  say(`all ended after ${endedS.toFixed(1)} s, ${lost} lost; at most ${mostMb.toFixed(0)} MB in memory`);
  const p99 = await beside;
  say(`a quiet tenant waited ${alone.toFixed(0)} ms (p99) alone, ${p99.toFixed(0)} ms beside it`);
  file.close();
  return refused === 0 && lost === 0;
}

const stateDir = await mkdtemp(join(tmpdir(), "errand-burst-"));
const server = await startServer({
  stateDir,
  env: { ERRAND_ROOT_KEY: ROOT_KEY, ERRAND_CRON_MS: "2000" },
});
try {
  process.exitCode = (await measure(server, stateDir)) ? 0 : 1;
} finally {
  await server.kill("SIGKILL");
  await rm(stateDir, { recursive: true, force: true });
}
