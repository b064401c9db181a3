/** What is sent to where an owner is notified. Its words are masked: an address of one's own may be a room of many. */
import type { Status } from "../../domain/execution/status.ts";
import type { NotifiedEvent } from "../../domain/execution/webhook.ts";
import { API_STATUS } from "../plan-executions/bodies.ts";
import { maskPersonalData } from "../privacy/mask.ts";
import { iso } from "../wire.ts";

interface Told {
  readonly event: NotifiedEvent;
  readonly origin: { readonly id: string; readonly plan?: { readonly id: string } | undefined; readonly owner: string };
  readonly status: Status;
  readonly seq: number;
  readonly atMs: number;
  readonly subtask: string;
  readonly title: string;
  readonly message: string;
  readonly options: readonly string[];
  readonly blockedSinceMs: number;
  /** Who is asked; absent: the owner. */
  readonly assignee?: string | undefined;
  readonly retryCount: number;
}

export function notificationBody(told: Told, nowMs: number): Record<string, unknown> {
  const { event, origin, subtask, options } = told;
  const message = maskPersonalData(told.message);
  return {
    event,
    text: `Execution ${origin.id} blocked: ${message}`,
    execution_id: origin.id,
    plan_id: origin.plan?.id ?? null,
    task_id: subtask,
    title: maskPersonalData(told.title),
    message,
    status: API_STATUS[told.status],
    escalated_to: told.assignee ?? origin.owner,
    next_step_options: options,
    resolve: `/api/executions/${origin.id}/resolve`,
    blocked_since: iso(told.blockedSinceMs),
    occurred_at: iso(told.atMs),
    seq: told.seq,
    retry_count: told.retryCount,
    timestamp: iso(nowMs),
  };
}
