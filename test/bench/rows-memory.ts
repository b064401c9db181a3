/** The rows about executions that are not in memory: what thousands of them weigh, and how fast one comes back. */
import { setTimeout as sleep } from "node:timers/promises";
import { parseExecutionId } from "../../src/domain/execution/execution-id.ts";
import { call, executionPath, start, until } from "./api.ts";
import { median } from "./figures.ts";
import type { Line, Reported } from "./row.ts";
import { atMost } from "./row.ts";
import type { Setting } from "./rows-executions.ts";
import type { Stage } from "./stage.ts";
import { drained, openStage } from "./stage.ts";
import type { Subject } from "./subject.ts";

const KIB = 1_024;
const MIB = 1_048_576;
/** Made and evicted in such portions: a live object holds files open. */
const PORTION = 250;
/** Garbage collections and closing files have happened by then; of the quick row nothing is judged. */
const calmMs = (quick: boolean): number => (quick ? 1_000 : 3_000);

/** On servers of their own: memory that earlier rows have left behind is nobody's here. */
export async function waiting({ stage: { medium }, quick }: Setting): Promise<Reported[]> {
  const count = quick ? 500 : 10_000;
  const stage = await openStage(medium, { metered: false });
  try {
    const scale = { count, calm: calmMs(quick) };
    const ours = await weigh(stage.errand, scale, (half) => waitingExecutions(stage, half));
    const bare = await weigh(stage.floors, scale, (half) => bareObjects(stage, half));
    const line: Line = {
      op: "waiting executions",
      concurrency: count,
      subject: "open",
      medium,
      ...NOTHING_TIMED,
      ratio: ours.after / bare.after,
    };
    // Of a few objects one would weigh two servers: the bar is for ten thousand.
    const goal = quick ? {} : { goal: atMost(1.3, 1.05) };
    const both = (show: (weight: Weight) => number) => `${Math.round(show(ours))} / ${Math.round(show(bare))}`;
    const note = [
      `workerd's RSS after eviction ${both(({ after }) => after / MIB)} MiB`,
      `before ${both(({ before }) => before / MIB)}`,
      `each of the second half ${both(({ half, after }) => (after - half) / (count / 2) / KIB)} KiB`,
      `files open ${both(({ openFiles }) => openFiles)}`,
      ...(quick ? ["scaled down from 10,000: mostly the servers themselves"] : []),
    ];
    return [{ line, ...goal, note: note.join("; ") }];
  } finally {
    await stage.close();
  }
}

const NOTHING_TIMED = { rps: null, p50_ms: null, cpu_ms: null, rows_written: null };

/** Resident bytes of workerd, and what it holds open at the end: an evicted object that came back would show there. */
interface Weight {
  readonly before: number;
  readonly half: number;
  readonly after: number;
  readonly openFiles: number;
}

interface Scale {
  readonly count: number;
  /** Milliseconds of waiting before a look. */
  readonly calm: number;
}

async function weigh(subject: Subject, { count, calm }: Scale, make: (half: Half) => Promise<void>): Promise<Weight> {
  const before = subject.footprint().residentBytes;
  await make({ name: "first", count: count / 2 });
  await sleep(calm);
  const half = subject.footprint().residentBytes;
  await make({ name: "second", count: count / 2 });
  await sleep(calm);
  const { residentBytes: after, openFiles } = subject.footprint();
  return { before, half, after, openFiles };
}

interface Half {
  readonly name: "first" | "second";
  readonly count: number;
}

async function waitingExecutions({ errand }: Stage, { name, count }: Half): Promise<void> {
  await inPortions(count, async (portion, size) => {
    const runId = `waiting-${name}-${portion}`;
    const started = await Promise.all(
      Array.from({ length: size }, (_, index) => start(errand, { fn: "gate", input: { count: index }, runId })),
    );
    await drained(errand, runId, { status: "waiting", count: size });
    // The acknowledgement of the registry is still to be written.
    await sleep(100);
    await errand.evict({
      className: "ExecutionActor",
      ids: started.map(({ execution_id }) => parseExecutionId(execution_id)?.objectHex ?? ""),
    });
  });
}

async function bareObjects({ floors }: Stage, { count }: Half): Promise<void> {
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
    const goal = effects === 1_000 ? { goal: atMost(20, 15) } : {};
    reported.push({ line, ...goal, note: "ms from the signal to the end seen" });
  }
  return reported;
}

async function wakeOnce({ errand }: Stage, effects: number): Promise<number> {
  const { execution_id: id } = await start(errand, { fn: "effects_then_signal", input: { count: effects } });
  await until(errand, id, ({ status_reason }) => status_reason === "awaiting_signal");
  await sleep(100);
  await errand.evict({ className: "ExecutionActor", ids: [parseExecutionId(id)?.objectHex ?? ""] });
  const begun = performance.now();
  await call(errand, `POST ${executionPath(id)}/signals/tick`, {});
  const ended = await call(errand, `GET ${executionPath(id)}?wait=5`);
  const wakeMs = performance.now() - begun;
  if (ended.status !== "succeeded") throw new Error(`${id} did not go on: ${JSON.stringify(ended)}`);
  return wakeMs;
}
