/** What a node tells of an execution that it works at. SDKs send more fields than are read. */
import * as z from "zod";
import { Json } from "../../domain/values/json.ts";
import { BODY_BYTES } from "../body-limits.ts";
import { endpoint } from "../endpoint.ts";
import { answer, change, ONE, V1 } from "../endpoint-parts.ts";
import { Label } from "../executions/requests.ts";
import { Note } from "../replies.ts";
import { NODE_LOG_ENDPOINTS } from "./logs.ts";

const Text = z.string().max(100_000);

/**
 * SDKs send again what is refused, and then give up: their execution would wait until its time is over. So only the status is
 * checked, and the rest is taken as it is.
 */
export const ReportRequest = z.object({
  status: z
    .string()
    .min(1)
    .max(100)
    .describe(
      "succeeded, failed, cancelled, timeout: the end. running, waiting: how it goes. Other words for these are understood.",
    ),
  result: Json.optional().describe("Any JSON."),
  error: Json.optional().describe("A text. Anything else is kept as its JSON; of a long one its beginning."),
  error_details: Json.optional(),
  status_reason: Json.optional().describe("Not kept."),
  progress: Json.optional().describe("Percent; what is no number says nothing."),
  usage: Json.optional().describe("total_tokens, cost_usd: counted against the budget."),
});

export const ReportBody = z.object({
  execution_id: z.string(),
  run_id: z.string(),
  status: z.string().describe("The status it has; of an execution that had ended, the one that stays."),
  status_reason: z.string().optional(),
  applied: z.boolean().describe("False: it was said before, or came too late."),
});

/** SDKs name the execution in a header, and send null where they have no tags. */
export const HeaderNoteRequest = z.object({
  message: z.string().min(1).max(10_000),
  tags: z.array(z.string().max(100)).max(50).nullish(),
});
export const ExecutionHeader = z.object({ "x-execution-id": Label.describe("The execution that it is about.") });

export const HeaderNoteBody = z.object({ success: z.literal(true), note: Note, message: z.string() });

const noteByHeader = {
  method: "POST",
  tag: "Nodes",
  scope: "execute",
  orScope: "agent",
  headers: ExecutionHeader,
  body: HeaderNoteRequest,
  bodyBytes: BODY_BYTES.small,
  answers: { 200: answer("Kept", HeaderNoteBody) },
  faults: change,
} as const;

/** A node says of a caller whether what it called waits for a person. */
export const AwaiterRequest = z.object({
  status: z.enum(["waiting", "running"]),
  reason: z.string().max(2_000).nullish(),
});

const AwaiterBody = z.object({
  status: z.string().describe("The status it has."),
  applied: z.boolean().describe("False: it was so already, had ended, or is not worked at by a node."),
});

const Id = z.string().min(1).max(256);
const Word = z.string().max(2_000).nullish();

/** A call as SDKs tell it: of a function by another one of the same node, and (Python) of each execution once more. */
export const WorkflowEventRequest = z.object({
  execution_id: Id.describe("Of the call: the node's own id, or that of an execution."),
  parent_execution_id: Id.nullish(),
  run_id: Id.nullish(),
  workflow_id: Id.nullish(),
  root_workflow_id: Id.nullish(),
  parent_workflow_id: Id.nullish(),
  reasoner_id: z.string().max(256).nullish(),
  agent_node_id: z.string().max(256).nullish(),
  type: Word,
  status: z.string().min(1).max(100).describe("Other words for a status are understood."),
  status_reason: Word,
  input_data: Json.optional().describe("Not kept."),
  result: Json.optional().describe(
    "The result of an execution that ends with this; of a call within the node it is not kept.",
  ),
  error: Text.nullish(),
  duration_ms: z.number().min(0).nullish(),
});

export const WorkflowEventBody = z.object({
  success: z.literal(true),
  created: z.boolean().optional().describe("True: it was not known before."),
  updated: z.boolean().optional().describe("False: what is known already stays."),
});

export const REPORT_ENDPOINTS = {
  ...NODE_LOG_ENDPOINTS,
  workflowEvent: endpoint({
    id: "workflowEvent",
    method: "POST",
    path: `${V1}/workflow/executions/events`,
    tag: "Nodes",
    scope: "execute",
    orScope: "agent",
    summary: "A node tells of a call within itself: it is drawn in the run. A late word undoes nothing",
    body: WorkflowEventRequest,
    bodyBytes: BODY_BYTES.batch,
    answers: { 200: answer("Heard", WorkflowEventBody) },
    faults: change,
  }),
  awaiterStatus: endpoint({
    id: "awaiterStatus",
    method: "POST",
    path: `${V1}/agents/{agent_id}/executions/{id}/awaiter-status`,
    tag: "Nodes",
    scope: "execute",
    orScope: "agent",
    summary: "A node tells that what it called waits for a person, or goes on: meanwhile its own time stands still",
    body: AwaiterRequest,
    bodyBytes: BODY_BYTES.small,
    answers: { 200: answer("The status that it has", AwaiterBody) },
    faults: change,
  }),
  noteByHeader: endpoint({
    ...noteByHeader,
    id: "noteByHeader",
    path: `${V1}/executions/note`,
    summary: "Add a note to the execution that X-Execution-ID names",
  }),
  noteByHeaderUi: endpoint({
    ...noteByHeader,
    id: "noteByHeaderUi",
    path: "/api/ui/v1/executions/note",
    summary: "The same, where the TypeScript SDK sends it",
  }),
  reportStatus: endpoint({
    id: "reportStatus",
    method: "POST",
    path: `${ONE}/status`,
    tag: "Nodes",
    scope: "execute",
    orScope: "agent",
    summary: "A node tells how an execution goes that it works at, or how it ended; a repetition changes nothing",
    body: ReportRequest,
    bodyBytes: BODY_BYTES.batch,
    answers: { 200: answer("The status that it has", ReportBody) },
    faults: change,
  }),
} as const;
