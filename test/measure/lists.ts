/**
 * How long each list, filter and search takes at 100 rows and at 100,000, over HTTP, and how many times longer that is.
 *
 *     node test/measure/lists.ts [file.sql]
 *
 * Both sizes are asked in turns, request by request, so that whatever else the machine does meets both alike; a list that
 * looks slower than the limit is measured twice more, and the middle of the three counts. Ends with 1 when one is slower.
 * The optional file is run on the registry after the rows are in it: indexes on trial. ROUNDS=30 is quicker, ROWS=10000
 * smaller, ONLY=inbox measures what is called so. Rows are made by the very statements of the projection.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { attributeText } from "../../src/domain/execution/search-attributes.ts";
import { projectEntries } from "../../src/registry/index-writes.ts";
import type { ApprovalRow } from "../../src/registry/lists/approvals.ts";
import type { ExecutionRow } from "../../src/registry/projection/projection.ts";
import type { Server } from "../support/processes/server.ts";
import { startServer } from "../support/processes/server.ts";

const SIZES = [100, Number(process.env.ROWS ?? 100_000)] as const;
/** A list of many rows may take this many times as long as one of few. */
const LIMIT = 1.5;
const ROUNDS = Number(process.env.ROUNDS ?? 100);
const ONLY = new RegExp(process.env.ONLY ?? "");
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
    schedule_id: family % 3 === 1 ? `schedule-${family % 30}` : null,
    attributes: JSON.stringify([
      attributeText("customer", `customer-${family % 20}`),
      attributeText("amount", n % 500),
      attributeText("urgent", n % 4 === 0),
    ]),
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

/** One in twenty waits; the others were decided. */
function approvalAt(n: number): ApprovalRow {
  const { tenant, id, owner, agent, fn, run_id, session_id, created_at_ms } = rowAt(n) as Record<
    string,
    string | number
  >;
  const status = n % 20 === 7 ? "pending" : pick(["approved", "rejected", "expired"], n);
  return {
    ...{ tenant, owner, agent, fn, run_id, session_id, status },
    id: `gate_${String(id).slice(5)}.a`,
    execution_id: id ?? null,
    seq: 7,
    kind: "pause",
    name: "claim",
    requested_at_ms: created_at_ms ?? null,
    expires_at_ms: null,
    decided_at_ms: status === "pending" ? null : (created_at_ms ?? null),
    decided_by: status === "pending" ? null : "ann",
  } as ApprovalRow;
}

/** Spread as real ids are, and no id of a real object. */
function idAt(n: number): string {
  const spread = ((n * 2_654_435_761) >>> 0).toString(36).padStart(7, "0");
  return `exec_${spread}${"0".repeat(35)}A`;
}

/** What it is called, its path, and whether a user asks who sees only what is hers. */
type List = readonly [name: string, path: string, own?: "own"];

const attribute = (filters: object) => `attributes=${encodeURIComponent(JSON.stringify(filters))}`;

function listsAt(rows: number): readonly List[] {
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
    ["schedule", list("schedule_id=schedule-4")],
    ["schedule + status, none", list("schedule_id=schedule-4&status=blocked")],
    ["attribute", list(attribute({ customer: "customer-3" }))],
    ["attribute + status, none", list(`${attribute({ customer: "customer-3" })}&status=blocked`)],
    ["attribute, none such", list(attribute({ customer: "nobody" }))],
    ["two attributes", list(attribute({ customer: "customer-3", urgent: true }))],
    ["attribute, a bound", list(attribute({ amount: { gte: 100 } }))],
    ["attribute, no such bound", list(attribute({ amount: { gte: 1e9 } }))],
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
    ["inbox, decided", "/api/v1/approvals?limit=2&status=approved,rejected"],
    ["inbox, decided, an agent", "/api/v1/approvals?limit=2&status=approved&agent_id=agent-3"],
    ["inbox, nobody's", "/api/v1/approvals?limit=2&status=approved&agent_id=nobody"],
    ["own: newest", list(""), "own"],
    ["own: attribute", list(attribute({ customer: "customer-3" })), "own"],
    ["own: status", list("status=failed"), "own"],
    ["own: an agent, none such", list("agent_id=nobody"), "own"],
    ["own: q: nothing", list("q=no-such-words"), "own"],
    ["own: sessions", "/api/v1/sessions?limit=2", "own"],
    ["own: inbox", "/api/v1/approvals?limit=2&status=approved", "own"],
  ];
}

async function fill(stateDir: string, rows: number, extra: string | undefined): Promise<void> {
  const database = openRegistry(stateDir);
  const d1 = {
    prepare: (sql: string) => ({ bind: (json: string) => () => database.prepare(sql).run(json) }),
    batch: async (statements: readonly (() => void)[]) => {
      for (const run of statements) run();
    },
  };
  database.exec("BEGIN");
  for (let from = 0; from < rows; from += 1_000) {
    const numbers = Array.from({ length: Math.min(1_000, rows - from) }, (_, at) => from + at);
    await projectEntries(d1 as unknown as D1Database, [
      ...numbers.map((n) => ({ kind: "execution", row: rowAt(n) }) as const),
      ...numbers.map((n) => ({ kind: "approval", row: approvalAt(n) }) as const),
    ]);
  }
  database.exec("COMMIT");
  if (extra) database.exec(readFileSync(extra, "utf8"));
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

interface Side {
  readonly server: Server;
  readonly stateDir: string;
  readonly lists: readonly List[];
  /** A key of a user who is no administrator. */
  readonly key: string;
}

async function prepare(rows: number): Promise<Side> {
  const stateDir = mkdtempSync(join(tmpdir(), "errand-lists-"));
  const server = await startServer({ stateDir });
  await server.kill("SIGTERM");
  await fill(stateDir, rows, process.argv[2]);
  await server.restart();
  const body = JSON.stringify({ name: "measure", subject: "user-3", scopes: ["read"] });
  const made = await fetch(`${server.url}/api/v1/keys`, { method: "POST", body });
  const { key } = (await made.json()) as { key: string };
  return { server, stateDir, lists: listsAt(rows), key };
}

async function timed({ server, lists, key }: Side, at: number): Promise<number> {
  const [, path = "", own] = lists[at] ?? [];
  const url = server.url + path;
  const begun = performance.now();
  const response = await fetch(url, own ? { headers: { authorization: `Bearer ${key}` } } : {});
  await response.arrayBuffer();
  if (!response.ok) throw new Error(`${url}: ${response.status}`);
  return performance.now() - begun;
}

const middle = (list: readonly number[]): number =>
  list.toSorted((a, b) => a - b)[Math.floor(list.length / 2)] ?? Number.NaN;

/** Both sizes in turns, and each time another one first. */
async function measured(
  sides: readonly Side[],
  at: number,
): Promise<{ readonly ms: number[]; readonly ratio: number }> {
  const times = sides.map((): number[] => []);
  for (let round = 0; round < ROUNDS + 10; round += 1) {
    const order = [...sides.entries()];
    for (const [index, side] of round % 2 === 0 ? order : order.toReversed()) {
      const ms = await timed(side, at);
      if (round >= 10) times[index]?.push(ms);
    }
  }
  const ms = times.map(middle);
  return { ms, ratio: (ms[1] ?? Number.NaN) / (ms[0] ?? Number.NaN) };
}

async function looked(sides: readonly Side[], at: number) {
  const first = await measured(sides, at);
  if (first.ratio <= LIMIT) return first;
  const three = [first, await measured(sides, at), await measured(sides, at)];
  return three.toSorted((a, b) => a.ratio - b.ratio)[1] ?? first;
}

const sides = [await prepare(SIZES[0]), await prepare(SIZES[1])];
try {
  say(`${"".padEnd(26)}${SIZES.map((size) => `${size} rows`.padStart(14)).join("")}${"ratio".padStart(9)}`);
  for (const [at, [name]] of listsAt(SIZES[0]).entries()) {
    if (!ONLY.test(name)) continue;
    const { ms, ratio } = await looked(sides, at);
    const columns = ms.map((one) => `${one.toFixed(2)} ms`.padStart(14)).join("");
    say(`${name.padEnd(26)}${columns}${ratio.toFixed(2).padStart(9)}${ratio > LIMIT ? "  too slow" : ""}`);
    if (!(ratio <= LIMIT)) process.exitCode = 1;
  }
} finally {
  for (const { server, stateDir } of sides) {
    await server.kill("SIGTERM");
    rmSync(stateDir, { recursive: true, force: true });
  }
}
