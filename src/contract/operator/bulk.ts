/** Bulk operations on the wire: one verb for all executions that a filter finds. */
import * as z from "zod";
import { parseStatus, Status } from "../../domain/execution/status.ts";
import { BODY_BYTES } from "../body-limits.ts";
import { endpoint } from "../endpoint.ts";
import { answer, entry, body as requestBody, V1 } from "../endpoint-parts.ts";
import { Label } from "../executions/requests.ts";
import { ListQuery } from "../lists.ts";
import { AcceptedBody } from "../replies.ts";

/** Most executions of one bulk operation. */
const MOST_TOUCHED = 10_000;
const MOST_A_SECOND = 1_000;

export const BulkAction = z.enum(["pause", "resume", "cancel", "restart", "redrive"]);
export type BulkAction = z.infer<typeof BulkAction>;

/** The statuses in which an execution takes an action. */
export const TAKES: Readonly<Record<BulkAction, readonly Status[]>> = {
  pause: ["running", "waiting", "blocked"],
  resume: ["paused", "blocked"],
  cancel: ["pending", "queued", "running", "waiting", "blocked", "paused"],
  restart: ["succeeded", "failed", "cancelled", "timeout", "blocked"],
  redrive: ["failed", "timeout"],
};

const StatusWord = z.string().transform((text, ctx) => {
  const found = parseStatus(text);
  if (found !== undefined) return found;
  ctx.addIssue({ code: "custom", message: `must be one of ${Status.options.join(", ")}` });
  return z.NEVER;
});

const { status: _status, limit: _limit, cursor: _cursor, format: _format, ...filters } = ListQuery.shape;
const FilterFields = z.strictObject({
  status: z.array(StatusWord).min(1).max(10).optional(),
  ...filters,
  all: z.literal(true).optional().describe("Without another field: every execution that takes the action."),
});

/** An empty text and no attribute leave nothing out. */
const isSaid = (value: unknown) => value !== undefined && value !== "" && !(Array.isArray(value) && value.length === 0);

/** The filters of the list of executions. What is misspelt is refused: ignored it would find everything. */
export const BulkFilter = FilterFields.refine(
  (filter) => Object.values(filter).some(isSaid),
  'names no field: send at least one, or {"all": true}',
);
export type BulkFilter = z.output<typeof BulkFilter>;

export const BulkRequest = z
  .strictObject({
    action: BulkAction.describe(
      "restart: everything is done anew. redrive: what failed goes on, and what had succeeded before the failure is not done again.",
    ),
    filter: BulkFilter,
    dry_run: z.boolean().default(false).describe("true: counts what it would touch, and touches nothing."),
    children: z
      .boolean()
      .optional()
      .describe(
        "Whether executions with a parent are touched. Default true for pause and resume; false for the others, which reach or take over children by themselves.",
      ),
    rate_per_second: z.number().int().min(1).max(MOST_A_SECOND).default(50),
    limit: z.number().int().min(1).max(MOST_TOUCHED).default(MOST_TOUCHED).describe("Most executions to touch."),
    reason: z.string().max(2_000).optional(),
  })
  .superRefine(({ action, filter }, ctx) => {
    const stray = filter.status?.find((status) => !TAKES[action].includes(status));
    if (stray === undefined) return;
    const message = `"${stray}" does not take ${action}; it is for ${TAKES[action].join(", ")}`;
    ctx.addIssue({ code: "custom", path: ["filter", "status"], message });
  });
export type BulkRequest = z.output<typeof BulkRequest>;

export const BulkHeaders = z.object({ "idempotency-key": Label.optional() });

export const BulkCountBody = z.object({
  dry_run: z.literal(true),
  action: BulkAction,
  matched: z.number().int().describe("Executions that it would touch now."),
  more: z.boolean().describe("There may be more than matched: so many were looked at."),
  execution_ids: z.array(z.string()).describe("The first 20, newest first."),
});

/** What a bulk operation has come to: its output; its progress while it runs has `done` and `total`. */
const BulkResultBody = z.object({
  action: BulkAction,
  touched: z.number().int().describe("Executions that took the action."),
  unchanged: z.number().int().describe("Those that were so already, or had been restarted before."),
  refused: z.number().int(),
  refusals: z
    .array(z.object({ execution_id: z.string(), code: z.string(), message: z.string() }))
    .describe("The first 20."),
  more: z.boolean().describe("The limit was reached and executions are left: send the same again."),
});
export type BulkResult = z.infer<typeof BulkResultBody>;

export const BULK_ENDPOINTS = {
  bulk: endpoint({
    id: "bulk",
    method: "POST",
    path: `${V1}/bulk`,
    tag: "Operations",
    scope: "execute",
    summary:
      "Pause, resume, cancel, restart or redrive all executions that a filter finds: your own; for an administrator the tenant's",
    headers: BulkHeaders,
    body: BulkRequest,
    bodyBytes: BODY_BYTES.small,
    answers: {
      202: answer("Accepted; the bulk operation is an execution of its own, with progress and a result", AcceptedBody),
      200: answer("The count of a dry run", BulkCountBody),
    },
    faults: [
      ...entry,
      ...requestBody,
      ...(["storage_full", "storage_unavailable", "unavailable", "idempotency_mismatch", "overloaded"] as const),
    ],
  }),
} as const;
