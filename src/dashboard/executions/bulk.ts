/** The filters of the list as a bulk operation takes them. Pure. */
import type { BulkOptions } from "../../client/operations.ts";
import type { BulkAction } from "../../contract/operator/bulk.ts";
import { TAKES } from "../../contract/operator/bulk.ts";
import type { Filters } from "./filters.ts";
import { listFilterOf } from "./filters.ts";

/** Undefined: an execution in the statuses that are listed does not take this action. */
export function bulkFilterOf(filters: Filters, action: BulkAction, nowMs: number): BulkOptions["filter"] | undefined {
  const statuses = filters.statuses.filter((status) => TAKES[action].includes(status));
  if (filters.statuses.length > 0 && statuses.length === 0) return undefined;
  const { since, until, attributes } = listFilterOf(filters, nowMs);
  const named = Object.entries({
    target: filters.target,
    agent_id: filters.agent,
    session_id: filters.session,
    run_id: filters.run,
    actor_id: filters.actor,
    schedule_id: filters.schedule,
    q: filters.search,
    since: since?.toISOString() ?? "",
    until: until?.toISOString() ?? "",
  }).filter(([, text]) => text !== "");
  const filter = {
    ...Object.fromEntries(named),
    ...(statuses.length > 0 ? { status: statuses } : {}),
    ...(attributes === undefined ? {} : { attributes }),
  };
  return Object.keys(filter).length === 0 ? { all: true } : filter;
}
