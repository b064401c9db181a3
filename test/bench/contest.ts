/**
 * Contenders measured side by side: slices in turn, so that whatever else the machine does hits all of them alike.
 *
 * - A slice lasts until all that it caused is done and verified: nothing is won by dropping or delaying work.
 * - CPU is counted over the whole contest, also while the others are at it: work put off is not work saved.
 * - The objects alive at once stay below the limit of open files; a live object holds about three.
 */
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import type { Child } from "./child.ts";
import { median, percentile, sum } from "./figures.ts";
import type { Load, LoadResult } from "./load.ts";
import type { Subject } from "./subject.ts";

type Asked = Pick<Load, "url" | "urls" | "method" | "headers" | "body" | "expected">;

export interface Contender {
  readonly subject: Subject;
  /** What one slice sends; the slice's name sets its executions apart from all others. */
  readonly prepare: (slice: string) => Promise<Asked> | Asked;
  /** Resolves when the slice's work is done in every place; throws when some of it is missing. */
  readonly settled: (slice: string, requests: number) => Promise<void>;
  /** Each request leaves an object in memory until it is idle for ten seconds. */
  readonly makesObjects: boolean;
}

export interface Figures {
  readonly rps: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Of the whole process tree; `NaN` when two contenders share a server, for then nobody can say whose it was. */
  readonly cpuMs: number;
  readonly requests: number;
}

export interface Shape {
  readonly concurrency: number;
  readonly warmUpMs: number;
  readonly sliceMs: number;
  readonly pairs: number;
}

interface Slice {
  readonly rps: number;
  readonly latencies: readonly number[];
}

const FILES_AN_OBJECT = 3;
const IDLE_MS = 12_000;
/** What is put off (acknowledgements, timers) has happened by then. */
const AFTERMATH_MS = 400;

/** Medians over the slices of each contender, in the order given. */
export async function contest(
  load: Child<Load, LoadResult>,
  contenders: readonly Contender[],
  shape: Shape,
): Promise<Figures[]> {
  const name = Math.random().toString(36).slice(2, 8);
  const alive = contenders.map(() => new LiveObjects());
  const slices = contenders.map((): Slice[] => []);
  const run = async (index: number, round: number, wanted: Shape) => {
    const contender = contenders[index];
    if (!contender) throw new Error(`no contender ${index}`);
    const room = contender.makesObjects ? await alive[index]?.room(wanted.sliceMs * 2) : undefined;
    const slice = await runSlice(load, contender, {
      name: `bench-${name}-${index}-${round}`,
      maxRequests: room ?? 1e6,
      ...wanted,
    });
    alive[index]?.made(slice.latencies.length);
    return slice;
  };

  // All warm up, so that compiling is not taken for running; what it costs is not counted.
  for (const index of contenders.keys()) await run(index, -1, { ...shape, sliceMs: shape.warmUpMs });
  await sleep(AFTERMATH_MS);
  const before = contenders.map(({ subject }) => subject.cpuMs());
  for (let round = 0; round < shape.pairs; round += 1) {
    const order = [...contenders.keys()];
    if (round % 2 === 1) order.reverse();
    for (const index of order) slices[index]?.push(await run(index, round, shape));
  }
  await sleep(AFTERMATH_MS);
  const shared = new Set(contenders.map(({ subject }) => subject)).size < contenders.length;
  return contenders.map(({ subject }, index) => {
    const cpuMs = shared ? Number.NaN : subject.cpuMs() - (before[index] ?? 0);
    return figuresOf(slices[index] ?? [], cpuMs);
  });
}

/** Asks until the time is over or enough was asked, and waits until all of it is done. */
export async function runSlice(
  load: Child<Load, LoadResult>,
  contender: Contender,
  {
    name,
    maxRequests,
    concurrency,
    sliceMs,
  }: Pick<Shape, "concurrency" | "sliceMs"> & { readonly name: string; readonly maxRequests: number },
): Promise<Slice> {
  const asked = await contender.prepare(name);
  const begun = performance.now();
  const { latencies } = await load.ask({ ...asked, concurrency, durationMs: sliceMs, maxRequests });
  await contender.settled(name, latencies.length);
  return { rps: (latencies.length * 1_000) / (performance.now() - begun), latencies };
}

function figuresOf(slices: readonly Slice[], cpuMs: number): Figures {
  const requests = sum(slices.map(({ latencies }) => latencies.length));
  return {
    rps: median(slices.map(({ rps }) => rps)),
    p50Ms: median(slices.map(({ latencies }) => median(latencies))),
    p99Ms: percentile(
      slices.flatMap(({ latencies }) => latencies),
      0.99,
    ),
    cpuMs: cpuMs / requests,
    requests,
  };
}

/** Keeps a server from running out of files: idle objects close theirs only after ten seconds. */
class LiveObjects {
  readonly #limit = openFileLimit() / FILES_AN_OBJECT - 500;
  #made: { readonly atMs: number; readonly count: number }[] = [];

  made(count: number): void {
    this.#made.push({ atMs: Date.now(), count });
  }

  /** How many more may be made now; waits until there are at least `wanted`, or a quarter of the limit. */
  async room(wanted: number): Promise<number> {
    for (;;) {
      this.#made = this.#made.filter(({ atMs }) => atMs > Date.now() - IDLE_MS);
      const left = Math.floor(this.#limit - sum(this.#made.map(({ count }) => count)));
      if (left >= Math.min(wanted, this.#limit / 4)) return left;
      await sleep(100);
    }
  }
}

function openFileLimit(): number {
  const found = /^Max open files\s+\d+\s+(\d+)/m.exec(readFileSync("/proc/self/limits", "utf8"));
  return Number(found?.[1] ?? 1_024);
}
