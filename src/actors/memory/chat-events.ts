/** What an event of an execution means for the conversation that it belongs to. Pure. */
import * as z from "zod";
import type { EventBody } from "../../contract/executions/event-body.ts";
import type { ChatEvent } from "../../contract/stream/chat-frames.ts";
import { ChatApproval } from "../../contract/stream/chat-frames.ts";
import { Json } from "../../domain/values/json.ts";
import { utf8Bytes } from "../../domain/values/json-text.ts";

/** An execution of the conversation that has not ended, as far as it was read. */
export const OpenExecution = z.object({
  executionId: z.string(),
  /** Of the message that it works for: its own id where it answers the message itself. */
  root: z.string(),
  agent: z.string(),
  /** The last event that was taken of its log. */
  after: z.number().int(),
  at: z.iso.datetime(),
  /** Of the message. */
  text: z.string().optional(),
  message_id: z.string().optional(),
  approvals: z.array(ChatApproval.omit({ cursor: true })),
});
export type OpenExecution = z.infer<typeof OpenExecution>;

type WithoutCursor<T> = T extends unknown ? Omit<T, "cursor"> : never;
/** An event that has no place in the log yet. */
export type NewEvent = WithoutCursor<ChatEvent>;

interface Moved {
  readonly events: readonly NewEvent[];
  /** Absent: it has ended. */
  readonly now?: OpenExecution;
  /** An agent to which it handed work. */
  readonly begun?: OpenExecution;
}

/** UTF-16 units of a text or a payload: what is larger is read elsewhere. */
const MOST_TEXT = 150_000;
/**
 * Bytes of the payloads that an execution of a conversation keeps: they lie in one row, with the message, and a row is JSON within JSON,
 * so that each may be twice as long there.
 */
const MOST_PAYLOADS = 400_000;
/** Approvals of one execution that are open at once. */
const MOST_APPROVALS = 20;

const Opened = z.object({
  gate_id: z.string(),
  payload: Json,
  payload_digest: z.string(),
  expires_at: z.string().optional(),
});
const Closed = z.object({ gate_id: z.string(), verdict: z.object({ decision: z.string() }).optional() });
const Begun = z.object({ child_id: z.string(), target: z.string() });
const Succeeded = z.object({ output: z.unknown(), stored: z.unknown().optional() });
const Ended = z.object({ code: z.string().optional(), message: z.string().optional() });
const Answer = z.object({ response: z.string() });

const ENDS = {
  "execution.failed": "failed",
  "execution.cancelled": "cancelled",
  "execution.timed_out": "timeout",
} as const;
const isEnd = (type: string): type is keyof typeof ENDS => Object.hasOwn(ENDS, type);

/** Nothing for events that mean nothing here. */
export function movedBy(open: OpenExecution, { seq, type, at, data }: EventBody): Moved | undefined {
  const { executionId, root, agent } = open;
  const said = { at, execution_id: executionId };
  const now = { ...open, after: seq };
  if (type === "gate.opened") {
    const kept = open.approvals.reduce((sum, { payload }) => sum + bytesOf(payload), 0);
    const approval = approvalOf(Opened.parse(data), { said, agent, room: MOST_PAYLOADS - kept });
    return { events: [approval], now: { ...now, approvals: [...open.approvals, approval].slice(-MOST_APPROVALS) } };
  }
  if (type === "gate.decided" || type === "gate.expired") {
    const { gate_id: id, verdict } = Closed.parse(data);
    const approvals = open.approvals.filter((one) => one.approval_request_id !== id);
    return { events: [ended(said, id, verdict?.decision ?? "expired")], now: { ...now, approvals } };
  }
  if (type === "child.started") {
    const { child_id, target } = Begun.parse(data);
    const name = target.slice(0, target.lastIndexOf("."));
    return { events: [], now, begun: { executionId: child_id, root, agent: name, after: 0, at, approvals: [] } };
  }
  const left = open.approvals.map((one) => ended(said, one.approval_request_id, "ended"));
  if (type === "execution.succeeded")
    return { events: [...left, ...(root === executionId ? [answer(Succeeded.parse(data), { said, agent })] : [])] };
  if (!isEnd(type)) return undefined;
  const { code, message } = Ended.parse(data);
  const why = { ...(code === undefined ? {} : { code }), ...(message === undefined ? {} : { message }) };
  const failed: NewEvent = { type: "failed", ...said, status: ENDS[type], ...why };
  return { events: [...left, ...(root === executionId ? [failed] : [])] };
}

const bytesOf = (payload: Json) => utf8Bytes(JSON.stringify(payload));

interface Saying {
  readonly said: { readonly at: string; readonly execution_id: string };
  readonly agent: string;
}

function approvalOf(
  { gate_id, payload, payload_digest, expires_at }: z.infer<typeof Opened>,
  { said, agent, room }: Saying & { readonly room: number },
): Omit<ChatApproval, "cursor"> {
  const isLarge = JSON.stringify(payload).length > MOST_TEXT || bytesOf(payload) > room;
  return {
    ...{ type: "approval", ...said, agent, approval_request_id: gate_id, payload_digest },
    payload: isLarge ? null : payload,
    ...(isLarge ? { omitted: true } : {}),
    ...(expires_at === undefined ? {} : { expires_at }),
  };
}

function ended(said: Saying["said"], id: string, decision: string): NewEvent {
  return { type: "approval_ended", ...said, approval_request_id: id, decision };
}

/** A result that lies in the file store is `null` in its event. */
function answer({ output, stored }: z.infer<typeof Succeeded>, { said, agent }: Saying): NewEvent {
  const text = Answer.safeParse(output).data?.response ?? "";
  const isCut = stored !== undefined || text.length > MOST_TEXT;
  return { type: "answer", ...said, agent, text: text.slice(0, MOST_TEXT), ...(isCut ? { cut: true } : {}) };
}
