/** One execution on the wire, with both names where clients of other systems read another one. Knows no HTTP. */

import * as z from "zod";
import type { AttemptView } from "../../domain/execution/attempt.ts";
import { versionOfRun } from "../../domain/execution/built-in.ts";
import { Reuse } from "../../domain/execution/reusable-result.ts";
import { AttributeValue } from "../../domain/execution/search-attributes.ts";
import { Status } from "../../domain/execution/status.ts";
import { FunctionKind } from "../../domain/execution/target.ts";
import type { EffectView, ExecutionView } from "../../domain/read-models/view.ts";
import { approvalLink } from "../approvals/link.ts";
import { nodeErrorCategory } from "../nodes/failure.ts";
import { Usage, usageBody } from "../usage.ts";
import { WEBHOOK_FIELDS, webhookFields } from "../webhooks/body.ts";
import { iso, toWire } from "../wire.ts";
import { BudgetBody, budgetBody } from "./budget-body.ts";
import { FileBody, fileBodies } from "./files.ts";

const WaitingFor = z.object({
  type: z.string(),
  approval_request_id: z.string(),
  approval_request_url: z.string().optional(),
  requested_at: z.iso.datetime().optional(),
  expires_at: z.iso.datetime().optional(),
  payload: z.unknown(),
  payload_digest: z.string().describe("Send it back with the decision to decide on exactly this payload."),
  options: z.array(z.string()).optional(),
  approvers: z.array(z.string()).optional().describe("Subjects of the keys that may decide; no other may."),
  four_eyes: z.boolean().optional().describe("true: the person who started the execution may not decide."),
});

/** An execution as every reader gets it. Both names where clients of other systems read another one. */
export const ExecutionBody = z.object({
  execution_id: z.string(),
  run_id: z.string(),
  workflow_id: z.string(),
  parent_execution_id: z.string().optional(),
  session_id: z.string().optional(),
  schedule_id: z.string().optional().describe("The schedule that fired."),
  version: z.string().optional().describe("Of the manifest that it runs, or of the node that has it."),
  actor_id: z.string().optional(),
  created_by: z
    .string()
    .optional()
    .describe("The subject whose key started it, where that is not its owner: a child belongs to its parent's owner."),
  target: z.string(),
  type: FunctionKind,
  status: Status,
  status_reason: z.string().optional(),
  result: z.unknown().optional(),
  error: z.string().optional(),
  error_message: z.string().optional(),
  error_details: z.unknown().optional(),
  failure_code: z
    .string()
    .optional()
    .describe(
      "A fixed word of the definition or of the runtime; of a call that failed, the child's own, or `child_refused` (its start was refused for good) or `too_deep` (100 executions stand above it).",
    ),
  failure_summary: z.string().optional(),
  attempts: z
    .array(
      z.object({
        n: z.number().int(),
        verdicts: z.array(
          z.object({
            validator: z.string(),
            passed: z.boolean(),
            feedback: z.string().optional(),
            failure_code: z.string().optional(),
          }),
        ),
        feedback: z.string().nullable(),
      }),
    )
    .describe("Passes of an agentic execution, each with what its validators said."),
  simulated: z.boolean().optional().describe("True when the scripted model has answered, which calls no provider."),
  usage: Usage,
  budget: BudgetBody.optional(),
  progress: z.record(z.string(), z.unknown()).optional(),
  attributes: z.record(z.string(), AttributeValue).optional(),
  waiting_for: WaitingFor.optional(),
  approval_request_id: z.string().optional(),
  approval_request_url: z.string().optional(),
  approval_status: z.string().optional(),
  created_at: z.iso.datetime(),
  started_at: z.iso.datetime().optional(),
  finished_at: z.iso.datetime().optional(),
  completed_at: z.iso.datetime().optional(),
  duration_ms: z.number().optional(),
  seq: z.number().int(),
  recoveries: z.number().int(),
  ...WEBHOOK_FIELDS,
  error_category: z.string().optional().describe("Of a call of a node that failed: AgentField's word for why."),
  metadata: z.unknown().optional(),
  run_metadata: z.unknown().optional().describe("The same as `metadata`, where one execution is read."),
  files: z.array(FileBody).optional(),
  restarted_from: z.string().optional().describe("The execution that this one follows."),
  restarted_as: z.string().optional().describe("The newest execution that follows this one."),
  replay: z
    .object({ source_run_id: z.string(), mode: Reuse, reused: z.number().int() })
    .optional()
    .describe("What this execution took over from the one it follows: how many results, and by which rule."),
  queue: z
    .object({ position: z.number().int(), depth: z.number().int(), aside: z.string().optional() })
    .optional()
    .describe("While it waits in the queue: its place (1 begins next), how many wait, and why it stands aside."),
  why: z.object({ sentence: z.string(), owner: z.string(), next_wake_at: z.iso.datetime().optional() }).optional(),
});
export type ExecutionBody = z.infer<typeof ExecutionBody>;

export function executionBody(view: ExecutionView): ExecutionBody {
  const { state } = view;
  const { origin } = state;
  return {
    execution_id: origin.id,
    run_id: origin.runId,
    workflow_id: origin.runId,
    ...defined({ parent_execution_id: origin.parentId, session_id: origin.sessionId, actor_id: origin.actorId }),
    ...defined({ created_by: origin.createdBy, schedule_id: origin.scheduleId, version: versionOfRun(origin) }),

    target: `${origin.agent}.${origin.fn}`,
    type: origin.kind,
    status: state.status,
    ...defined({
      status_reason: state.reason,
      result: view.output,
      metadata: view.metadata,
      files: fileBodies(view),
      attributes: state.attributes,
    }),
    ...failure(view),
    attempts: view.attempts.map(attemptBody),
    ...defined({ simulated: state.simulated }),
    usage: usageBody(state.spent),
    ...defined({ budget: budgetBody(state) }),
    ...defined({ progress: state.progress && (toWire(state.progress) as Record<string, unknown>) }),
    ...approval(view),
    ...times(view),
    ...lineage(view),
    seq: state.seq,
    recoveries: state.recoveries,
    ...webhookFields({ view: view.webhook, error: state.webhookError }),
    ...defined({ queue: view.queue && { ...view.queue } }),
    ...defined({ why: view.why && (toWire(view.why) as ExecutionBody["why"]) }),
  };
}

function lineage({ state }: ExecutionView) {
  const { restartedFrom: source } = state.origin;
  const replay = source && { source_run_id: source.runId, mode: source.reuse, reused: state.results?.reused ?? 0 };
  return defined({ restarted_from: source?.id, restarted_as: state.restartedAs, replay });
}

function attemptBody({ n, verdicts, feedback }: AttemptView): ExecutionBody["attempts"][number] {
  const said = verdicts.map(({ failureCode, ...verdict }) => ({
    ...verdict,
    ...defined({ failure_code: failureCode }),
  }));
  return { n, verdicts: said, feedback: feedback ?? null };
}

function failure({ error, state: { origin } }: ExecutionView) {
  if (!error) return {};
  const { code, message, details } = error;
  return defined({
    error_category: origin.remote && nodeErrorCategory(code),
    error: message,
    error_message: message,
    error_details: details,
    failure_code: code,
    failure_summary: message,
  });
}

function times({ state }: ExecutionView) {
  const { createdAtMs, startedAtMs, finishedAtMs } = state;
  const finished = finishedAtMs === undefined ? undefined : iso(finishedAtMs);
  return {
    created_at: iso(createdAtMs),
    ...defined({
      started_at: startedAtMs === undefined ? undefined : iso(startedAtMs),
      finished_at: finished,
      completed_at: finished,
      duration_ms: finishedAtMs === undefined ? undefined : finishedAtMs - (startedAtMs ?? createdAtMs),
    }),
  };
}

/** Both shapes that clients of AgentField read: flat fields, and `waiting_for` while an approval is open. */
function approval(view: ExecutionView) {
  const [open] = view.openApprovals;
  const last = view.state.lastGate;
  if (!open)
    return last
      ? defined({
          approval_request_id: last.gateId,
          approval_status: last.decision,
          approval_request_url: view.lastGate && approvalLink(view.lastGate, view.state.origin.baseUrl),
        })
      : {};
  const url = defined({ approval_request_url: approvalLink(open, view.state.origin.baseUrl) });
  const { requestedAtMs } = view;
  return {
    approval_request_id: open.gateId,
    approval_status: "pending",
    ...url,
    waiting_for: {
      type: open.kind === "review" ? "review" : "approval",
      approval_request_id: open.gateId,
      ...url,
      payload: open.payload,
      payload_digest: open.payloadDigest,
      ...defined({
        options: open.options,
        approvers: open.approvers,
        four_eyes: open.fourEyes,
        requested_at: requestedAtMs === undefined ? undefined : iso(requestedAtMs),
        expires_at: open.expiresAtMs === undefined ? undefined : iso(open.expiresAtMs),
      }),
    },
  };
}

type Defined<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

/** Without the fields that are undefined: an absent fact is absent on the wire. */
export function defined<T extends object>(fields: T): Defined<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Defined<T>;
}

export const EffectBody = z.object({
  key: z.string(),
  kind: z.string(),
  name: z.string(),
  status: z.string().describe("queued (asked for and not begun), open, backing_off, in_doubt or done"),
  reason: z.string().optional().describe("Why it does not go on, where its status does not say it."),
  attempts: z.number().int(),
  idempotent: z.boolean(),
  withdrawn: z.boolean().optional().describe("True: it lost a race, and no program waits for it."),
  input: z.unknown().optional(),
  outcome: z.unknown().optional(),
  gate_id: z.string().optional(),
  child_id: z.string().optional(),
  reused_from: z.string().optional().describe("The execution that did it; here its result was taken over."),
});

export const EffectList = z.object({
  items: z.array(EffectBody),
  next_after: z.number().int().nullable().describe("Pass as `after` for the next page; null when nothing follows."),
});

export function effectBody({ outcome, input, ...rest }: EffectView) {
  return { ...(toWire(rest) as object), ...defined({ input, outcome: outcome && toWire(outcome) }) };
}
