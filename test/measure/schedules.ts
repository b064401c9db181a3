/**
 * Many schedules that are due in one second: how long after it the last of them has started its execution, whether each has
 * started exactly one, and what as many idle ones cost. `node test/measure/schedules.ts [1000]`
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { apiOf, sleep } from "../support/processes/api.ts";
import { startServer } from "../support/processes/server.ts";

const COUNT = Number(process.argv[2] ?? 1_000);
const CALLERS = 16;
/** Time to make them all, before they are due. */
const LEAD_MS = 5_000 + COUNT * 60;

/** A machine with few files says when to come again. */
async function inRoom<T extends { readonly status: number }>(call: () => Promise<T>): Promise<T> {
  for (;;) {
    const answer = await call();
    if (answer.status !== 503) return answer;
    await sleep(1_000);
  }
}

const say = (line: string) => process.stdout.write(`${line}\n`);

const stateDir = await mkdtemp(join(tmpdir(), "errand-schedules-"));
const server = await startServer({ stateDir });
const api = apiOf(server.url);
try {
  const at = new Date(Math.ceil((Date.now() + LEAD_MS) / 1_000) * 1_000).toISOString();
  let made = 0;
  const caller = async () => {
    while (made < COUNT) {
      const schedule_id = `due-${made++}`;
      const sent = { schedule_id, target: "clock.remind", input: { message: schedule_id, seconds: 0 }, at };
      const { status, body } = await inRoom(() => api.call("POST", "/api/v1/schedules", sent));
      if (status !== 201) throw new Error(`${schedule_id}: ${JSON.stringify(body)}`);
    }
  };
  await Promise.all(Array.from({ length: CALLERS }, caller));
  say(`${COUNT} schedules are made, ${Math.round((Date.parse(at) - Date.now()) / 1_000)} s before they are due`);
  await sleep(Math.max(0, Date.parse(at) - Date.now()));
  const started = new Map<string, number>();
  for (const end = Date.now() + 120_000; started.size < COUNT && Date.now() < end; await sleep(250)) {
    for (let n = 0; n < COUNT; n += 1) {
      if (started.has(`due-${n}`)) continue;
      const { status, body } = await inRoom(() => api.call("GET", `/api/v1/schedules/due-${n}/history`));
      if (status !== 200) throw new Error(`due-${n}: ${status} ${JSON.stringify(body)}`);
      const rows = body.items as { at: string; outcome: string }[];
      if (rows.length > 1 || rows.some(({ outcome }) => outcome !== "started"))
        throw new Error(`due-${n}: ${JSON.stringify(rows)}`);
      for (const row of rows) started.set(`due-${n}`, Date.parse(row.at) - Date.parse(at));
    }
  }
  const late = [...started.values()].sort((a, b) => a - b);
  const part = (share: number) => late[Math.min(late.length - 1, Math.floor(late.length * share))];
  say(`${started.size} started; late by ${part(0.5)} ms (half), ${part(0.99)} ms (99 of 100), ${late.at(-1)} ms (all)`);
  process.exitCode = started.size === COUNT ? 0 : 1;
} finally {
  await server.kill("SIGKILL");
  await rm(stateDir, { recursive: true, force: true });
}
