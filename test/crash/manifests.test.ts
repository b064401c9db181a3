/**
 * Iterative runs of an agent with a manifest on the real server. SIGKILL of its process group at drawn entries of a run's log:
 * each run comes to the result of one that nobody disturbed, and each skill has its effect on the outside once. The outside
 * lives in this process; a repetition under the key of an effect that it has seen is the same effect.
 */
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import type { Server as HttpServer, IncomingMessage } from "node:http";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Api } from "../support/processes/api.ts";
import { apiOf, hasEnded, sleep } from "../support/processes/api.ts";
import type { Server } from "../support/processes/server.ts";
import { startServer } from "../support/processes/server.ts";
import { seeded } from "../support/simulator/random.ts";

const SEED = Number(process.env.CRASH_SEED ?? Date.now() % 1_000_000);
const draw = seeded(SEED);
/** `CRASH_EACH=1`: at each entry, one after the other, which takes minutes. */
const EACH = process.env.CRASH_EACH === "1";
const KILLS = 3;
const AT_ONCE = 3;

const MANIFEST = {
  ...{
    name: "crash.iterator",
    version: "0.1.0",
    description: "Counts, reserves and reads.",
    capabilities: ["Three things"],
  },
  ...{ skills_available: ["text.count", "money.reserve", "text.parse"], reasoning_mode: "iterative" },
};

/** Keys under which money was set aside, by payment. */
const applied = new Map<string, Set<string>>();
let outside: HttpServer;
let server: Server;
let api: Api;
let stateDir: string;

beforeAll(async () => {
  stateDir = await mkdtemp(join(tmpdir(), "errand-manifests-"));
  outside = createServer((request, response) => {
    reserve(request).then(
      (body) => response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(body)),
      () => response.destroy(),
    );
  });
  outside.listen(0, "127.0.0.1");
  await once(outside, "listening");
  const { port } = outside.address() as AddressInfo;
  const env = {
    ...{ ERRAND_HEARTBEAT_MS: "1000", ERRAND_SCRIPTED_PACE_MS: "40" },
    LEDGER_SERVICE_URL: `http://127.0.0.1:${port}`,
  };
  server = await startServer({ stateDir, env });
  api = apiOf(server.url);
});

afterAll(async () => {
  await server?.kill("SIGKILL");
  outside?.closeAllConnections();
  outside?.close();
  await rm(stateDir, { recursive: true, force: true });
});

async function reserve(request: IncomingMessage): Promise<object> {
  const { payment_id } = JSON.parse(await text(request)) as { payment_id: string };
  const key = String(request.headers["idempotency-key"]);
  applied.set(payment_id, (applied.get(payment_id) ?? new Set()).add(key));
  // A kill finds it before its answer too.
  await sleep(100);
  return { reference: `reserved ${payment_id}` };
}

let made = 0;
async function begin(): Promise<{ readonly id: string; readonly payment: string }> {
  made += 1;
  const payment = `payment-${made}`;
  const task_context = JSON.stringify({ text: "[1, 2]", payment_id: payment, amount: 5 });
  const path = `/api/v1/agents/${MANIFEST.name}/run/async`;
  const { status, body } = await api.call("POST", path, { manifest: MANIFEST, task_context });
  if (status !== 202) throw new Error(`not started: ${JSON.stringify(body)}`);
  return { id: String(body.execution_id), payment };
}

/** What the run tells, but for what differs from one run to the next. */
async function told({ id, payment }: { readonly id: string; readonly payment: string }): Promise<unknown> {
  await api.until(id, hasEnded);
  const { body } = await api.call("GET", `/api/v1/agents/${MANIFEST.name}/runs/${id}`);
  const { claude_response, execution_results, turns, summary } = body.details as Record<string, unknown>;
  const { duration_ms: _took, usage: _usage, ...counts } = summary as Record<string, unknown>;
  const same = JSON.stringify({ ok: body.ok, claude_response, execution_results, turns, counts });
  return JSON.parse(same.replaceAll(payment, "payment").replaceAll(/"timestamp":"[^"]*"/g, '"timestamp":""'));
}

test(
  `an iterative run that is killed at drawn entries is as one that is not, CRASH_SEED=${SEED}`,
  EACH ? { timeout: 3_600_000 } : {},
  async () => {
    const undisturbed = await begin();
    const wanted = await told(undisturbed);
    expect(wanted).toMatchObject({ ok: true, counts: { skills_executed: 3, success: true } });
    const entries = (await api.events(undisturbed.id)).length;
    const killedAt: number[] = [];
    for (let kill = 1; kill <= (EACH ? entries - 2 : KILLS); kill += 1) {
      const runs = await Promise.all(Array.from({ length: AT_ONCE }, begin));
      const [first] = runs;
      const least = EACH ? kill : 1 + Math.floor(draw() * (entries - 2));
      const reached = async () => (await api.events(first?.id ?? "")).length;
      await expect.poll(reached, { interval: 5, timeout: 60_000 }).toBeGreaterThanOrEqual(least);
      killedAt.push(await reached());
      await server.restart();
      for (const run of runs) {
        expect([kill, await told(run)]).toEqual([kill, wanted]);
        expect([run.payment, applied.get(run.payment)?.size]).toEqual([run.payment, 1]);
        const { body } = await api.call("GET", `/api/v1/executions/${run.id}/invariants`);
        const reports = body.items as { promise: string; verdict: string }[];
        expect(reports.filter(({ verdict }) => verdict === "violated")).toEqual([]);
      }
    }
    // At least one kill hit a run in its middle: else the test would say nothing.
    expect(killedAt.some((at) => at < entries)).toBe(true);
  },
);
