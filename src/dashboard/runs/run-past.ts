/**
 * A run at an instant of its past, out of its rows: which executions there were then, and whether they were queued, under way or over.
 * What one waited for in between is in its own log alone. Pure.
 */
import type { ExecutionSummary } from "../../client/transport/options.ts";

/** The instants at which something of the run changed, ascending, each once. */
export function instantsOf(rows: readonly ExecutionSummary[]): readonly number[] {
  const all = rows.flatMap(({ created_at: created, started_at: started, finished_at: finished }) =>
    [created, started, finished].filter((at) => at !== null).map((at) => Date.parse(at)),
  );
  return [...new Set(all)].sort((a, b) => a - b);
}

/** `undefined`: it was not there yet. What it used is told with its end. */
export function rowAt(row: ExecutionSummary, atMs: number): ExecutionSummary | undefined {
  const { created_at: created, started_at: started, finished_at: finished } = row;
  if (Date.parse(created) > atMs) return undefined;
  if (finished !== null && Date.parse(finished) <= atMs) return row;
  const runs = started !== null && Date.parse(started) <= atMs;
  return {
    ...row,
    status: runs ? "running" : "queued",
    ...{ status_reason: null, failure_code: null, error_message: null, finished_at: null, duration_ms: null },
    usage: { ...row.usage, turns: 0, tokens: 0, cost_usd: 0 },
  };
}
