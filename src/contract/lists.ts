/** Lists: filters in, summaries out, and the cursor between two pages. */
import * as z from "zod";
import type { Principal } from "../domain/execution/principal.ts";
import type { AttributeBound, AttributeFilter } from "../domain/execution/search-attributes.ts";
import {
  AttributeName,
  AttributeValue,
  attributeOf,
  isOwnName,
  MOST_ATTRIBUTES,
} from "../domain/execution/search-attributes.ts";
import { parseStatus, Status } from "../domain/execution/status.ts";
import { FunctionKind } from "../domain/execution/target.ts";
import type { ExecutionSummary } from "../domain/read-models/summary.ts";
import { messageForOthers, readsExceptions } from "../domain/values/exceptions.ts";
import { isRecord } from "../domain/values/is-record.ts";
import { ItemCursor } from "./cursors.ts";
import { format } from "./exports.ts";
import { numberText, Word } from "./query-values.ts";
import { Usage, usageBody } from "./usage.ts";
import { iso } from "./wire.ts";

const Statuses = z.string().transform((text, ctx) => {
  const found = text.split(",").map(parseStatus);
  // Each once, however often it was sent: a statement takes 100 values.
  if (found.every((status) => status !== undefined)) return [...new Set(found)];
  ctx.addIssue({ code: "custom", message: `must be one of ${Status.options.join(", ")}, or several with commas` });
  return z.NEVER;
});
const Bound = z.union([z.string().max(256), z.number()]);
export const Instant = z.iso.datetime({ offset: true }).transform((text) => Date.parse(text));

const Bounds = z
  .strictObject({
    gt: Bound.optional(),
    gte: Bound.optional(),
    lt: Bound.optional(),
    lte: Bound.optional(),
  })
  .refine((bounds) => Object.values(bounds).some((bound) => bound !== undefined), "names no bound: gt, gte, lt or lte");
/** A record passes over this key in silence, and the filter would find more than was asked for: as a name that no attribute has it finds nothing. */
function withEachName(given: unknown): unknown {
  if (!isRecord(given) || !Object.hasOwn(given, "__proto__")) return given;
  return Object.fromEntries(
    Object.entries(given).map(([name, value]) => [name === "__proto__" ? " proto" : name, value]),
  );
}
const AttributeFilters = z.preprocess(
  withEachName,
  z
    .record(z.string().max(64), z.union([AttributeValue, Bounds]))
    .refine((given) => Object.keys(given).length <= MOST_ATTRIBUTES, `names more than ${MOST_ATTRIBUTES} attributes`),
);

/** `{"customer":"acme","amount":{"gte":100}}`: values, and bounds of them. */
const Attributes = z
  .union([AttributeFilters, z.string().max(4_096)])
  .transform((given, ctx): AttributeFilter[] => {
    const parsed =
      typeof given === "string" ? AttributeFilters.safeParse(jsonOrText(given)) : { success: true, data: given };
    if (parsed.success && parsed.data !== undefined) return Object.entries(parsed.data).map(filterOf);
    ctx.addIssue({
      code: "custom",
      message: 'must be JSON, as {"customer":"acme","amount":{"gte":100}}; at most 8 names',
    });
    return z.NEVER;
  })
  .describe(
    'Search attributes as JSON: {"customer":"acme","amount":{"gte":100}}. Values, or bounds: gt, gte, lt, lte.',
  );

function jsonOrText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function filterOf([name, given]: readonly [
  string,
  z.infer<typeof AttributeValue> | z.infer<typeof Bounds>,
]): AttributeFilter {
  if (typeof given !== "object") return { name, equals: given };
  const bounds = Object.entries(given).flatMap(([op, value]) =>
    value === undefined ? [] : [{ op: op as AttributeBound["op"], value }],
  );
  return { name, bounds };
}

export const ListQuery = z.object({
  limit: numberText(z.number().int().min(1).max(200)).default(25),
  cursor: ItemCursor.optional().describe("next_cursor of the page before."),
  status: Statuses.optional(),
  target: Word.optional(),
  agent_id: Word.optional(),
  run_id: Word.optional(),
  session_id: Word.optional(),
  actor_id: Word.optional(),
  parent_execution_id: Word.optional(),
  schedule_id: Word.optional(),
  attributes: Attributes.optional(),
  since: Instant.optional(),
  until: Instant.optional(),
  q: Word.optional().describe("A part of the id, the target or the error."),
  format,
});

export const AttributePath = z.object({ attribute: AttributeName });
export const AttributeQuery = z.object({ limit: numberText(z.number().int().min(1).max(200)).default(25) });
export const AttributeCountsBody = z.object({
  attribute: z.string(),
  items: z.array(z.object({ value: AttributeValue, count: z.number().int() })),
  executions: z.number().int().describe("So many were counted."),
  complete: z.boolean().describe("False: there are more executions, or more values."),
});

const nullable = z.string().nullable();
export const SummaryBody = z.object({
  execution_id: z.string(),
  run_id: z.string(),
  workflow_id: z.string(),
  parent_execution_id: nullable,
  session_id: nullable,
  actor_id: nullable,
  schedule_id: nullable,
  attributes: z.record(z.string(), AttributeValue).nullable(),
  target: z.string(),
  agent_id: z.string(),
  type: FunctionKind,
  status: Status,
  status_reason: nullable,
  failure_code: nullable,
  error_message: nullable,
  created_at: z.iso.datetime(),
  started_at: nullable,
  finished_at: nullable,
  updated_at: z.iso.datetime(),
  duration_ms: z.number().nullable(),
  usage: Usage,
});
export const ExecutionList = z.object({ items: z.array(SummaryBody), next_cursor: z.string().nullable() });

/** The row as this caller reads it: the words of an exception are its owner's. */
export function rowFor(caller: Principal, row: ExecutionSummary): ExecutionSummary {
  if (readsExceptions(caller, row.owner)) return row;
  return { ...row, errorMessage: messageForOthers(row.errorCode, row.errorMessage) };
}

function attributesOf({ attributes }: ExecutionSummary): z.infer<typeof SummaryBody>["attributes"] {
  const given = (JSON.parse(attributes ?? "[]") as string[]).map(attributeOf).filter(([name]) => !isOwnName(name));
  return given.length === 0 ? null : Object.fromEntries(given);
}

export function summaryBody(row: ExecutionSummary): z.infer<typeof SummaryBody> {
  const time = (ms: number | null) => (ms === null ? null : iso(ms));
  return {
    execution_id: row.id,
    run_id: row.runId,
    workflow_id: row.runId,
    parent_execution_id: row.parentId,
    session_id: row.sessionId,
    actor_id: row.actorId,
    schedule_id: row.scheduleId ?? null,
    attributes: attributesOf(row),
    target: `${row.agent}.${row.fn}`,
    agent_id: row.agent,
    type: row.kind,
    status: row.status,
    status_reason: row.reason,
    failure_code: row.errorCode,
    error_message: row.errorMessage,
    created_at: iso(row.createdAtMs),
    started_at: time(row.startedAtMs),
    finished_at: time(row.finishedAtMs),
    updated_at: iso(row.updatedAtMs),
    duration_ms: row.finishedAtMs === null ? null : row.finishedAtMs - (row.startedAtMs ?? row.createdAtMs),
    usage: usageBody(row),
  };
}
