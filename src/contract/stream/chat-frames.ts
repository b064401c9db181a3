/**
 * The frames of a conversation's socket. Those with a `cursor` are kept: a client that comes back with the last one it has misses nothing.
 * Deltas are live only, and are folded as those of an execution's stream.
 */
import * as z from "zod";
import { Json } from "../../domain/values/json.ts";
import { ThreadBody } from "../runs/threads.ts";
import { DeltaFrame } from "./frames.ts";

/** UTF-16 units of one message. */
export const MOST_MESSAGE = 100_000;

/** What a client sends. The same id is the same message: it may be sent again until it is taken. */
export const ChatSend = z.object({
  type: z.literal("message"),
  id: z.string().min(1).max(128),
  text: z.string().min(1).max(MOST_MESSAGE),
});
export type ChatSend = z.infer<typeof ChatSend>;

const Instant = z.iso.datetime();
const kept = { cursor: z.number().int(), at: Instant, execution_id: z.string() };

const Approval = z.object({
  type: z.literal("approval"),
  ...kept,
  agent: z.string().describe("The agent that asks: it may be one to which work was handed."),
  approval_request_id: z.string(),
  payload: Json,
  payload_digest: z.string(),
  omitted: z.literal(true).optional().describe("The payload is too large for a frame: read the approval."),
  expires_at: Instant.optional(),
});
/** What happened in a conversation, in its order. */
export const ChatEvent = z.discriminatedUnion("type", [
  z.object({
    type: z.literal("message"),
    ...kept,
    text: z.string(),
    message_id: z.string().optional().describe("Of the socket by which it came; absent: it came by POST."),
  }),
  z.object({
    type: z.literal("answer"),
    ...kept,
    agent: z.string(),
    text: z.string(),
    cut: z.literal(true).optional().describe("Longer than a frame: read the execution."),
  }),
  z.object({
    type: z.literal("failed"),
    ...kept,
    status: z.enum(["failed", "cancelled", "timeout", "gone"]),
    code: z.string().optional(),
    message: z.string().optional(),
  }),
  Approval,
  z.object({
    type: z.literal("approval_ended"),
    ...kept,
    approval_request_id: z.string(),
    decision: z
      .string()
      .describe("approved, rejected, request_changes, expired; ended where its execution ended first."),
  }),
  z.object({ type: z.literal("forgotten"), cursor: z.number().int(), at: Instant }),
]);
export type ChatEvent = z.infer<typeof ChatEvent>;
export const ChatApproval = Approval;
export type ChatApproval = z.infer<typeof Approval>;

const OpenMessage = z.object({
  execution_id: z.string(),
  at: Instant,
  text: z.string(),
  message_id: z.string().optional(),
});
const Turn = z.object({
  execution_id: z.string(),
  agent: z.string(),
  turn: z.string(),
  try: z.number().int(),
  text: z.string(),
});

export const ChatSnapshot = z.object({
  type: z.literal("snapshot"),
  cursor: z.number().int().describe("Of the newest event: what follows comes after it."),
  session_id: z.string(),
  agent: z.string(),
  thread: ThreadBody.nullable().describe("What is remembered; null: nothing yet, or it was asked with `after`."),
  open: z.array(OpenMessage).describe("Messages that are not answered yet, the oldest first."),
  approvals: z.array(Approval.omit({ cursor: true })).describe("Those that wait for a person."),
  turns_in_flight: z.array(Turn).describe("What agents have written so far of turns that are not over."),
});
export type ChatSnapshot = z.infer<typeof ChatSnapshot>;

const ChatDelta = DeltaFrame.extend({
  execution_id: z.string(),
  agent: z.string().describe("Who speaks: the agent, or one to which it handed work."),
});
const Taken = z.object({ type: z.literal("taken"), message_id: z.string(), execution_id: z.string() });
const Refused = z.object({
  type: z.literal("refused"),
  message_id: z.string().optional(),
  code: z.string(),
  message: z.string(),
});

/** What a socket brings. */
export const ChatFrame = z.union([ChatSnapshot, ChatEvent, ChatDelta, Taken, Refused]);
export type ChatFrame = z.infer<typeof ChatFrame>;
