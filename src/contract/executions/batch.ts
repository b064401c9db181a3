/** Many executions in one call, and what the index alone can say of one. */
import * as z from "zod";
import { Status } from "../../domain/execution/status.ts";
import type { ExecutionSummary } from "../../domain/read-models/summary.ts";
import { usageBody } from "../usage.ts";
import { iso } from "../wire.ts";
import { defined, ExecutionBody } from "./body.ts";

export const BatchRequest = z.object({
  execution_ids: z.array(z.string().min(1).max(256)).max(500),
  include_result: z
    .boolean()
    .default(true)
    .describe("false: ended executions are answered from the index, without result, attempts and metadata."),
});
export type BatchRequest = z.infer<typeof BatchRequest>;

const BatchEntry = ExecutionBody.partial().extend({
  status: z
    .union([Status, z.enum(["not_found", "remaining"])])
    .describe("remaining: the answer was full before this one; ask for those again, in another call."),
});
export type BatchEntry = z.infer<typeof BatchEntry>;
/**
 * Execution id → its body; an unknown one (or another tenant's) is `{"status": "not_found"}`. The answer ends at about
 * 1 MiB: the ids behind that are `{"status": "remaining"}`, in the order in which they were sent.
 */
export const BatchBody = z.record(z.string(), BatchEntry);

export function indexedBody(row: ExecutionSummary): BatchEntry {
  const { finishedAtMs, startedAtMs, createdAtMs, errorMessage } = row;
  const finished = finishedAtMs === null ? undefined : iso(finishedAtMs);
  const error = errorMessage ?? undefined;
  return {
    execution_id: row.id,
    run_id: row.runId,
    workflow_id: row.runId,
    target: `${row.agent}.${row.fn}`,
    type: row.kind,
    status: row.status,
    usage: usageBody(row),
    created_at: iso(createdAtMs),
    seq: row.seq,
    ...defined({
      parent_execution_id: row.parentId ?? undefined,
      session_id: row.sessionId ?? undefined,
      actor_id: row.actorId ?? undefined,
      status_reason: row.reason ?? undefined,
      error,
      error_message: error,
      failure_code: row.errorCode ?? undefined,
      started_at: startedAtMs === null ? undefined : iso(startedAtMs),
      finished_at: finished,
      completed_at: finished,
      duration_ms: finishedAtMs === null ? undefined : finishedAtMs - (startedAtMs ?? createdAtMs),
    }),
  };
}
