/**
 * Agents of the kit at one plan while they, and the runtime, are killed at drawn moments: nothing is lost, each completion is taken once,
 * and what may not happen twice happens twice only where a person said so. `CRASH_KILLS=60` for a long one.
 */
import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { PATIENCE_MS } from "../support/patience.ts";
import type { Server } from "../support/processes/server.ts";
import { startServer } from "../support/processes/server.ts";
import { seeded } from "../support/simulator/random.ts";

const SEED = Number(process.env.CRASH_SEED ?? Date.now() % 1_000_000);
const KILLS = Number(process.env.CRASH_KILLS ?? 6);
const AGENTS = 3;
const SUBTASKS = 5 * KILLS;
const LIMIT_MS = 4 * PATIENCE_MS + KILLS * 5_000;
const PROGRAM = resolve(import.meta.dirname, "../support/plans/killed-agent.ts");

const folder = mkdtempSync(join(tmpdir(), "errand-leases-"));
const book = join(folder, "effects.txt");
const draw = seeded(SEED);
const agents = new Map<string, ChildProcess>();
let server: Server;

beforeAll(async () => {
  writeFileSync(book, "");
  server = await startServer({ stateDir: join(folder, "state"), env: { ERRAND_LEASE_SECONDS: "4" } });
});
afterAll(async () => {
  for (const child of agents.values()) child.kill("SIGKILL");
  await server.kill("SIGKILL");
  rmSync(folder, { recursive: true, force: true });
});

const rest = (ms: number) => new Promise<void>((done) => setTimeout(done, ms));

function startAgent(id: string): void {
  const stdio = ["ignore", "ignore", "inherit"] as const;
  agents.set(id, spawn(process.execPath, [PROGRAM, server.url, id, folder], { stdio: [...stdio] }));
}

async function killAgent(id: string): Promise<void> {
  const child = agents.get(id);
  if (!child) return;
  const ended = once(child, "exit");
  child.kill("SIGKILL");
  await ended;
}

/** Again while the runtime is down. */
async function call<T>(method: string, path: string, body?: object): Promise<T> {
  for (const until = Date.now() + PATIENCE_MS; ; ) {
    const sent = { method, ...(body === undefined ? {} : { body: JSON.stringify(body) }) };
    const response = await fetch(`${server.url}${path}`, sent).catch(() => undefined);
    const text = await response?.text().catch(() => undefined);
    if (response?.ok && text !== undefined) return JSON.parse(text) as T;
    if (response && response.status < 500) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    if (Date.now() > until) throw new Error(`${method} ${path}: the runtime does not come back`);
    await rest(100);
  }
}

interface Subtask {
  readonly id: string;
  readonly status: string;
  readonly result_data: { readonly key?: string } | null;
  readonly blocked: { readonly error_type: string | null } | null;
}
interface Execution {
  readonly status: string;
  readonly tasks: readonly { readonly subtasks: readonly Subtask[] }[];
}
interface Reported {
  readonly id: string;
  readonly event_type: string;
  readonly task_id: string;
  readonly applied: boolean;
  readonly agent_id: string;
}

function drawnPlan() {
  const subtasks = Array.from({ length: SUBTASKS }, (_none, n) => ({
    ...{
      id: `s${n}`,
      title: `Subtask ${n}`,
      action: draw() < 0.6 ? "send" : "note",
      params: { ms: 100 + draw() * 600 },
    },
    ...(n === 0 || draw() < 0.5 ? {} : { depends_on: [`s${Math.floor(draw() * n)}`] }),
    retry_policy: { max_attempts: 50, backoff_seconds: 0 },
  }));
  return { plan_id: "plan_of_kills", goal: "Be done", tasks: [{ id: "t", title: "T", subtasks }] };
}

const effectsOf = (what: string) =>
  readFileSync(book, "utf8")
    .split("\n")
    .filter((line) => line.startsWith(`${what} `))
    .map((line) => line.split(" ")[1] ?? "");

/** A person looks where the truth is, and decides. Returns what was had done again. */
async function decide(id: string, { id: task_id }: Subtask): Promise<string | undefined> {
  const isDone = effectsOf("done").includes(`${id}/${task_id}`);
  const answer = isDone
    ? { option: "complete_by_hand", output_data: { key: `${id}/${task_id}` } }
    : { option: "retry_task" };
  const decided = await call("POST", `/api/executions/${id}/resolve`, { task_id, ...answer }).catch(
    (error: unknown) => {
      // Decided already, with an answer that was lost.
      if (!String(error).includes(": 409")) throw error;
    },
  );
  return decided === undefined || isDone ? undefined : `${id}/${task_id}`;
}

async function killing(isOver: () => boolean): Promise<string[]> {
  const names: string[] = [];
  for (let kills = 0; kills < KILLS && !isOver(); kills += 1) {
    await rest(100 + draw() * 900);
    if (draw() < 0.3) {
      names.push("runtime");
      await server.restart();
      continue;
    }
    const id = `agent_${Math.floor(draw() * AGENTS)}`;
    names.push(id);
    await killAgent(id);
    // One that stays away for longer than its leases, or comes back at once.
    await rest(draw() < 0.3 ? 4_500 : draw() * 300);
    startAgent(id);
  }
  return names;
}

test(`runtime and agents are killed ${KILLS} times amid leases, CRASH_SEED=${SEED}`, {
  timeout: LIMIT_MS,
}, async () => {
  const plan = drawnPlan();
  await call("POST", "/api/plans", plan);
  for (let n = 0; n < AGENTS; n += 1) startAgent(`agent_${n}`);
  const { id } = await call<{ id: string }>("POST", "/api/executions", { plan_id: plan.plan_id, id: "exec_of_kills" });
  let isOver = false;
  const killed = killing(() => isOver);
  const again: string[] = [];
  const until = Date.now() + LIMIT_MS - PATIENCE_MS;
  let execution: Execution;
  for (;;) {
    execution = await call<Execution>("GET", `/api/executions/${id}`);
    if (execution.status === "COMPLETED") break;
    if (Date.now() > until) throw new Error(`it does not end: ${JSON.stringify(execution)}`);
    for (const subtask of execution.tasks[0]?.subtasks ?? [])
      if (subtask.blocked) again.push((await decide(id, subtask)) ?? "");
    await rest(100);
  }
  isOver = true;
  // A fast machine is done before all of them came.
  expect((await killed).length).toBeGreaterThan(0);

  const subtasks = execution.tasks[0]?.subtasks ?? [];
  expect(subtasks.map(({ status }) => status)).toEqual(plan.tasks[0]?.subtasks.map(() => "COMPLETE"));
  const results = subtasks.map(({ id: own, result_data }) => [own, result_data?.key]);
  expect(results).toEqual(subtasks.map(({ id: own }) => [own, `${id}/${own}`]));

  const begun = effectsOf("begin");
  const sent = plan.tasks[0]?.subtasks.filter(({ action }) => action === "send") ?? [];
  const twice = sent
    .map(({ id: own }) => `${id}/${own}`)
    .filter((key) => {
      const count = (all: readonly string[]) => all.filter((each) => each === key).length;
      return count(begun) > 1 + count(again);
    });
  expect(twice, "begun twice in silence").toEqual([]);

  const reports: Reported[] = [];
  for (let cursor: string | null = ""; cursor !== null; ) {
    const from: string = cursor === "" ? "" : `&cursor=${cursor}`;
    const page = await call<{ items: Reported[]; next_cursor: string | null }>(
      "GET",
      `/api/executions/${id}/events?limit=100${from}`,
    );
    reports.push(...page.items);
    cursor = page.next_cursor;
  }
  const names = reports.map((report) => `${report.agent_id} ${report.id}`);
  expect(new Set(names).size).toBe(names.length);
  const done = reports
    .filter(({ event_type, applied }) => event_type === "task_complete" && applied)
    .map(({ task_id }) => task_id);
  expect(new Set(done).size).toBe(done.length);
  const { items } = await call<{ items: Promised[] }>("GET", `/api/v1/executions/${id}/invariants`);
  expect(items.map(({ promise, verdict }) => [promise, verdict])).toEqual(
    items.map(({ promise }) => [promise, promise === "P7" ? "not_checkable_here" : "holds"]),
  );
});

interface Promised {
  readonly promise: string;
  readonly verdict: string;
}
