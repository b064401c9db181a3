/**
 * The whole of the endpoint table, fed with what is worst for it: what a request costs grows at most linearly with its size,
 * and another tenant is answered meanwhile. Told from the server's processor time, a quarter and the whole of each limit in
 * the same run.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Endpoint } from "../../src/contract/endpoint.ts";
import { ENDPOINTS } from "../../src/contract/endpoints.ts";
import type { Things, WorstKind, WorstRequest } from "../support/limits/worst-requests.ts";
import { PLACES, pathOf, worstOf } from "../support/limits/worst-requests.ts";
import { filledWith, objectOf, WORST_KEYS } from "../support/limits/worst-texts.ts";
import { PATIENCE_MS } from "../support/patience.ts";
import { cpuMsOf } from "../support/processes/cpu-time.ts";
import type { Server } from "../support/processes/server.ts";
import { startServer } from "../support/processes/server.ts";

const ROWS = Object.values(ENDPOINTS) as readonly Endpoint[];
const ROOT_KEY = "root-key-of-the-worst-bodies-0123456789";
const MIB = 1_048_576;
/** Four times the size may cost four times as much, quadratic work sixteen times: the middle is the bar. */
const BAR = 8;
/** A quarter is one page where the whole is several, and what ends a page is read once more for the next. */
const PAGED_BAR = 12;
/** Below this the other work of the server is most of what is measured. */
const FLOOR_MS = 80;
const TRIES = 3;

let stateDir: string;
let server: Server;
const keys: Record<string, string> = {};
/** The same contents at a quarter and at the whole of their limit. */
const stored: Record<"quarter" | "whole", Things> = {} as never;

async function send({ path, method, body, type }: WorstRequest, key?: string): Promise<number> {
  const headers = { ...(type ? { "content-type": type } : {}), ...(key ? { authorization: `Bearer ${key}` } : {}) };
  const answer = await fetch(`${server.url}${path}`, {
    method,
    headers,
    ...(body === undefined ? {} : { body }),
    signal: AbortSignal.timeout(2 * PATIENCE_MS),
  });
  await answer.arrayBuffer();
  return answer.status;
}

async function ask(path: string, body: unknown, key = ROOT_KEY): Promise<Record<string, unknown>> {
  const headers = { authorization: `Bearer ${key}`, "content-type": "application/json" };
  const answer = await fetch(`${server.url}${path}`, { method: "POST", headers, body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(`${path}: ${await answer.text()}`);
  return (await answer.json()) as Record<string, unknown>;
}

/** An execution whose metadata, approval, signal and notes are worst to mask and to show. */
async function storedOf(name: string, share: number): Promise<Things> {
  const alike = WORST_KEYS["addresses and what they become"] ?? String;
  const worst = (size: number) => JSON.parse(objectOf(alike, size * share, '"+49 30 1234567"')) as unknown;
  const places = { run_id: `run_${name}`, session_id: `session_${name}` };
  const headers = { "x-run-id": places.run_id, "x-session-id": places.session_id };
  const started = await fetch(`${server.url}/api/v1/execute/async/clock.remind`, {
    method: "POST",
    headers: { authorization: `Bearer ${keys.owner}`, ...headers },
    body: JSON.stringify({ input: { message: "worst", seconds: 3_600 }, metadata: worst(0.9 * MIB) }),
  });
  const { execution_id } = (await started.json()) as { execution_id: string };
  const id = String(execution_id);
  const one = `/api/v1/executions/${id}`;
  await ask(`${one}/signals/worst`, { data: worst(0.9 * MIB) }, keys.owner);
  for (let n = 0; n < 8 * share; n += 1) {
    await ask(
      `${one}/notes`,
      { message: filledWith("tel 030 12-34-56-7 a@b.co ")(10_000), tags: ["a@b.co"] },
      keys.owner,
    );
  }
  const gate = `gate-of-${name}`;
  await ask(`${one}/request-approval`, { approval_request_id: gate, payload: worst(0.9 * MIB) }, keys.owner);
  return { id, gate, ...places };
}

beforeAll(async () => {
  stateDir = await mkdtemp(join(tmpdir(), "errand-worst-"));
  const env = { ERRAND_AUTH: "keys", ERRAND_ROOT_KEY: ROOT_KEY, ERRAND_LOG: "error" };
  server = await startServer({ stateDir, env });
  const make = async (name: string, more: object) => {
    keys[name] = String((await ask("/api/v1/keys", { name, tenant: "worst", subject: name, ...more })).key);
  };
  await make("owner", { scopes: ["admin"] });
  await make("viewer", { scopes: ["admin"], masked: true });
  await make("rival", { scopes: ["read"], tenant: "rival" });
  stored.quarter = await storedOf("quarter", 1 / 4);
  stored.whole = await storedOf("whole", 1);
});

afterAll(async () => {
  await server?.kill("SIGKILL");
  await rm(stateDir, { recursive: true, force: true });
});

/** Processor time of the server while this is answered; the time that passes where that cannot be known. */
async function costOf(request: WorstRequest, key: string | undefined): Promise<number> {
  const [before, from] = [cpuMsOf(server.pid), performance.now()];
  const status = await send(request, key);
  expect([request.path.slice(0, 100), status < 500 || status === 503]).toEqual([request.path.slice(0, 100), true]);
  const after = cpuMsOf(server.pid);
  return before === undefined || after === undefined ? performance.now() - from : after - before;
}

/** The best of a few on both sides: what else the server did falls out. */
async function growthOf(
  quarter: WorstRequest,
  whole: WorstRequest,
  { key, bar }: { key: string | undefined; bar: number },
) {
  let [quarterMs, wholeMs] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  for (let attempt = 0; attempt < TRIES; attempt += 1) {
    quarterMs = Math.min(quarterMs, await costOf(quarter, key));
    wholeMs = Math.min(wholeMs, await costOf(whole, key));
    if (wholeMs <= bar * Math.max(FLOOR_MS, quarterMs)) break;
  }
  return { quarterMs, wholeMs, isLinear: wholeMs <= bar * Math.max(FLOOR_MS, quarterMs) };
}

const dear: { readonly kind: WorstKind; readonly costMs: number }[] = [];

describe("what a request costs grows at most linearly with what it brings", () => {
  test.each(ROWS.map((row) => [row.id, row] as const))("%s", async (_id, endpoint) => {
    for (const kind of worstOf(endpoint, stored.whole)) {
      const [quarter, whole] = [kind.make(Math.floor(kind.limit / 4)), kind.make(kind.limit)];
      const growth = await growthOf(quarter, whole, { key: keys.owner, bar: BAR });
      expect({ kind: kind.name, ...growth }).toMatchObject({ kind: kind.name, isLinear: true });
      if (whole.type === "application/json") dear.push({ kind, costMs: growth.wholeMs });
    }
  });
});

describe("what an answer costs grows at most linearly with what it shows", () => {
  // A stream has no end that could be waited for.
  const isStream = ({ answers }: Endpoint) => answers[101] !== undefined || answers[200]?.media === "text/event-stream";
  const shows = ROWS.filter((row) => row.method === "GET" && !isStream(row));
  test.each(shows.map((row) => [row.id, row] as const))("%s, for a masked viewer", async (_id, endpoint) => {
    const read = (things: Things): WorstRequest => ({ method: "GET", path: pathOf(endpoint, things) });
    const growth = await growthOf(read(stored.quarter), read(stored.whole), { key: keys.viewer, bar: PAGED_BAR });
    expect(growth).toMatchObject({ isLinear: true });
  });
});

test("another tenant is answered meanwhile, and what it waits grows no faster either", async () => {
  const worst = dear.toSorted((a, b) => b.costMs - a.costMs).slice(0, 4);
  expect(worst).toHaveLength(4);
  // What is refused while it is still being sent ends its connection.
  const longest = async (share: number) => {
    const requests = worst.map(({ kind }) => kind.make(Math.floor(kind.limit * share)));
    let [isBusy, most] = [true, 0];
    const busy = Promise.all(requests.map((request) => send(request, keys.owner).catch(() => 0))).finally(() => {
      isBusy = false;
    });
    for (let looks = 0; isBusy || looks === 0; looks += 1) {
      const asked = performance.now();
      expect(await send({ method: "GET", path: "/health" }, keys.rival)).toBe(200);
      most = Math.max(most, performance.now() - asked);
    }
    await busy;
    return most;
  };
  let [quarterMs, wholeMs] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  for (let attempt = 0; attempt < TRIES; attempt += 1) {
    quarterMs = Math.min(quarterMs, await longest(1 / 4));
    wholeMs = Math.min(wholeMs, await longest(1));
    if (wholeMs <= BAR * Math.max(FLOOR_MS, quarterMs)) break;
  }
  expect(wholeMs).toBeLessThanOrEqual(BAR * Math.max(FLOOR_MS, quarterMs));
});

test("the rows with a worst body and the rows that take one are the same", () => {
  const taking = ROWS.filter(({ body }) => body).map(({ id }) => id);
  expect(Object.keys(PLACES).sort()).toEqual(taking.sort());
});
