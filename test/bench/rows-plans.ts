/** The rows about agents at plans: their events, their polls, the leases that they get, and the readers who watch them. */
import { fileURLToPath } from "node:url";
import { call, executionPath } from "./api.ts";
import { Child } from "./child.ts";
import type { Contender } from "./contest.ts";
import { median, percentile, sum } from "./figures.ts";
import type { WorkDone, WorkLoad } from "./load-work.ts";
import { ask, cancelPlans, heldPlans, progressOf, register, startPlans } from "./plan-work.ts";
import type { Line, Reported } from "./row.ts";
import { atLeast, atMost } from "./row.ts";
import type { Setting } from "./rows-executions.ts";
import { fight } from "./rows-executions.ts";
import type { Stage } from "./stage.ts";
import { floor } from "./stage.ts";
import type { Subject } from "./subject.ts";

const WORK = fileURLToPath(import.meta.resolve("./load-work.ts"));
const MANY = 100;
const AGENTS = 100;

/** Events of agents beside the bare platform's single insert: into one execution, and into a hundred. */
export async function agentEvents(setting: Setting): Promise<Reported[]> {
  const reported: Reported[] = [];
  for (const executions of [1, MANY])
    for (const batch of [1, 10, 100]) reported.push(...(await eventsOf(setting, { executions, batch })));
  return reported;
}

interface Into {
  readonly executions: number;
  readonly batch: number;
}

async function eventsOf(setting: Setting, { executions, batch }: Into): Promise<Reported[]> {
  const { medium } = setting.stage;
  const op = `events into ${executions}, by ${batch}`;
  const concurrency = executions === 1 ? 4 : 16;
  const goal = atLeast(0.6, 0.8);
  const { found, theirs } = await fight(setting, {
    ...{ op, concurrency, floorName: "floor c", rowsWritten: null, judged: "rps", goal },
    ours: eventLoop({ executions, batch }),
    theirs: floor(setting.stage, "/one"),
  });
  const ours = found.map(({ subject, figures }): Reported => {
    const rps = figures.rps * batch;
    const line = { ...lineWithout({ op, concurrency, medium }), subject, rps, p50_ms: figures.p50Ms };
    const note = `rps is events a second, ${rps >= 1_000 ? "at least" : "below"} 1,000; ratio to single inserts`;
    return {
      line: { ...line, cpu_ms: figures.cpuMs, ratio: rps / theirs.rps },
      ...(medium === "disk" ? { goal } : {}),
      note,
    };
  });
  const reference = {
    ...lineWithout({ op, concurrency, medium }),
    subject: "floor c",
    rps: theirs.rps,
    p50_ms: theirs.p50Ms,
  };
  return [...ours, { line: reference }];
}

/** What was answered is in the logs afterwards, each event. One execution is a new one in each slice; a hundred stay. */
const eventLoop =
  ({ executions, batch }: Into) =>
  (errand: Subject): Contender => {
    const held = new Map<string, { readonly ids: readonly string[]; before: number }>();
    const nameOf = (slice: string) => (executions === 1 ? slice : `bench_many_${batch}`);
    return {
      subject: errand,
      makesObjects: false,
      prepare: async (slice) => {
        const agent = nameOf(slice);
        const ids = held.get(agent)?.ids ?? (await heldPlans(errand, agent, executions));
        held.set(agent, { ids, before: await eventsIn(errand, ids) });
        const urls = ids.map((id) => `${errand.url}/api/executions/${id}/events`);
        const headers = { ...errand.caller.headers, "content-type": "application/json" };
        const body = JSON.stringify(progressOf(agent, batch));
        return { url: urls[0] ?? "", urls, method: "POST", headers, body, expected: 201 };
      },
      settled: async (slice, requests) => {
        const { ids = [], before = 0 } = held.get(nameOf(slice)) ?? {};
        const stored = (await eventsIn(errand, ids)) - before;
        if (stored < requests * batch) throw new Error(`${requests * batch} events were accepted, ${stored} are there`);
        if (executions > 1) return;
        held.delete(slice);
        await cancelPlans(errand, ids, slice);
      },
    };
  };

async function eventsIn(errand: Subject, ids: readonly string[]): Promise<number> {
  const logs = await Promise.all(ids.map((id) => call(errand, `GET ${executionPath(id)}`)));
  return sum(logs.map(({ seq }) => seq));
}

/** A hundred agents poll while a thousand events a second flow into a hundred executions; nothing is there for them to do. */
export async function polling({ stage, quick }: Setting): Promise<Reported[]> {
  const { errand, medium } = stage;
  const ids = await heldPlans(errand, "bench_polled", MANY);
  const pollers = Array.from({ length: AGENTS }, (_none, n) => `bench_poller_${n}`);
  for (const id of pollers) await register(errand, id);
  const batch = 10;
  const done = await work(stage, {
    events: ids.map((id) => `/api/executions/${id}/events`),
    body: JSON.stringify(progressOf("bench_polled", batch)),
    bodiesPerSecond: 1_000 / batch,
    polls: pollers.map((id) => `/api/agents/${id}/work?wait=0`),
    pollPauseMs: 2_000,
    durationMs: quick ? 3_000 : 20_000,
  });
  for (const id of pollers) await ask(errand, `DELETE /api/agents/${id}`);
  await cancelPlans(errand, ids, "bench_polled");
  const p50 = median(done.pollMs);
  const rate = (1_000 * done.bodies * batch) / done.spanMs;
  return [
    {
      line: {
        ...lineWithout({ op: "poll, 100 agents", concurrency: AGENTS, medium }),
        rps: rate,
        p50_ms: p50,
        ratio: p50,
      },
      goal: atMost(10, 5),
      note: `ms p50 of a poll, p99 ${percentile(done.pollMs, 0.99).toFixed(1)}; rps is events a second meanwhile`,
    },
  ];
}

/** What an agent waits for a lease of a plan with many ready subtasks, each of which it then completes. */
export async function leases({ stage, quick }: Setting): Promise<Reported[]> {
  const { errand, medium } = stage;
  const reported: Reported[] = [];
  for (const agents of [1, 16]) {
    const names = Array.from({ length: agents }, (_none, n) => `bench_taker_${agents}_${n}`);
    for (const name of names) await register(errand, name);
    const [id = ""] = await startPlans(errand, { executions: 1, subtasks: quick ? 200 : 2_000 });
    const pollMs: number[] = [];
    const begun = performance.now();
    await Promise.all(names.map((agent) => takeAll(errand, agent, pollMs)));
    const spanMs = performance.now() - begun;
    const { status } = await call(errand, `GET ${executionPath(id)}`);
    if (status !== "succeeded") throw new Error(`the plan is ${status} after all was taken`);
    for (const name of names) await ask(errand, `DELETE /api/agents/${name}`);
    const p50 = median(pollMs);
    const line = { ...lineWithout({ op: "lease grant", concurrency: agents, medium }), p50_ms: p50, ratio: p50 };
    reported.push({
      line: { ...line, rps: (1_000 * pollMs.length) / spanMs },
      goal: atMost(10, 5),
      note: `ms p50 of a poll that gives a lease, p99 ${percentile(pollMs, 0.99).toFixed(1)}; rps: taken and completed`,
    });
  }
  return reported;
}

async function takeAll(errand: Subject, agent: string, pollMs: number[]): Promise<void> {
  for (;;) {
    const before = performance.now();
    const given = (await ask(errand, `GET /api/agents/${agent}/work?wait=1`)) as
      | { readonly execution_id: string; readonly next_task?: { readonly task_id: string } }
      | undefined;
    if (!given?.next_task) return;
    pollMs.push(performance.now() - before);
    const complete = { agent_id: agent, event_type: "task_complete", task_id: given.next_task.task_id };
    await ask(errand, `POST /api/executions/${given.execution_id}/events`, complete);
  }
}

/** A hundred readers of one plan's stream while an agent reports 200 events a second, one by one. */
export async function planStream({ stage, quick }: Setting): Promise<Reported[]> {
  const { errand, medium } = stage;
  const [id = ""] = await heldPlans(errand, "bench_watched", 1);
  const done = await work(stage, {
    events: [`/api/executions/${id}/events`],
    body: JSON.stringify(progressOf("bench_watched", 1)),
    bodiesPerSecond: 200,
    stream: `/api/executions/${id}/stream`,
    sockets: 100,
    durationMs: quick ? 3_000 : 15_000,
  });
  await cancelPlans(errand, [id], "bench_watched");
  const lost = sum(done.seen.map((seen) => done.bodies - seen));
  const p99 = percentile(done.delayMs, 0.99);
  const line = lineWithout({ op: "plan stream, 200 ev/s", concurrency: 100, medium });
  const rps = (1_000 * done.bodies) / done.spanMs;
  return [
    {
      line: { ...line, rps, p50_ms: median(done.delayMs), ratio: lost === 0 ? p99 : Number.POSITIVE_INFINITY },
      goal: atMost(100, 50),
      note: `ms p99 from the event to the socket; rps is events a second; lost ${lost}`,
    },
  ];
}

type Wanted = Pick<WorkLoad, "events" | "body" | "bodiesPerSecond" | "durationMs"> & Partial<WorkLoad>;

async function work({ errand }: Stage, wanted: Wanted): Promise<WorkDone> {
  const agents = new Child<WorkLoad, WorkDone>(WORK);
  try {
    const headers = { ...errand.caller.headers, "content-type": "application/json" };
    const idle = { polls: [], pollPauseMs: 0, sockets: 0, stream: undefined };
    return await agents.ask({ ...idle, ...wanted, url: errand.url, headers });
  } finally {
    agents.stop();
  }
}

function lineWithout({ op, concurrency, medium }: Pick<Line, "op" | "concurrency" | "medium">): Line {
  const unmeasured = { rps: null, p50_ms: null, cpu_ms: null, rows_written: null, ratio: null };
  return { op, concurrency, subject: "open", medium, ...unmeasured };
}
