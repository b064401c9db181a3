/** Runs on the wire: the summary of one, those that go on, and what a cancel of all of one did. Knows no HTTP. */
import * as z from "zod";
import { isTerminal, Status } from "../../domain/execution/status.ts";
import { FunctionKind } from "../../domain/execution/target.ts";
import type { RunDigest, RunNode, RunTree } from "../../domain/read-models/run-tree.ts";
import { countStatuses, statusOfRun } from "../../domain/read-models/run-tree.ts";
import type { ExecutionSummary } from "../../domain/read-models/summary.ts";
import { defined } from "../executions/body.ts";
import { numberText, Word } from "../query-values.ts";
import { Usage, usageOfAll } from "../usage.ts";
import { iso } from "../wire.ts";

const Instant = z.iso.datetime();
export const StatusCounts = z.partialRecord(Status, z.number().int());

export const RunBody = z.object({
  run_id: z.string(),
  workflow_id: z.string(),
  status: Status,
  status_counts: StatusCounts,
  total_executions: z.number().int(),
  active_executions: z.number().int(),
  max_depth: z.number().int(),
  roots: z.array(
    z.object({ execution_id: z.string(), target: z.string(), type: FunctionKind, status: Status, started_at: Instant }),
  ),
  session_id: z.string().optional(),
  actor_id: z.string().optional(),
  started_at: Instant,
  finished_at: Instant.optional(),
  latest_activity: Instant,
  duration_ms: z.number().optional(),
  usage: Usage,
  truncated: z.boolean(),
});

export const CancelTreeBody = z.object({
  run_id: z.string(),
  total_nodes: z.number().int(),
  cancelled_count: z.number().int(),
  skipped_count: z.number().int(),
  error_count: z.number().int(),
  nodes: z.array(
    z.object({
      execution_id: z.string(),
      agent_node_id: z.string(),
      reasoner_id: z.string(),
      workflow_depth: z.number().int(),
      previous_status: Status,
      status: Status,
      result: z.enum(["cancelled", "skipped", "error"]),
      error: z.string().optional(),
    }),
  ),
  cancelled_at: Instant,
});

export const ActiveQuery = z.object({
  limit: numberText(z.number().int().min(1).max(200)).default(50),
  session_id: Word.optional(),
  agent_id: Word.optional(),
});

/** A run of a list. */
export const ActiveRun = z.object({
  run_id: z.string(),
  root_execution_id: z.string(),
  target: z.string(),
  agent_id: z.string(),
  reasoner_id: z.string(),
  root_status: Status,
  status: Status,
  active_executions: z.number().int(),
  total_executions: z.number().int(),
  status_counts: StatusCounts,
  session_id: z.string().nullable(),
  started_at: Instant,
  latest_activity: Instant,
});
export const ActiveRuns = z.object({ count: z.number().int(), runs: z.array(ActiveRun) });

interface Seen {
  readonly runId: string;
  readonly tree: RunTree;
  readonly truncated: boolean;
}

export function runBody({ runId, tree, truncated }: Seen): z.infer<typeof RunBody> {
  const rows = tree.timeline.map(({ summary }) => summary);
  const [first] = rows;
  if (!first) throw new Error("a run without executions has no summary");
  const live = rows.filter(({ status }) => !isTerminal(status)).length;
  const finishedAtMs = Math.max(...rows.map((row) => row.finishedAtMs ?? row.updatedAtMs));
  const statuses = rows.map(({ status }) => status);
  return {
    run_id: runId,
    workflow_id: runId,
    status: statusOfRun(statuses),
    status_counts: countStatuses(statuses),
    total_executions: rows.length,
    active_executions: live,
    max_depth: tree.maxDepth,
    roots: tree.roots.map(({ summary }) => rootBody(summary)),
    started_at: iso(startOf(first)),
    latest_activity: iso(Math.max(...rows.map(({ updatedAtMs }) => updatedAtMs))),
    usage: usageOfAll(rows),
    truncated,
    ...defined({
      session_id: tree.roots[0]?.summary.sessionId ?? undefined,
      actor_id: tree.roots[0]?.summary.actorId ?? undefined,
      finished_at: live > 0 ? undefined : iso(finishedAtMs),
      duration_ms: live > 0 ? undefined : finishedAtMs - startOf(first),
    }),
  };
}

function rootBody(summary: ExecutionSummary) {
  const { id, agent, fn, kind, status } = summary;
  return { execution_id: id, target: `${agent}.${fn}`, type: kind, status, started_at: iso(startOf(summary)) };
}

function startOf({ startedAtMs, createdAtMs }: ExecutionSummary): number {
  return startedAtMs ?? createdAtMs;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

/** A run of a list, from the index alone. */
export function digestBody({ runId, root, counts, latestAtMs }: RunDigest): z.infer<typeof ActiveRun> {
  const entries = Object.entries(counts) as [Status, number][];
  return {
    run_id: runId,
    root_execution_id: root.id,
    target: `${root.agent}.${root.fn}`,
    agent_id: root.agent,
    reasoner_id: root.fn,
    root_status: root.status,
    status: statusOfRun(entries.map(([status]) => status)),
    active_executions: sum(entries.map(([status, count]) => (isTerminal(status) ? 0 : count))),
    total_executions: sum(entries.map(([, count]) => count)),
    status_counts: counts,
    session_id: root.sessionId,
    started_at: iso(startOf(root)),
    latest_activity: iso(latestAtMs),
  };
}

interface Cancelled {
  readonly node: RunNode;
  readonly before: Status;
  readonly result: "cancelled" | "skipped" | "error";
  readonly error: string | undefined;
}

export function cancelTreeBody(
  runId: string,
  nodes: readonly Cancelled[],
  atMs: number,
): z.infer<typeof CancelTreeBody> {
  const count = (wanted: Cancelled["result"]) => nodes.filter(({ result }) => result === wanted).length;
  return {
    run_id: runId,
    total_nodes: nodes.length,
    cancelled_count: count("cancelled"),
    skipped_count: count("skipped"),
    error_count: count("error"),
    nodes: nodes.map(({ node: { summary, depth }, before, result, error }) => ({
      execution_id: summary.id,
      agent_node_id: summary.agent,
      reasoner_id: summary.fn,
      workflow_depth: depth,
      previous_status: before,
      status: summary.status,
      result,
      ...defined({ error }),
    })),
    cancelled_at: iso(atMs),
  };
}
