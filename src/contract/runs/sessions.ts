import * as z from "zod";
import { Status } from "../../domain/execution/status.ts";
import type { ExecutionSummary } from "../../domain/read-models/summary.ts";
import { defined } from "../executions/body.ts";
import { format } from "../exports.ts";
import { ListQuery } from "../lists.ts";
import { iso } from "../wire.ts";
import { ActiveRun } from "./runs.ts";

export const SessionsQuery = ListQuery.pick({ limit: true, cursor: true });
export const SessionListQuery = SessionsQuery.extend({ format });
export type SessionsQuery = z.infer<typeof SessionsQuery>;

const Instant = z.iso.datetime();
export const SessionItem = z.object({
  session_id: z.string(),
  actor_id: z.string().optional(),
  started_at: Instant,
  latest_activity: Instant,
  latest_execution_id: z.string(),
  latest_run_id: z.string(),
  latest_target: z.string(),
  latest_status: Status,
});
export const SessionList = z.object({ items: z.array(SessionItem), next_cursor: z.string().nullable() });
export const SessionRuns = z.object({
  session_id: z.string(),
  items: z.array(ActiveRun),
  next_cursor: z.string().nullable(),
});

export function sessionBody({
  first,
  last,
}: {
  readonly first: ExecutionSummary;
  readonly last: ExecutionSummary;
}): z.infer<typeof SessionItem> {
  return {
    session_id: first.sessionId ?? "",
    ...defined({ actor_id: last.actorId ?? undefined }),
    started_at: iso(first.createdAtMs),
    latest_activity: iso(last.updatedAtMs),
    latest_execution_id: last.id,
    latest_run_id: last.runId,
    latest_target: `${last.agent}.${last.fn}`,
    latest_status: last.status,
  };
}
