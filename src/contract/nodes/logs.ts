/** Lines that nodes write about their work, as their SDKs send them: one, or many in `entries`. */
import * as z from "zod";
import type { Event } from "../../domain/execution/event.ts";
import type { LogEntry } from "../../domain/execution/events/notes.ts";
import { Json } from "../../domain/values/json.ts";
import { utf8Bytes } from "../../domain/values/json-text.ts";
import { BODY_BYTES } from "../body-limits.ts";
import { endpoint } from "../endpoint.ts";
import { answer, change, ONE, read } from "../endpoint-parts.ts";
import { EffectsQuery } from "../executions/requests.ts";
import { iso } from "../wire.ts";

const MOST_ENTRIES = 1_000;
const MOST_CHARACTERS = 10_000;
const ATTRIBUTES_BYTES = 8_192;

const Word = z.string().max(256).nullish();
const Entry = z.object({
  message: z.string().max(100_000).describe("Its first 10,000 characters are kept."),
  level: Word.describe("Default info."),
  ts: z
    .union([z.string().max(100), z.number()])
    .nullish()
    .describe("ISO 8601, or seconds since 1970."),
  source: Word,
  event_type: Word,
  agent_node_id: Word,
  reasoner_id: Word,
  parent_execution_id: Word,
  attributes: Json.optional().describe("Kept where they have at most 8 KiB as JSON."),
});
type Entry = z.infer<typeof Entry>;

export const LogsRequest = Entry.partial()
  .extend({ entries: z.array(Entry).max(MOST_ENTRIES).optional() })
  .refine(({ entries, message }) => entries !== undefined || message !== undefined, {
    message: "is missing, and so is entries: send one line, or a list of them",
    path: ["message"],
  });

/** `parentId`: the execution that they belong to, where the named one is a call within the node. */
export function entriesOf({ entries, message, ...rest }: z.infer<typeof LogsRequest>) {
  const sent = entries ?? [{ ...rest, message: message ?? "" }];
  return { entries: sent.map(entryOf), parentId: sent[0]?.parent_execution_id ?? undefined };
}

function entryOf({ message, level, ts, source, event_type, agent_node_id, reasoner_id, attributes }: Entry): LogEntry {
  const atMs = typeof ts === "number" ? ts * 1_000 : Date.parse(ts ?? "");
  const isSmall = attributes !== undefined && utf8Bytes(JSON.stringify(attributes)) <= ATTRIBUTES_BYTES;
  return {
    message: message.slice(0, MOST_CHARACTERS),
    level: level || "info",
    ...(Math.abs(atMs) <= LAST_INSTANT ? { atMs: Math.round(atMs) } : {}),
    ...(source ? { source } : {}),
    ...(event_type ? { eventType: event_type } : {}),
    ...(agent_node_id ? { node: agent_node_id } : {}),
    ...(reasoner_id ? { reasoner: reasoner_id } : {}),
    ...(isSmall ? { attributes } : {}),
  };
}

/** Of a Date. */
const LAST_INSTANT = 8_640_000_000_000_000;

const LogLine = z.object({
  timestamp: z.iso.datetime().describe("When the node says that it wrote it; else when it came."),
  level: z.string(),
  message: z.string(),
  source: z.string().optional(),
  event_type: z.string().optional(),
  agent_node_id: z.string().optional(),
  reasoner_id: z.string().optional(),
  call_id: z.string().optional().describe("The call within the node that it is about."),
  attributes: z.unknown().optional(),
});

export type LogLine = z.infer<typeof LogLine>;

export const LogsBody = z.object({
  execution_id: z.string(),
  logs: z.array(LogLine),
  total: z.number().int().describe("Lines in this answer."),
  next_after: z.number().int().nullable().describe("Pass as `after` for the next page; null at the end."),
});

export const LogsTaken = z.object({
  success: z.literal(true),
  execution_id: z.string(),
  accepted: z.number().int().describe("Lines that are kept."),
});

export function linesOf(event: Event): LogLine[] {
  if (event.type !== "log.reported") return [];
  return event.data.entries.map(
    ({ atMs = event.atMs, level, message, source, eventType, node, reasoner, callId, attributes }) => ({
      ...{ timestamp: iso(atMs), level, message },
      ...(source === undefined ? {} : { source }),
      ...(eventType === undefined ? {} : { event_type: eventType }),
      ...(node === undefined ? {} : { agent_node_id: node }),
      ...(reasoner === undefined ? {} : { reasoner_id: reasoner }),
      ...(callId === undefined ? {} : { call_id: callId }),
      ...(attributes === undefined ? {} : { attributes }),
    }),
  );
}

export const NODE_LOG_ENDPOINTS = {
  reportLogs: endpoint({
    id: "reportLogs",
    method: "POST",
    path: `${ONE}/logs`,
    tag: "Nodes",
    scope: "execute",
    orScope: "agent",
    summary: "A node writes lines about an execution that it works at; what there is no room for is dropped",
    body: LogsRequest,
    bodyBytes: BODY_BYTES.batch,
    answers: {
      202: answer("Taken", LogsTaken),
    },
    faults: change,
  }),
  listLogs: endpoint({
    id: "listLogs",
    method: "GET",
    path: `${ONE}/logs`,
    tag: "Nodes",
    scope: "read",
    orScope: "agent",
    summary: "The lines that nodes wrote about an execution, in the order in which they came",
    query: EffectsQuery,
    answers: { 200: answer("A page, of at most about 1 MiB", LogsBody) },
    faults: [...read, "invalid_input"],
  }),
} as const;
