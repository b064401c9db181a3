/** Answers that are not an execution itself: accepted, moved, decided, listed. */
import * as z from "zod";
import { Status } from "../domain/execution/status.ts";
import { FunctionKind } from "../domain/execution/target.ts";
import { ApprovalStatus } from "../domain/read-models/approval-record.ts";
import { EffectBody, ExecutionBody } from "./executions/body.ts";
import { EventBody } from "./executions/event-body.ts";
import { manifestFields } from "./manifests/agent-body.ts";

export const HealthBody = z.object({
  status: z.enum(["healthy", "unhealthy"]),
  timestamp: z.iso.datetime(),
  version: z.string(),
  mode: z.enum(["open", "keys"]).optional(),
  model: z.enum(["scripted", "anthropic", "openai"]).optional(),
  checks: z
    .record(z.string(), z.union([z.string(), z.array(z.string())]))
    .optional()
    .describe("With a key of scope `admin`: what is ready, and how it is set up."),
});

export const ReadyBody = z.object({
  status: z.enum(["ready", "not_ready"]),
  timestamp: z.iso.datetime(),
});

export const AcceptedBody = z.object({
  execution_id: z.string(),
  run_id: z.string(),
  workflow_id: z.string(),
  status: Status,
  target: z.string(),
  type: FunctionKind,
  created_at: z.iso.datetime(),
  enqueued_at: z.iso.datetime(),
  webhook_registered: z.boolean(),
  webhook_error: z.string().optional().describe("Why the webhook that was asked for is not registered."),
});

const moved = { execution_id: z.string(), previous_status: Status, status: Status, reason: z.string().optional() };
export const MovedBody = z.object({
  ...moved,
  paused_at: z.iso.datetime().optional(),
  resumed_at: z.iso.datetime().optional(),
});
export const CancelBody = z.object({
  ...moved,
  cancelled_at: z.iso.datetime(),
  quiesced: z.boolean().describe("True once nothing that Errand started can begin another effect."),
  pending: z.array(z.string()).describe("Who has not confirmed yet."),
});

export const SignalledBody = z.object({
  execution_id: z.string(),
  signal: z.string(),
  status: Status,
  seq: z.number().int(),
});

export const SignalsBody = z.object({
  execution_id: z.string(),
  accepted: z.number().int(),
  status: Status,
  seq: z.number().int(),
});

export const Note = z.object({
  message: z.string(),
  tags: z.array(z.string()),
  timestamp: z.iso.datetime(),
  by: z.string().optional(),
});
export const NoteList = z.object({
  execution_id: z.string(),
  notes: z.array(Note),
  total: z.number().int().describe("Notes in this answer."),
  next_after: z
    .number()
    .int()
    .nullable()
    .optional()
    .describe("Pass as `after` for the next page; null when the log was read to its end."),
});
export type Note = z.infer<typeof Note>;

export const ResolvedBody = z.object({
  execution_id: z.string(),
  effect: z.string(),
  gate_id: z.string(),
  resolution: z.string().describe("What it was resolved with: by this call, or by the one that came first."),
  already_processed: z.literal(true).optional().describe("This doubt had been answered before."),
  status: Status,
});

export const ApprovalStatusBody = z.object({
  status: ApprovalStatus,
  approval_request_id: z.string(),
  execution_id: z.string(),
  request_url: z.string().optional(),
  requested_at: z.iso.datetime(),
  expires_at: z.iso.datetime().optional(),
  responded_at: z.iso.datetime().optional(),
  feedback: z.string().optional(),
  option: z.string().optional(),
  response: z.unknown().optional(),
  decided_by: z.string().optional().describe("Subject of the key; `webhook` for a signed one."),
  options: z.array(z.string()).optional(),
  payload: z.unknown().optional(),
  payload_digest: z.string().describe("Send it back with the decision to decide on exactly this payload."),
  approvers: z.array(z.string()).optional(),
  four_eyes: z.boolean().optional(),
});

export const DecisionBody = z.object({
  status: z.enum(["processed", "already_processed"]),
  execution_id: z.string(),
  approval_request_id: z.string(),
  decision: z.string().optional(),
  new_status: Status.optional(),
  current_status: Status.optional(),
  approval_status: z.string().optional(),
});

export const LogBody = z.object({
  execution: ExecutionBody,
  input: z.unknown(),
  effects: z.array(EffectBody),
  events: z.array(EventBody),
  summary: z.object({
    events: z.number(),
    effects: z.number(),
    in_doubt: z.number(),
    recoveries: z.number(),
    success: z.boolean(),
  }),
});

const AgentFunction = z.object({
  name: z.string(),
  target: z.string(),
  type: FunctionKind,
  description: z.string(),
  tags: z.array(z.string()),
  input_schema: z.unknown().optional(),
  output_schema: z.unknown().optional(),
  files: z
    .object({ types: z.array(z.string()), max: z.number().int(), max_bytes: z.number().int() })
    .optional()
    .describe("Files a start may bring along as multipart/form-data."),
  concurrency: z
    .object({ limit: z.number().int(), per_key: z.boolean() })
    .optional()
    .describe("Most that run at once; `per_key`: for each key that the function makes of an input."),
  priority: z.number().int().optional().describe("1 goes first, 5 last, where starts wait; absent: 3."),
});
export const AgentBody = z.object({
  agent_id: z.string(),
  kind: z
    .enum(["local", "remote", "manifest"])
    .describe(
      "local: part of this deployment's code. remote: a node that registered. manifest: declared by a manifest.",
    ),
  node: z
    .object({
      base_url: z.string(),
      deployment_type: z.enum(["long_running", "serverless"]),
      health_status: z.enum(["active", "degraded", "inactive"]),
      last_heartbeat: z.iso.datetime(),
    })
    .optional()
    .describe("Of a remote agent: where it is, and whether it is there."),
  description: z.string(),
  version: z.string(),
  tags: z.array(z.string()),
  concurrency: z.number().int().optional().describe("Most executions of all its functions that run at once."),
  registered_at: z.iso.datetime().optional().describe("First seen here; absent until it is noted, within a minute."),
  updated_at: z.iso
    .datetime()
    .optional()
    .describe("Since when it serves with this version and these functions; absent until that is noted."),
  functions: z.array(AgentFunction).describe("Of an agent with a manifest none: it is run as a whole."),
  ...manifestFields,
});
export const AgentList = z.object({
  items: z.array(AgentBody),
  next_cursor: z.string().nullable(),
});
