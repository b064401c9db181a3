/** A run's tree and timeline on the wire, as clients of AgentField read them. Knows no HTTP. */
import * as z from "zod";
import { Reuse } from "../../domain/execution/reusable-result.ts";
import { Status } from "../../domain/execution/status.ts";
import { FunctionKind } from "../../domain/execution/target.ts";
import { ToldEvent } from "../../domain/execution/webhook.ts";
import type { RunLineage, RunNotes, RunWebhook } from "../../domain/read-models/run-member.ts";
import type { RunNode, RunTree } from "../../domain/read-models/run-tree.ts";
import { countStatuses, statusOfRun } from "../../domain/read-models/run-tree.ts";
import { defined } from "../executions/body.ts";
import { iso } from "../wire.ts";
import { StatusCounts } from "./runs.ts";

/** Deeper nodes are in the timeline only: a body must stay parseable. */
const DEEPEST_CHILDREN = 500;

export const DagQuery = z.object({
  lightweight: z.enum(["0", "1", "true", "false"]).optional().describe("1: the timeline only, without notes."),
  mode: z.enum(["lightweight", "full"]).optional(),
});

const Instant = z.iso.datetime();
const Note = z.object({ message: z.string(), tags: z.array(z.string()), timestamp: Instant, by: z.string() });

const TimelineNode = z.object({
  workflow_id: z.string(),
  execution_id: z.string(),
  agent_node_id: z.string(),
  reasoner_id: z.string(),
  type: FunctionKind,
  status: Status,
  status_reason: z.string().optional(),
  started_at: Instant,
  completed_at: Instant.optional(),
  duration_ms: z.number().optional(),
  parent_execution_id: z.string().optional(),
  workflow_depth: z.number().int(),
  children: z.null(),
  notes: z.array(Note),
  notes_count: z.number().int().describe("Notes in this answer."),
  notes_next_after: z
    .number()
    .int()
    .optional()
    .describe("There are more than this answer has room for: read on with GET …/executions/{id}/notes?after="),
  latest_note: Note.optional(),
  reuse: z
    .object({ hit: z.boolean(), source_execution_id: z.string(), source_run_id: z.string() })
    .optional()
    .describe("It follows another execution; hit: it took results over."),
});
/** `children` holds nodes of this same shape. */
const DagNode = TimelineNode.extend({ children: z.array(z.unknown()).nullable() });
type DagNode = z.infer<typeof DagNode>;

const WebhookFailure = z.object({
  workflow_id: z.string(),
  execution_id: z.string(),
  agent_node_id: z.string(),
  reasoner_id: z.string(),
  event_type: ToldEvent,
  delivery: z.number().int(),
  attempts: z.number().int(),
  http_status: z.number().int().optional(),
  error_message: z.string().optional(),
  created_at: Instant,
});

const top = {
  root_workflow_id: z.string(),
  root_execution_id: z.string(),
  workflow_status: Status,
  workflow_name: z.string(),
  session_id: z.string().optional(),
  actor_id: z.string().optional(),
  total_nodes: z.number().int(),
  max_depth: z.number().int(),
  status_counts: StatusCounts,
  truncated: z.boolean().describe("True when the run is larger than one answer."),
  webhook_summary: z
    .object({
      steps_with_webhook: z.number().int(),
      total_deliveries: z.number().int(),
      failed_deliveries: z.number().int(),
    })
    .optional()
    .describe("Of the roots, and of all that are under way; failed: given up. Absent where none has a webhook."),
  lineage: z
    .object({ kind: z.literal("restart"), source_run_id: z.string(), source_execution_id: z.string(), mode: Reuse })
    .optional()
    .describe("The run follows another one."),
  webhook_failures: z.array(WebhookFailure).optional().describe("The newest deliveries that were given up."),
};
const FullDag = z.object({
  ...top,
  dag: DagNode.describe("The earliest tree."),
  roots: z.array(DagNode).describe("The other trees of the run, earliest first."),
  timeline: z.array(TimelineNode),
});
const LightweightDag = z.object({
  ...top,
  mode: z.literal("lightweight"),
  timeline: z.array(TimelineNode.omit({ notes: true, notes_count: true, notes_next_after: true, latest_note: true })),
  unique_agent_node_ids: z.array(z.string()),
});
export const DagBody = z.union([FullDag, LightweightDag]);

/** What the mappers need of an operation's answer. */
interface Seen {
  readonly runId: string;
  readonly tree: RunTree;
  readonly notes: ReadonlyMap<string, RunNotes>;
  readonly webhooks: ReadonlyMap<string, RunWebhook>;
  readonly lineages: ReadonlyMap<string, RunLineage>;
  readonly truncated: boolean;
}

export function dagBody(seen: Seen): z.infer<typeof FullDag> {
  const { tree, notes } = seen;
  const [dag, ...roots] = tree.roots.map((root) => treeBody(root, seen));
  if (!dag) throw new Error("a run without executions has no tree");
  const timeline = tree.timeline.map((node) => ({
    ...nodeBody(node, seen),
    ...notesBody(node, notes),
    children: null,
  }));
  return { ...topBody(seen), dag, roots, timeline };
}

export function lightweightDagBody(seen: Seen): z.infer<typeof LightweightDag> {
  const { timeline } = seen.tree;
  return {
    ...topBody(seen),
    mode: "lightweight",
    timeline: timeline.map((node) => ({ ...nodeBody(node, seen), children: null })),
    unique_agent_node_ids: [...new Set(timeline.map(({ summary }) => summary.agent))],
  };
}

function topBody(seen: Seen) {
  const { runId, tree, truncated } = seen;
  const first = firstRoot(tree);
  const statuses = tree.timeline.map(({ summary }) => summary.status);
  return {
    root_workflow_id: runId,
    root_execution_id: first.summary.id,
    workflow_status: statusOfRun(statuses),
    workflow_name: first.summary.fn,
    ...belonging(first),
    total_nodes: tree.timeline.length,
    max_depth: tree.maxDepth,
    status_counts: countStatuses(statuses),
    truncated,
    ...lineageOf(first, seen),
    ...webhooksOf(seen),
  };
}

function lineageOf({ summary }: RunNode, { lineages }: Seen) {
  const source = lineages.get(summary.id);
  if (!source) return {};
  const { id, runId, reuse: mode } = source;
  return { lineage: { kind: "restart" as const, source_run_id: runId, source_execution_id: id, mode } };
}

function reuseOf({ summary }: RunNode, { lineages }: Pick<Seen, "lineages">) {
  const source = lineages.get(summary.id);
  if (!source) return {};
  return { reuse: { hit: source.reused > 0, source_execution_id: source.id, source_run_id: source.runId } };
}

function webhooksOf({ tree, webhooks }: Seen) {
  if (webhooks.size === 0) return {};
  const all = [...webhooks.values()];
  const failures = tree.timeline.flatMap(({ summary }) =>
    (webhooks.get(summary.id)?.givenUp ?? []).map((attempt) => ({
      workflow_id: summary.runId,
      execution_id: summary.id,
      agent_node_id: summary.agent,
      reasoner_id: summary.fn,
      event_type: attempt.event,
      delivery: attempt.of,
      attempts: attempt.attempt,
      ...defined({ http_status: attempt.httpStatus, error_message: attempt.error }),
      created_at: iso(attempt.atMs),
    })),
  );
  const summary = {
    steps_with_webhook: all.length,
    total_deliveries: all.reduce((sum, { total }) => sum + total, 0),
    failed_deliveries: all.reduce((sum, { failed }) => sum + failed, 0),
  };
  return { webhook_summary: summary, ...(failures.length === 0 ? {} : { webhook_failures: failures }) };
}

function firstRoot({ roots }: RunTree): RunNode {
  const [first] = roots;
  if (!first) throw new Error("a run without executions has no root");
  return first;
}

function belonging({ summary }: RunNode) {
  return defined({ session_id: summary.sessionId ?? undefined, actor_id: summary.actorId ?? undefined });
}

/** Without recursion: a chain of calls may be deeper than the stack. */
function treeBody(root: RunNode, seen: Seen): DagNode {
  const bodyOf = (node: RunNode): DagNode => ({
    ...nodeBody(node, seen),
    ...notesBody(node, seen.notes),
    children: null,
  });
  const body = bodyOf(root);
  const open = [{ node: root, body }];
  for (let next = open.pop(); next; next = open.pop()) {
    const { node } = next;
    if (node.depth - root.depth >= DEEPEST_CHILDREN) continue;
    const children = node.children.map((child) => ({ node: child, body: bodyOf(child) }));
    next.body.children = children.map((child) => child.body);
    open.push(...children);
  }
  return body;
}

function nodeBody(node: RunNode, seen: Pick<Seen, "lineages">) {
  const { summary, depth } = node;
  const { finishedAtMs } = summary;
  const startedAtMs = summary.startedAtMs ?? summary.createdAtMs;
  return {
    workflow_id: summary.runId,
    execution_id: summary.id,
    agent_node_id: summary.agent,
    reasoner_id: summary.fn,
    type: summary.kind,
    status: summary.status,
    started_at: iso(startedAtMs),
    workflow_depth: depth,
    ...reuseOf(node, seen),
    ...defined({
      status_reason: summary.reason ?? undefined,
      parent_execution_id: summary.parentId ?? undefined,
      completed_at: finishedAtMs === null ? undefined : iso(finishedAtMs),
      duration_ms: finishedAtMs === null ? undefined : finishedAtMs - startedAtMs,
    }),
  };
}

function notesBody({ summary }: RunNode, notes: Seen["notes"]) {
  // One that was not asked any more has a row, and its notes are where all of them are.
  const { notes: noted, next } = notes.get(summary.id) ?? { notes: [], next: 0 };
  const own = noted.map(({ message, tags, atMs, by }) => ({
    message,
    tags: [...tags],
    timestamp: iso(atMs),
    by,
  }));
  const latest = next === null ? own.at(-1) : undefined;
  return {
    notes: own,
    notes_count: own.length,
    ...defined({ notes_next_after: next ?? undefined, latest_note: latest }),
  };
}
