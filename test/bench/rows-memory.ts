/** The rows about executions that are not in memory: what thousands of them weigh, and how fast one comes back. */
import { setTimeout as sleep } from "node:timers/promises";
import { hexFromExecutionId } from "../../src/domain/execution-id.ts";
import { call, executionPath, start, until } from "./api.ts";
import { median } from "./figures.ts";
import type { Line, Reported } from "./row.ts";
import { atMost } from "./row.ts";
import type { Setting } from "./rows-executions.ts";
import type { Stage } from "./stage.ts";
import { drained, openStage } from "./stage.ts";

const MIB = 1_048_576;
/** Made and evicted in such portions: a live object holds files open. */
const PORTION = 250;
/** Garbage collections and closing files have happened by then. */
const CALM_MS = 3_000;

/** On servers of their own: memory that earlier rows have left behind is nobody's here. */
export async function waiting({ stage: { medium }, quick }: Setting): Promise<Reported[]> {
  const count = quick ? 500 : 10_000;
  const stage = await openStage(medium, { metered: false });
  try {
    const ours = await weigh(stage.errand.residentBytes.bind(stage.errand), () => waitingExecutions(stage, count));
    const bare = await weigh(stage.floors.residentBytes.bind(stage.floors), () => bareObjects(stage, count));
    const line: Line = {
      op: "waiting executions",
      concurrency: count,
      subject: "open",
      medium,
      ...NOTHING_TIMED,
      ratio: ours.after / bare.after,
    };
    return [
      {
        line,
        goal: atMost(1.3, 1.05),
        note: `workerd's RSS after eviction ${inMib(ours.after)} / ${inMib(bare.after)} MiB; before ${inMib(ours.before)} / ${inMib(bare.before)}${count < 10_000 ? "; scaled down from 10,000" : ""}`,
      },
    ];
  } finally {
    await stage.close();
  }
}

const NOTHING_TIMED = { rps: null, p50_ms: null, cpu_ms: null, rows_written: null };
const inMib = (bytes: number) => Math.round(bytes / MIB);

async function weigh(resident: () => number, make: () => Promise<void>): Promise<{ before: number; after: number }> {
  const before = resident();
  await make();
  await sleep(CALM_MS);
  return { before, after: resident() };
}

async function waitingExecutions({ errand }: Stage, count: number): Promise<void> {
  await inPortions(count, async (portion, size) => {
    const runId = `waiting-${portion}`;
    const started = await Promise.all(
      Array.from({ length: size }, (_, index) => start(errand, { fn: "gate", input: { count: index }, runId })),
    );
    await drained(errand, runId, { status: "waiting", count: size });
    // The acknowledgement of the registry is still to be written.
    await sleep(100);
    await errand.evict({
      className: "ExecutionActor",
      ids: started.map(({ execution_id }) => hexFromExecutionId(execution_id) ?? ""),
    });
  });
}

async function bareObjects({ floors }: Stage, count: number): Promise<void> {
  await inPortions(count, async (_portion, size) => {
    const made = await Promise.all(
      Array.from({ length: size }, async () => {
        const response = await fetch(`${floors.url}/new`, { method: "POST", body: '{"input":{"count":1}}' });
        return ((await response.json()) as { readonly id: string }).id;
      }),
    );
    await floors.evict({ className: "Floor", ids: made });
  });
}

async function inPortions(count: number, make: (portion: number, size: number) => Promise<void>): Promise<void> {
  for (let done = 0; done < count; done += PORTION) await make(done / PORTION, Math.min(PORTION, count - done));
}

/** An execution with so many results behind it, thrown out of memory, then told to go on. */
export async function wake({ stage, quick }: Setting): Promise<Reported[]> {
  const reported: Reported[] = [];
  for (const effects of quick ? [0, 1_000] : [0, 250, 500, 1_000]) {
    const samples: number[] = [];
    for (let index = 0; index < (quick ? 3 : 7); index += 1) samples.push(await wakeOnce(stage, effects));
    const wakeMs = median(samples);
    const line: Line = {
      op: `wake after ${effects} effects`,
      concurrency: 1,
      subject: "open",
      medium: stage.medium,
      ...NOTHING_TIMED,
      p50_ms: wakeMs,
      ratio: wakeMs,
    };
    const goal = effects === 1_000 ? { goal: atMost(50, 15) } : {};
    reported.push({ line, ...goal, note: "ms from the signal to the end seen" });
  }
  return reported;
}

async function wakeOnce({ errand }: Stage, effects: number): Promise<number> {
  const { execution_id: id } = await start(errand, { fn: "effects_then_signal", input: { count: effects } });
  await until(errand, id, ({ status_reason }) => status_reason === "awaiting_signal");
  await sleep(100);
  await errand.evict({ className: "ExecutionActor", ids: [hexFromExecutionId(id) ?? ""] });
  const begun = performance.now();
  await call(errand, `POST ${executionPath(id)}/signals/tick`, {});
  const ended = await call(errand, `GET ${executionPath(id)}?wait=5`);
  const wakeMs = performance.now() - begun;
  if (ended.status !== "succeeded") throw new Error(`${id} did not go on: ${JSON.stringify(ended)}`);
  return wakeMs;
}
