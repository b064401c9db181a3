/**
 * Text that a person or a program wrote is sealed in an index row: the message of an error, a reason that is no fixed word, and
 * what stands of a plan in it.
 * Names, statuses and numbers stay readable, because lists are filtered and sorted by them.
 */
import { EVENT_DATA } from "../../domain/execution/event.ts";
import type { ExecutionSummary } from "../../domain/read-models/summary.ts";
import type { ExecutionRow } from "./projection.ts";

/** Seals and opens a text for its place; what cannot be opened throws. */
export interface TextSealer {
  sealText(text: string, place: string): string;
  openText(stored: string, place: string): string;
}

export const UNREADABLE = "(encrypted with a key that is not configured)";
/** The words the engine itself gives: filtered by, and they say nothing of an input. */
const FIXED_REASONS: ReadonlySet<string> = new Set([
  ...EVENT_DATA["execution.waiting"].shape.reason.options,
  ...EVENT_DATA["execution.suspended"].shape.reason.options,
]);

const SEALED = ["error_message", "reason", "plan_progress"] as const;
type SealedColumn = (typeof SEALED)[number];

export function sealRow(row: ExecutionRow, sealer: TextSealer): ExecutionRow {
  const sealed = (column: SealedColumn) => {
    const text = row[column];
    if (typeof text !== "string" || FIXED_REASONS.has(text)) return {};
    return { [column]: sealer.sealText(text, place(String(row.tenant), String(row.id), column)) };
  };
  return Object.assign({ ...row }, ...SEALED.map(sealed));
}

/** The inverse of `sealRow`, for a row that was held and is shown to live lists. */
export function openRow(row: ExecutionRow, sealer: TextSealer): ExecutionRow {
  const opened = (column: SealedColumn) => {
    const text = row[column];
    if (typeof text !== "string" || FIXED_REASONS.has(text)) return {};
    try {
      return { [column]: sealer.openText(text, place(String(row.tenant), String(row.id), column)) };
    } catch {
      return { [column]: UNREADABLE };
    }
  };
  return Object.assign({ ...row }, ...SEALED.map(opened));
}

/** A text whose key is not configured is named as such: one row must not hold up a list. */
export function openSummary(row: ExecutionSummary, sealer: TextSealer): ExecutionSummary {
  const opened = (text: string | null, column: SealedColumn) => {
    if (text === null) return null;
    try {
      return sealer.openText(text, place(row.tenant, row.id, column));
    } catch {
      return UNREADABLE;
    }
  };
  const { errorMessage, reason, planProgress = null } = row;
  return {
    ...row,
    errorMessage: opened(errorMessage, "error_message"),
    reason: opened(reason, "reason"),
    planProgress: opened(planProgress, "plan_progress"),
  };
}

function place(tenant: string, id: string, column: string): string {
  return `executions ${tenant} ${id} ${column}`;
}
