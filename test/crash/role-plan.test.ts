/**
 * A plan over SIGKILLs of the runtime, from the question to what was done: planned, approved, carried out, each action once. The
 * runtime dies as soon as the three logs of a run hold so many entries, which are drawn; `ROLE_KILLS=all` takes every number of them.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { PATIENCE_MS } from "../support/patience.ts";
import type { Api } from "../support/processes/api.ts";
import { apiOf, hasEnded } from "../support/processes/api.ts";
import type { Server } from "../support/processes/server.ts";
import { startServer } from "../support/processes/server.ts";
import { seeded } from "../support/simulator/random.ts";

const SEED = Number(process.env.CRASH_SEED ?? Date.now() % 1_000_000);
const draw = seeded(SEED);

let server: Server;
let stateDir: string;
let api: Api;

beforeAll(async () => {
  stateDir = await mkdtemp(join(tmpdir(), "errand-role-plan-"));
  server = await startServer({ stateDir, env: { ERRAND_HEARTBEAT_MS: "1000" } });
  api = apiOf(server.url);
});

afterAll(async () => {
  await server?.kill("SIGKILL");
  await rm(stateDir, { recursive: true, force: true });
});

type Log = Awaited<ReturnType<Api["events"]>>;

/** Of the desk's execution and of those to which it handed work, by target. */
async function logsOf(id: string): Promise<Map<string, Log>> {
  const own = await api.events(id);
  const children = own.filter(({ type }) => type === "child.started").map(({ data }) => data);
  const logs = await Promise.all(children.map(({ child_id }) => api.events(String(child_id))));
  // A child that has only been announced has no log yet.
  const named = children.map(({ target }, at): [string, Log] => [String(target), logs[at] ?? []]);
  return new Map([["shop-desk.run", own], ...named]);
}

const entriesOf = (logs: ReadonlyMap<string, Log>) => [...logs.values()].reduce((sum, { length }) => sum + length, 0);

interface Approval {
  readonly execution_id: string;
  readonly run_id: string;
  readonly approval_request_id: string;
}

/** Approves the plan of the run, where it waits: the inbox may be late, and the decision may be there already. */
async function decide(runId: unknown): Promise<void> {
  const { body } = await api.call("GET", "/api/v1/approvals");
  const open = (body.items as Approval[]).find(({ run_id }) => run_id === runId);
  if (!open) return;
  const { execution_id: id, approval_request_id } = open;
  await api.call("POST", `/api/v1/executions/${id}/approval-response`, { decision: "approved", approval_request_id });
}

/** Raises the prices of pots; the runtime dies once the logs hold so many entries. */
async function raised(killAt: number) {
  const prompt = `Raise prices of pots by 5 % (${killAt})`;
  const { execution_id: id, run_id } = await api.start("shop-desk.run", { prompt });
  let killed: number | undefined;
  for (const end = Date.now() + 2 * PATIENCE_MS; Date.now() < end; ) {
    const entries = entriesOf(await logsOf(id));
    if (killed === undefined && entries >= killAt) {
      killed = entries;
      await server.restart();
    }
    const body = await api.get(id);
    if (hasEnded(body)) {
      const logs = await logsOf(id);
      if (killed !== undefined || entriesOf(logs) < killAt) return { body, killed, logs };
      // Its last entries came between two looks: the runtime dies after the end.
      killed = entriesOf(logs);
      await server.restart();
    }
    await decide(run_id);
  }
  throw new Error(`seed ${SEED}, entry ${killAt}: no end`);
}

interface Result {
  readonly status: string;
  readonly output: { readonly sku: string; readonly before_cents: number; readonly after_cents: number };
}

test(`each action is done once, whatever entry the runtime dies after (seed ${SEED})`, async () => {
  const prices = new Map<string, number>();
  /** How many entries its logs have in the end. */
  const check = async (killAt: number) => {
    const { body, killed, logs } = await raised(killAt);
    expect([killAt, body.status]).toEqual([killAt, "succeeded"]);
    expect([...logs.keys()]).toEqual(["shop-desk.run", "shop-planner.plan", "shop-clerk.execute"]);
    const clerk = logs.get("shop-clerk.execute") ?? [];
    const done = clerk.filter(({ type, data }) => type === "step.completed" && /^a\d+: /.test(String(data.name)));
    expect(done.map(({ data }) => data.name)).toEqual(["a1: set_price", "a2: set_price"]);
    const ended = clerk.find(({ type }) => type === "execution.succeeded");
    const { results } = (ended?.data.output ?? { results: [] }) as { results: readonly Result[] };
    expect(results).toHaveLength(done.length);
    for (const { status, output } of results) {
      expect(status).toBe("succeeded");
      // What the run before left is what this one found: nothing was raised twice.
      expect(output.before_cents).toBe(prices.get(output.sku) ?? output.before_cents);
      expect(output.after_cents).toBe(Math.round(output.before_cents * 1.05));
      prices.set(output.sku, output.after_cents);
    }
    return { killed, entries: entriesOf(logs) };
  };
  const { entries, killed: none } = await check(Number.POSITIVE_INFINITY);
  expect(none).toBeUndefined();
  const all = Array.from({ length: entries }, (_, at) => at + 1);
  const some = [0, 1].map((half) => 1 + Math.floor(((draw() + half) * (entries - 1)) / 2));
  for (const killAt of process.env.ROLE_KILLS === "all" ? all : some)
    expect((await check(killAt)).killed ?? killAt).toBeGreaterThanOrEqual(killAt);
}, 900_000);
