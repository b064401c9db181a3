/** What executions came to: rates, durations and costs, by target and by day, of a sample of the index. Pure. */
import * as z from "zod";
import type { Status } from "../execution/status.ts";
import { isTerminal, Status as StatusWord } from "../execution/status.ts";
import { formatTarget } from "../execution/target.ts";

/** So many of the newest executions are read for one question. What is older is not counted, and the answer says so. */
export const SAMPLE = 10_000;

/** The columns of an execution that figures are made of. */
export const Sampled = z.object({
  id: z.string(),
  agent: z.string(),
  fn: z.string(),
  status: StatusWord,
  createdAtMs: z.number(),
  startedAtMs: z.number().nullable(),
  finishedAtMs: z.number().nullable(),
  tokens: z.number(),
  inputTokens: z.number().nullable(),
  outputTokens: z.number().nullable(),
  costUsd: z.number(),
});
export type Sampled = z.infer<typeof Sampled>;

export interface Figures {
  readonly executions: number;
  readonly byStatus: Readonly<Partial<Record<Status, number>>>;
  /** Of those that ended and were not cancelled; `null` where there are none. */
  readonly successRate: number | null;
  /** Of those that ended, from start to end, waiting included. `null` where there are none. */
  readonly durationMs: Durations | null;
  readonly tokens: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly costUsd: number;
}

export interface Durations {
  readonly mean: number;
  readonly p50: number;
  readonly p90: number;
  readonly p95: number;
  readonly p99: number;
  readonly max: number;
}

export function figuresOf(rows: readonly Sampled[]): Figures {
  const byStatus: Partial<Record<Status, number>> = {};
  for (const { status } of rows) byStatus[status] = (byStatus[status] ?? 0) + 1;
  const { succeeded = 0, failed = 0, timeout = 0 } = byStatus;
  const judged = succeeded + failed + timeout;
  const sum = (pick: (row: Sampled) => number | null) => rows.reduce((total, row) => total + (pick(row) ?? 0), 0);
  return {
    executions: rows.length,
    byStatus,
    successRate: judged === 0 ? null : succeeded / judged,
    durationMs: durationsOf(rows),
    tokens: sum(({ tokens }) => tokens),
    inputTokens: sum(({ inputTokens }) => inputTokens),
    outputTokens: sum(({ outputTokens }) => outputTokens),
    costUsd: sum(({ costUsd }) => costUsd),
  };
}

function durationsOf(rows: readonly Sampled[]): Durations | null {
  const all = rows.flatMap(({ status, createdAtMs, startedAtMs, finishedAtMs }) =>
    isTerminal(status) && finishedAtMs !== null ? [Math.max(0, finishedAtMs - (startedAtMs ?? createdAtMs))] : [],
  );
  if (all.length === 0) return null;
  const sorted = Float64Array.from(all).sort();
  // The nearest rank: the smallest duration that so many of a hundred do not pass.
  const at = (percent: number) => sorted[Math.max(0, Math.ceil((percent * sorted.length) / 100) - 1)] ?? 0;
  const mean = all.reduce((total, ms) => total + ms, 0) / all.length;
  return { mean, p50: at(50), p90: at(90), p95: at(95), p99: at(99), max: at(100) };
}

const targetOf = (row: Sampled) => formatTarget(row);
/** In UTC. */
const dayOf = ({ createdAtMs }: Sampled) => new Date(createdAtMs).toISOString().slice(0, 10);

export interface Group extends Figures {
  readonly target?: string;
  readonly day?: string;
}

/** By the words of a group: the newest days first, then by target. */
export function groupsOf(rows: readonly Sampled[], by: readonly ("target" | "day")[]): readonly Group[] {
  const named = new Map<string, Sampled[]>();
  for (const row of rows) {
    const name = JSON.stringify([by.includes("day") ? dayOf(row) : "", by.includes("target") ? targetOf(row) : ""]);
    const some = named.get(name);
    if (some) some.push(row);
    else named.set(name, [row]);
  }
  const groups = [...named.values()].flatMap((some) => {
    const [first] = some;
    if (!first) return [];
    const target = by.includes("target") ? { target: targetOf(first) } : {};
    const day = by.includes("day") ? { day: dayOf(first) } : {};
    return [{ ...target, ...day, ...figuresOf(some) }];
  });
  return groups.sort((a: Group, b: Group) => compare(b.day, a.day) || compare(a.target, b.target));
}

function compare(a = "", b = ""): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

export interface Measured {
  readonly sinceMs: number;
  readonly untilMs: number;
  /** From which instant on every execution is counted; later than `sinceMs` where the sample was full. */
  readonly countedFromMs: number;
  readonly total: Figures;
  readonly groups: readonly Group[];
  /** Groups that had no room. */
  readonly leftOut: number;
}
