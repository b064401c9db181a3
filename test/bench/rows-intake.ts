/** The rows about the queue of starts: bursts, steady arrivals, one start on an idle system. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Contender } from "./contest.ts";
import { median, percentile } from "./figures.ts";
import type { Goal, Reported } from "./row.ts";
import { atLeast, atMost } from "./row.ts";
import type { Setting } from "./rows-executions.ts";
import type { Program, Stage } from "./stage.ts";
import { drained, executions, floor } from "./stage.ts";
import type { Subject } from "./subject.ts";

const ONE_STEP: Program = { fn: "steps", input: { count: 1 }, calls: 0 };
/** Objects of the slice before are out of memory by then. */
const IDLE_MS = 12_000;

interface Burst {
  /** Requests answered a second while they came. */
  readonly accepted: number;
  /** Executions ended a second, from the first request to the last end. */
  readonly ended: number;
  readonly p50Ms: number;
}

async function burst(
  { load }: Stage,
  contender: Contender,
  { concurrency, count }: { readonly concurrency: number; readonly count: number },
): Promise<Burst> {
  const name = `burst-${Math.random().toString(36).slice(2, 8)}`;
  const asked = await contender.prepare(name);
  const begun = performance.now();
  const { latencies } = await load.ask({ ...asked, concurrency, durationMs: 600_000, maxRequests: count });
  const acceptedMs = performance.now() - begun;
  await contender.settled(name, latencies.length);
  const endedMs = performance.now() - begun;
  return {
    accepted: (latencies.length * 1_000) / acceptedMs,
    ended: (latencies.length * 1_000) / endedMs,
    p50Ms: median(latencies),
  };
}

export async function bursts({ stage, quick }: Setting): Promise<Reported[]> {
  const queued = await stage.another("queued");
  const unqueued = await stage.another("direct");
  const reported: Reported[] = [];
  try {
    for (const concurrency of [1, 16, 64] as const) {
      const shape = { concurrency, count: quick ? 600 : 3_000 };
      const bare = await burst(stage, floor(stage, "/new"), shape);
      await sleep(quick ? 0 : IDLE_MS);
      const direct = await burst(stage, executions(stage, ONE_STEP, { subject: unqueued, wait: false }), shape);
      await sleep(quick ? 0 : IDLE_MS);
      const ours = await burst(stage, executions(stage, ONE_STEP, { subject: queued, wait: false }), shape);
      await sleep(quick ? 0 : IDLE_MS);
      reported.push(...burstRows(stage, concurrency, { bare, direct, ours }));
    }
    return reported;
  } finally {
    await Promise.all([queued.stop(), unqueued.stop()]);
  }
}

function burstRows(
  { medium }: Stage,
  concurrency: number,
  { bare, direct, ours }: { readonly bare: Burst; readonly direct: Burst; readonly ours: Burst },
): Reported[] {
  const line = (op: string, rps: number, ratio: number) => ({
    ...{ op, concurrency, subject: "open", medium, rps, p50_ms: ours.p50Ms, cpu_ms: null, rows_written: null, ratio },
  });
  const bar = concurrency === 1 ? 2 : 2.5;
  const judged = (goal: Goal) => (medium === "disk" ? { goal } : {});
  return [
    {
      line: line("burst accepted", ours.accepted, ours.accepted / bare.accepted),
      note: `floor b ${bare.accepted.toFixed(0)} rps, direct ${direct.accepted.toFixed(0)}`,
      ...judged(atLeast(bar, bar * 1.2)),
    },
    {
      line: line("burst ended", ours.ended, ours.ended / bare.ended),
      note: `floor b ${bare.ended.toFixed(0)} rps; of direct ${(ours.ended / direct.ended).toFixed(2)}`,
      ...judged(atLeast(0.55, 0.65)),
    },
  ];
}

/** From the request to the end of one execution, when nothing else goes on. */
async function idleMs(subject: Subject, count: number): Promise<number> {
  const { url, caller } = subject;
  const found: number[] = [];
  for (let n = 0; n < count; n += 1) {
    const begun = performance.now();
    const sent = { method: "POST", headers: caller.headers, body: JSON.stringify({ input: ONE_STEP.input }) };
    const started = (await (await fetch(`${url}/api/v1/execute/async/bench.steps`, sent)).json()) as {
      execution_id: string;
    };
    for (let status = ""; status !== "succeeded"; ) {
      const path = `${url}/api/v1/executions/${started.execution_id}`;
      ({ status } = (await (await fetch(path, { headers: caller.headers })).json()) as { status: string });
    }
    found.push(performance.now() - begun);
  }
  return median(found);
}

export async function idleStart({ stage, quick }: Setting): Promise<Reported[]> {
  const queued = await stage.another("queued");
  const unqueued = await stage.another("direct");
  try {
    const count = quick ? 20 : 100;
    await idleMs(queued, 10);
    await idleMs(unqueued, 10);
    const direct = await idleMs(unqueued, count);
    const ours = await idleMs(queued, count);
    const { medium } = stage;
    const line = {
      ...{ op: "idle async to its end", concurrency: 1, subject: "open", medium, rps: null, p50_ms: ours },
      ...{ cpu_ms: null, rows_written: null, ratio: ours / direct },
    };
    const note = `direct ${direct.toFixed(2)} ms`;
    return [{ line, note, ...(medium === "disk" ? { goal: atMost(1.3, 1.15) } : {}) }];
  } finally {
    await Promise.all([queued.stop(), unqueued.stop()]);
  }
}

/** Starts that come at 0.8 of the rate at which they end: how long each waits to be accepted and to begin. */
export async function steady({ stage, quick }: Setting): Promise<Reported[]> {
  const queued = await stage.another("queued");
  try {
    const contender = executions(stage, ONE_STEP, { subject: queued, wait: false });
    const { ended } = await burst(stage, contender, { concurrency: 16, count: quick ? 300 : 1_500 });
    await sleep(quick ? 0 : IDLE_MS);
    const rate = ended * 0.8;
    const count = Math.floor(rate * (quick ? 10 : 60));
    const name = `steady-${Math.random().toString(36).slice(2, 8)}`;
    const accepts = await arrivals(contender, { name, rate, count });
    await drained(queued, name, { status: "succeeded", count });
    const waits = queued.registry.waits(queued.caller.tenant, name);
    const { medium } = stage;
    const line = (op: string, ms: number, ratio: number | null) => ({
      line: {
        ...{ op, concurrency: 1, subject: "open", medium, rps: rate, p50_ms: ms },
        ...{ cpu_ms: null, rows_written: null, ratio },
      },
    });
    const begins = waits.map(({ createdAtMs, startedAtMs }) => startedAtMs - createdAtMs);
    return [
      { ...line("steady accept", median(accepts), null), note: `p99 ${percentile(accepts, 0.99).toFixed(1)} ms` },
      {
        ...line("steady begin", median(begins), null),
        note: `p99 ${percentile(begins, 0.99).toFixed(0)} ms; at most ${deepest(waits)} of ${count} waited`,
      },
    ];
  } finally {
    await queued.stop();
  }
}

async function arrivals(
  contender: Contender,
  { name, rate, count }: { readonly name: string; readonly rate: number; readonly count: number },
): Promise<number[]> {
  const { url, method, headers, body, expected } = await contender.prepare(name);
  const found: number[] = [];
  const begun = performance.now();
  const one = async () => {
    const before = performance.now();
    const { status } = await fetch(url, { method, headers, body });
    if (status !== expected) throw new Error(`a start was answered with ${status}`);
    found.push(performance.now() - before);
  };
  const all: Promise<void>[] = [];
  for (let n = 0; n < count; n += 1) {
    await sleep(Math.max(0, begun + (n * 1_000) / rate - performance.now()));
    all.push(one());
  }
  await Promise.all(all);
  return found;
}

interface Wait {
  readonly createdAtMs: number;
  readonly startedAtMs: number;
}

/** How many waited at once at most. */
function deepest(waits: readonly Wait[]): number {
  const moves = waits.flatMap(({ createdAtMs, startedAtMs }) => [
    [createdAtMs, 1] as const,
    [startedAtMs, -1] as const,
  ]);
  let depth = 0;
  let most = 0;
  for (const [, change] of moves.sort(([a, up], [b, other]) => a - b || other - up)) {
    depth += change;
    most = Math.max(most, depth);
  }
  return most;
}
