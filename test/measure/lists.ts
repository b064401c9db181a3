/**
 * How long each list, filter and search takes at 100 rows and at 100,000, over HTTP, and the ratio of the two medians.
 *
 *     node test/measure/lists.ts [file.sql]
 *
 * The optional file is run on the registry after the rows are in it: indexes on trial. With PLAN=1 the plans of the
 * typical statements are printed too. Rows are made by the very statement of the projection.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { ExecutionRow } from "../../src/registry/projection.ts";
import { project } from "../../src/registry/projection.ts";
import type { Server } from "../support/house/server.ts";
import { startServer } from "../support/house/server.ts";

const SIZES = [100, 100_000] as const;
const ROUNDS = Number(process.env.ROUNDS ?? 100);
const START_MS = Date.UTC(2026, 0, 1);
const say = (line: string) => process.stdout.write(`${line}\n`);
const pick = <T>(list: readonly T[], at: number): T => list[at % list.length] as T;

const ENDS = ["failed", "cancelled", "timeout", "waiting", "running"];

/** The same mixture at any size: families of five, sessions of four runs, one in ten not succeeded, newest last. */
function rowAt(n: number): ExecutionRow {
  const family = Math.floor(n / 5);
  const parent = n % 5 === 0 ? null : idAt(family * 5);
  const status = n % 10 === 7 ? pick(ENDS, Math.floor(n / 10) % 7) : "succeeded";
  const live = status === "waiting" || status === "running";
  const at = START_MS + n * 1_000;
  return {
    tenant: "local",
    id: idAt(n),
    seq: 7,
    owner: `user-${family % 20}`,
    agent: `agent-${family % 10}`,
    fn: `fn-${n % 5}`,
    kind: "reasoner",
    status,
    reason: status === "waiting" ? "waiting_for_approval" : null,
    run_id: `run-${family}`,
    parent_id: parent,
    session_id: family % 2 === 0 ? `session-${Math.floor(family / 8)}` : null,
    actor_id: family % 3 === 0 ? `actor-${family % 30}` : null,
    created_at_ms: at,
    started_at_ms: at,
    finished_at_ms: live ? null : at + 500,
    updated_at_ms: at + 500,
    error_code: status === "failed" ? "invalid_output" : null,
    error_message: status === "failed" ? `the output does not fit its schema: field ${n}` : null,
    turns: 1,
    tokens: 100,
    cost_usd: 0.01,
    next_wake_at_ms: live ? at + 3_600_000_000 : null,
  };
}

/** Spread as real ids are, and no id of a real object. */
function idAt(n: number): string {
  const spread = ((n * 2_654_435_761) >>> 0).toString(36).padStart(7, "0");
  return `exec_${spread}${"0".repeat(35)}A`;
}

function listsAt(rows: number): readonly (readonly [string, string])[] {
  const middle = rowAt(Math.floor(rows / 10) * 5);
  // Two rows a page: as many as every filter finds among 100.
  const list = (query: string) => `/api/v1/executions?limit=2&${query}`;
  const deep = encodeURIComponent(`${Number(middle.created_at_ms)}~${middle.id}`);
  const soon = new Date(START_MS + (rows / 2) * 1_000).toISOString();
  const later = new Date(START_MS + (rows / 2 + 40) * 1_000).toISOString();
  return [
    ["newest", list("")],
    ["newest, 100 a page", "/api/v1/executions?limit=99"],
    ["deep cursor", list(`cursor=${deep}`)],
    ["status, one", list("status=failed")],
    ["status, several", list("status=failed,timeout,waiting")],
    ["status, none such", list("status=blocked")],
    ["agent", list("agent_id=agent-3")],
    ["target", list("target=agent-3.fn-2")],
    ["target, none such", list("target=agent-3.nobody")],
    ["run", list(`run_id=${middle.run_id}`)],
    ["session", list("session_id=session-1")],
    ["actor", list("actor_id=actor-3")],
    ["parent", list(`parent_execution_id=${middle.id}`)],
    ["since", list(`since=${soon}`)],
    ["until", list(`until=${soon}`)],
    ["since + until", list(`since=${soon}&until=${later}`)],
    ["agent + status", list("agent_id=agent-3&status=cancelled")],
    ["target + status, none", list("target=agent-3.fn-1&status=failed")],
    ["q: an id", list(`q=${String(middle.id).slice(0, 20)}`)],
    ["q: a target", list("q=agent-3.fn")],
    ["q: an error", list("q=not%20fit%20its")],
    ["q: nothing", list("q=no-such-words")],
    ["active", "/api/v1/executions/active?limit=2"],
    ["sessions", "/api/v1/sessions?limit=2"],
    ["one session", "/api/v1/sessions/session-1?limit=2"],
    ["one run", `/api/v1/runs/${middle.run_id}`],
    ["run dag, light", `/api/v1/runs/${middle.run_id}/dag?lightweight=1`],
    ["inbox (actors gone)", "/api/v1/approvals?limit=2"],
  ];
}

async function fill(stateDir: string, rows: number, extra: string | undefined): Promise<void> {
  const database = openRegistry(stateDir);
  const d1 = {
    prepare: (sql: string) => ({ bind: (json: string) => ({ run: async () => database.prepare(sql).run(json) }) }),
  };
  database.exec("BEGIN");
  for (let from = 0; from < rows; from += 1_000) {
    const batch = Array.from({ length: Math.min(1_000, rows - from) }, (_, at) => rowAt(from + at));
    await project(d1 as unknown as D1Database, batch);
  }
  database.exec("COMMIT");
  if (extra) database.exec(readFileSync(extra, "utf8"));
  if (process.env.PLAN && rows > 1_000) plans(database);
  database.close();
}

function openRegistry(stateDir: string): DatabaseSync {
  for (const path of readdirSync(stateDir, { recursive: true, encoding: "utf8" })) {
    if (!path.endsWith(".sqlite")) continue;
    const database = new DatabaseSync(join(stateDir, path));
    const known = database.prepare("SELECT 1 FROM sqlite_master WHERE name = 'executions'").get();
    if (known) return database;
    database.close();
  }
  throw new Error(`no registry below ${stateDir}`);
}

function plans(database: DatabaseSync): void {
  const page = "ORDER BY created_at_ms DESC, id DESC LIMIT 26";
  for (const where of [
    "true",
    "status = 'failed'",
    "agent = 'agent-3'",
    "agent = 'agent-3' AND fn = 'fn-2'",
    "owner = 'user-3'",
    "run_id = 'run-1'",
    "session_id = 'session-1'",
    "actor_id = 'actor-3'",
    "parent_id = 'x'",
    "finished_at_ms IS NULL",
    "(created_at_ms, id) < (1767225660000, 'exec_x')",
    "id >= 'exec_x' AND id < 'exec_x~'",
  ]) {
    const sql = `SELECT * FROM executions WHERE tenant = 'local' AND ${where} ${page}`;
    const steps = database.prepare(`EXPLAIN QUERY PLAN ${sql}`).all() as { detail: string }[];
    say(`  ${where.padEnd(52)} ${steps.map(({ detail }) => detail).join("; ")}`);
  }
}

interface Side {
  readonly server: Server;
  readonly stateDir: string;
  readonly lists: readonly (readonly [string, string])[];
}

async function prepare(rows: number): Promise<Side> {
  const stateDir = mkdtempSync(join(tmpdir(), "errand-lists-"));
  const server = await startServer({ stateDir });
  await server.kill("SIGTERM");
  await fill(stateDir, rows, process.argv[2]);
  await server.restart();
  return { server, stateDir, lists: listsAt(rows) };
}

async function timed(url: string): Promise<number> {
  const begun = performance.now();
  const response = await fetch(url);
  await response.arrayBuffer();
  if (!response.ok) throw new Error(`${url}: ${response.status}`);
  return performance.now() - begun;
}

/** Both sizes in turns, so that whatever else the machine does meets both alike. */
async function medians(sides: readonly Side[], at: number): Promise<number[]> {
  const times = sides.map((): number[] => []);
  for (let round = 0; round < ROUNDS + 10; round += 1) {
    for (const [side, { server, lists }] of sides.entries()) {
      const ms = await timed(server.url + (lists[at]?.[1] ?? ""));
      if (round >= 10) times[side]?.push(ms);
    }
  }
  return times.map((list) => list.toSorted((a, b) => a - b)[Math.floor(list.length / 2)] ?? Number.NaN);
}

const sides = [await prepare(SIZES[0]), await prepare(SIZES[1])];
try {
  say(`${"".padEnd(24)}${SIZES.map((size) => `${size} rows`.padStart(14)).join("")}${"ratio".padStart(9)}`);
  for (const [at, [name]] of listsAt(SIZES[0]).entries()) {
    const [few = Number.NaN, many = Number.NaN] = await medians(sides, at);
    const columns = [few, many].map((ms) => `${ms.toFixed(2)} ms`.padStart(14)).join("");
    say(`${name.padEnd(24)}${columns}${(many / few).toFixed(2).padStart(9)}`);
  }
} finally {
  for (const { server, stateDir } of sides) {
    await server.kill("SIGTERM");
    rmSync(stateDir, { recursive: true, force: true });
  }
}
