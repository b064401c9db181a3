/** What the receiver of a webhook is sent. */
import type { Notice } from "../../domain/read-models/notice.ts";
import { defined } from "../executions/body.ts";
import { iso } from "../wire.ts";

export function noticeBody(notice: Notice, nowMs: number): Record<string, unknown> {
  const { origin, status, startedAtMs, createdAtMs, finishedAtMs, stored, error } = notice;
  const { id, runId, agent, fn, kind, sessionId, actorId } = origin;
  return {
    event: notice.event,
    execution_id: id,
    workflow_id: runId,
    run_id: runId,
    agent_node_id: agent,
    reasoner_id: fn,
    status,
    target: `${agent}.${fn}`,
    type: kind,
    started_at: iso(startedAtMs ?? createdAtMs),
    retry_count: notice.retryCount,
    seq: notice.seq,
    ...defined({
      status_reason: notice.reason,
      completed_at: finishedAtMs === undefined ? undefined : iso(finishedAtMs),
      duration_ms: finishedAtMs === undefined ? undefined : finishedAtMs - (startedAtMs ?? createdAtMs),
      session_id: sessionId,
      actor_id: actorId,
      context: notice.context,
      metadata: notice.metadata,
      result: notice.output,
      result_omitted: stored && { bytes: stored.size, read: `/api/v1/executions/${id}` },
      ...failureOf(notice),
      error_details: error?.details,
    }),
    timestamp: iso(nowMs),
  };
}

/** An end that is no success has a message, also where nothing failed: a cancel, a timeout. */
function failureOf({ event, status, error, reason }: Notice) {
  if (event !== "execution.failed") return {};
  const category = status === "timeout" ? "agent_timeout" : "agent_error";
  return {
    error_category: error?.code === "internal_error" ? "internal_error" : category,
    failure_code: error?.code,
    error_message: error?.message ?? `the execution ended ${status}${reason === undefined ? "" : `: ${reason}`}`,
  };
}
