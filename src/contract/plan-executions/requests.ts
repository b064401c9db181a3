/** What callers and agents send about executions of plans. */
import * as z from "zod";
import { CHOSEN_ID, isChosenId } from "../../domain/execution/execution-id.ts";
import type { Status } from "../../domain/execution/status.ts";
import { AGENT_ACTION, AGENT_ID } from "../../domain/node/polling-agent.ts";
import { PLAN_ID } from "../../domain/plan/plan.ts";
import { Json } from "../../domain/values/json.ts";
import type { Reported } from "../../domain/work/report.ts";
import { REPORT_STATUSES, ReportType } from "../../domain/work/report.ts";
import { ItemCursor } from "../cursors.ts";
import { Assignee } from "../plans/requests.ts";
import { maskPersonalData } from "../privacy/mask.ts";
import { numberText } from "../query-values.ts";

const PlanId = z.string().regex(PLAN_ID, `must match ${PLAN_ID.source}`);
const AgentId = z.string().regex(AGENT_ID, `must match ${AGENT_ID.source}`);
const OwnId = z
  .string()
  .regex(CHOSEN_ID, { message: `must match ${CHOSEN_ID.source}`, abort: true })
  .refine(isChosenId, "has the form of an id that Errand makes, or is a word of the API: choose another");
const Word = z
  .string()
  .min(1)
  .max(128)
  .regex(/^\P{Cc}*$/u, "must hold no control characters");
const Reason = z.string().max(2_000);
const Params = z.record(z.string(), Json);

/** The words of /api for the statuses of an execution. */
export const API_STATUSES = [
  "CREATED",
  "QUEUED",
  "RUNNING",
  "BLOCKED",
  "PAUSED",
  "COMPLETED",
  "FAILED",
  "CANCELLED",
] as const;
export type ApiStatus = (typeof API_STATUSES)[number];

export const STATUSES_OF: Readonly<Record<ApiStatus, readonly Status[]>> = {
  CREATED: ["pending"],
  QUEUED: ["queued"],
  RUNNING: ["running"],
  BLOCKED: ["blocked", "waiting"],
  PAUSED: ["paused"],
  COMPLETED: ["succeeded"],
  FAILED: ["failed", "timeout"],
  CANCELLED: ["cancelled"],
};

export const PlanExecutionRequest = z.object({
  plan_id: PlanId,
  version: z.number().int().min(1).max(999_999).optional().describe("Of the plan; default its newest."),
  agent_id: AgentId.nullish().describe("Only this agent gets its work. Without it: each that can do the action."),
  id: OwnId.optional().describe(
    "Yours, unique in your tenant. Sent again with the same request it means the same one.",
  ),
  start: z.boolean().default(true).describe("false: it stays CREATED until it is PATCHed to QUEUED."),
});
export type PlanExecutionRequest = z.infer<typeof PlanExecutionRequest>;

const upper = (text: unknown) => (typeof text === "string" ? text.toUpperCase() : text);

export const PlanExecutionPatch = z.object({
  status: z.preprocess(upper, z.enum(["QUEUED", "RUNNING", "PAUSED", "CANCELLED"])),
  option: Word.optional().describe("Of a BLOCKED execution that is to go on: one of its next_step_options."),
  reason: Reason.optional(),
});
export type PlanExecutionPatch = z.infer<typeof PlanExecutionPatch>;

export const ResolveTaskRequest = z
  .object({
    task_id: Word.optional().describe("The blocked task or subtask; may be left out where one alone is blocked."),
    option: Word.optional().describe("One of its next_step_options."),
    escalate_to: Assignee.optional().describe(
      "Instead of option: the subject of another person, who is asked from now on.",
    ),
    action: z
      .string()
      .regex(AGENT_ACTION, `must match ${AGENT_ACTION.source}`)
      .optional()
      .describe("With give_action: what an agent is to do."),
    params: Params.optional().describe("Instead of those of the plan or the alternative."),
    output_data: Json.optional().describe("With complete_by_hand: what came of it."),
    comment: Reason.optional(),
  })
  .refine(({ option, escalate_to }) => (option === undefined) !== (escalate_to === undefined), {
    path: ["option"],
    message: "is needed, or escalate_to, and not both",
  });
export type ResolveTaskRequest = z.infer<typeof ResolveTaskRequest>;

const limit = numberText(z.number().int().min(1).max(50)).default(25);

export const PlanExecutionsQuery = z.object({
  limit,
  cursor: ItemCursor.optional().describe("next_cursor of the page before."),
  status: z.preprocess(upper, z.enum(API_STATUSES)).optional().describe("Only those that stand so."),
  plan_id: PlanId.optional().describe("Only those of this plan, of any version."),
});
export type PlanExecutionsQuery = z.infer<typeof PlanExecutionsQuery>;

export const ReportsQuery = z.object({
  limit: numberText(z.number().int().min(1).max(200)).default(25),
  cursor: z
    .string()
    .transform((text, ctx) => {
      if (/^\d{1,12}$/.test(text)) return Number(text);
      ctx.addIssue({ code: "custom", message: "is no cursor of ours", params: { fault: "invalid_cursor" } });
      return z.NEVER;
    })
    .optional()
    .describe("next_cursor of the page before."),
  task_id: Word.optional().describe("Only reports that name this task or subtask."),
});
export type ReportsQuery = z.infer<typeof ReportsQuery>;

const LONGEST_POLL_S = 30;

const MOST_ACTIONS = 500;

export const WorkQuery = z.object({
  supported_actions: z
    .string()
    .max(65_536)
    .transform((text, ctx) => {
      const actions = text.split(",").filter((action) => action !== "");
      const strange = actions.find((action) => !AGENT_ACTION.test(action));
      if (strange === undefined && actions.length <= MOST_ACTIONS) return actions;
      const what =
        strange === undefined ? `has more than ${MOST_ACTIONS} actions` : `"${strange.slice(0, 64)}" is no action`;
      ctx.addIssue({
        code: "custom",
        message: `${what}: names that match ${AGENT_ACTION.source}, with commas between`,
      });
      return z.NEVER;
    })
    .optional()
    .describe(
      "Actions that it can do now, with commas between; of these only what it registered. Default all of that.",
    ),
  wait: numberText(z.number().min(0).max(LONGEST_POLL_S))
    .default(0)
    .describe(`Seconds to wait for work, at most ${LONGEST_POLL_S}.`),
});
export type WorkQuery = z.infer<typeof WorkQuery>;

/** A text of a log: what it says of people is masked before it is stored. */
const LogText = z.string().max(20_000).transform(maskPersonalData);

const event = {
  event_id: Word.optional().describe("Yours: a report that is sent again with it is recorded once."),
  agent_id: AgentId,
  agent_timestamp: z.iso.datetime({ offset: true }).nullish().describe("When the agent says it happened."),
  event_type: ReportType,
  task_id: Word.nullish().describe("A task or a subtask of the execution."),
  subtask_id: Word.nullish(),
  lease_id: Word.nullish().describe("The lease under which it was done; without it the one that the agent holds."),
  status: z.enum(REPORT_STATUSES).nullish(),
  message: LogText.nullish().describe("E-mail addresses and phone numbers in it are masked before it is stored."),
  output_data: Json.optional(),
  error_type: Word.nullish().describe("external_dependency_blocked, timeout, validation_error, or another word."),
  error_message: LogText.nullish().describe("Masked as message is."),
  human_review_required: z.boolean().nullish(),
  suggestions: z.array(z.string().min(1).max(2_000)).max(10).nullish(),
  blocking: z.boolean().nullish().describe("Default true: a block stops the execution, not its subtask alone."),
};

export const ReportRequest = z.object(event);
export type ReportRequest = z.infer<typeof ReportRequest>;

const MOST_REPORTS = 500;
export const ReportBatch = z.object({ events: z.array(ReportRequest).min(1).max(MOST_REPORTS) });

/** One event, or up to 500 of them. */
export const ReportsRequest = z.union([ReportBatch, ReportRequest]);

export function reportedOf(request: ReportRequest, eventId: string): Reported {
  const at = request.agent_timestamp;
  const fields = {
    taskId: request.task_id ?? undefined,
    subtaskId: request.subtask_id ?? undefined,
    status: request.status ?? undefined,
    message: request.message ?? undefined,
    output: request.output_data,
    errorType: request.error_type ?? undefined,
    errorMessage: request.error_message ?? undefined,
    review: request.human_review_required ?? undefined,
    suggestions: request.suggestions ?? undefined,
    blocking: request.blocking ?? undefined,
    agentAtMs: at ? Date.parse(at) : undefined,
  };
  const said = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
  return { eventId, agent: request.agent_id, eventType: request.event_type, ...said };
}
