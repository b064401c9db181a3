/**
 * Whether work grows at most linearly with its input, told from times of the same run: four times the input may take four
 * times as long, quadratic work takes sixteen. The middle between the two is the bar. What counts is the processor's time
 * of this thread, so that a loaded machine tells the same.
 */
const BAR = 8;
/** Below this the clock and the collector are most of what is measured. */
const FLOOR_MS = 20;
const TRIES = 5;

export interface Growth {
  readonly quarterMs: number;
  readonly wholeMs: number;
  readonly isLinear: boolean;
}

/** `make` makes the input for a size; only `work` is timed. The best of several tries counts on both sides. */
export function growthOf<Input>(size: number, make: (size: number) => Input, work: (input: Input) => unknown): Growth {
  const [quarter, whole] = [make(Math.floor(size / 4)), make(size)];
  let growth: Growth = { quarterMs: 0, wholeMs: 0, isLinear: false };
  let [quarterMs, wholeMs] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  for (let attempt = 0; attempt < TRIES && !growth.isLinear; attempt += 1) {
    quarterMs = Math.min(
      quarterMs,
      timeOf(() => work(quarter)),
    );
    wholeMs = Math.min(
      wholeMs,
      timeOf(() => work(whole)),
    );
    growth = { quarterMs, wholeMs, isLinear: wholeMs <= BAR * Math.max(FLOOR_MS, quarterMs) };
  }
  return growth;
}

/** The same for work that goes through the event loop. */
export async function growthOfAsync<Input>(
  size: number,
  make: (size: number) => Input,
  work: (input: Input) => Promise<unknown>,
): Promise<Growth> {
  const [quarter, whole] = [make(Math.floor(size / 4)), make(size)];
  const quarterMs = await asyncTimeOf(() => work(quarter));
  const wholeMs = await asyncTimeOf(() => work(whole));
  return { quarterMs, wholeMs, isLinear: wholeMs <= BAR * Math.max(FLOOR_MS, quarterMs) };
}

async function asyncTimeOf(work: () => Promise<unknown>): Promise<number> {
  const before = process.threadCpuUsage();
  await work();
  const { user, system } = process.threadCpuUsage(before);
  return (user + system) / 1_000;
}

function timeOf(work: () => unknown): number {
  const before = process.threadCpuUsage();
  work();
  const { user, system } = process.threadCpuUsage(before);
  return (user + system) / 1_000;
}
