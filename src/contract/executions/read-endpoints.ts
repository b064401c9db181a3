/** Reads of an execution, its log and its streams, one row a call. */
import * as z from "zod";
import { InvariantReport } from "../../domain/invariants/invariants.ts";
import { endpoint } from "../endpoint.ts";
import { answer, entry, ONE, read, V1 } from "../endpoint-parts.ts";
import { FILES } from "../exports.ts";
import { AttributeCountsBody, AttributeQuery, ExecutionList, ListQuery } from "../lists.ts";
import { LogBody } from "../replies.ts";
import { AgentFieldFrame } from "../stream/agentfield-frames.ts";
import { FeedFrame, FeedQuery } from "../stream/feed.ts";
import { StreamFrame } from "../stream/frames.ts";
import { EffectList, ExecutionBody } from "./body.ts";
import { EventPage } from "./event-body.ts";
import { EffectsQuery, EventsQuery, ResumeHeaders, StreamQuery, WaitQuery } from "./requests.ts";
import { TraceBody } from "./trace-body.ts";

export const READ_ENDPOINTS = {
  getExecution: endpoint({
    id: "getExecution",
    method: "GET",
    path: ONE,
    tag: "Executions",
    scope: "read",
    orScope: "agent",
    summary: "One execution as it is now; `wait` holds until its status changes",
    query: WaitQuery,
    answers: { 200: answer("The execution", ExecutionBody) },
    faults: [...read, "too_many_waits"],
  }),
  listExecutions: endpoint({
    id: "listExecutions",
    method: "GET",
    path: `${V1}/executions`,
    tag: "Executions",
    scope: "read",
    summary: "Executions, newest first, with filters",
    query: ListQuery,
    answers: { 200: { ...answer("A page", ExecutionList), files: FILES } },
    faults: ["unauthorized", "forbidden_scope", "rate_limited", "invalid_input", "invalid_cursor"],
  }),
  countAttribute: endpoint({
    id: "countAttribute",
    method: "GET",
    path: `${V1}/attributes/{attribute}`,
    tag: "Executions",
    scope: "read",
    summary: "How many executions have which value of a search attribute, the most frequent first",
    query: AttributeQuery,
    answers: { 200: answer("Counts over 10,000 executions at most", AttributeCountsBody) },
    faults: [...entry, "invalid_input"],
  }),
  listEvents: endpoint({
    id: "listEvents",
    method: "GET",
    path: `${ONE}/events`,
    tag: "Executions",
    scope: "read",
    orScope: "agent",
    token: "event-stream",
    summary: "Its events, ascending; as server-sent events with Accept: text/event-stream, those of a run too",
    query: EventsQuery,
    headers: ResumeHeaders,
    answers: { 200: answer("A page", EventPage) },
    faults: [...read, "invalid_input", "too_many_readers"],
  }),
  uiEvents: endpoint({
    id: "uiEvents",
    method: "GET",
    path: "/api/ui/v1/executions/events",
    tag: "Live",
    scope: "read",
    token: "event-stream",
    summary: "Server-sent events without names: `connected`, then each change of the executions that you list",
    answers: { 200: { ...answer("Server-sent events of these objects", AgentFieldFrame), media: "text/event-stream" } },
    faults: [...entry],
  }),
  stream: endpoint({
    id: "stream",
    method: "GET",
    path: `${ONE}/stream`,
    tag: "Live",
    scope: "read",
    orScope: "agent",
    token: "websocket",
    summary: "WebSocket: a snapshot, everything after `after`, then what happens",
    query: StreamQuery,
    answers: { 101: answer("Switching to a WebSocket of these frames", StreamFrame) },
    faults: [...read, "upgrade_required", "too_many_readers"],
  }),
  planStream: endpoint({
    id: "planStream",
    method: "GET",
    path: "/api/executions/{id}/stream",
    tag: "Live",
    summary: "WebSocket for readers of plans: the frames execution_update and event alone",
    scope: "read",
    token: "websocket",
    answers: { 101: answer("Switching to a WebSocket", z.record(z.string(), z.unknown())) },
    faults: [...read, "upgrade_required", "too_many_readers"],
  }),
  feed: endpoint({
    id: "feed",
    method: "GET",
    path: `${V1}/feed`,
    tag: "Live",
    summary: "WebSocket: every change of your lists, resumed from a version",
    scope: "read",
    token: "websocket",
    query: FeedQuery,
    answers: { 101: answer("Switching to a WebSocket of these frames", FeedFrame) },
    faults: [...entry, "invalid_input", "upgrade_required", "too_many_readers"],
  }),
  getLog: endpoint({
    id: "getLog",
    method: "GET",
    path: `${ONE}/log`,
    tag: "Executions",
    scope: "read",
    summary: "The whole run for audit: input, events, effects, result",
    answers: { 200: answer("The log", LogBody) },
    faults: read,
  }),
  getTrace: endpoint({
    id: "getTrace",
    method: "GET",
    path: `${ONE}/trace`,
    tag: "Executions",
    scope: "read",
    summary: "Its log as spans of OpenTelemetry, in the JSON form of OTLP",
    answers: { 200: answer("What a collector takes at /v1/traces", TraceBody) },
    faults: read,
  }),
  listEffects: endpoint({
    id: "listEffects",
    method: "GET",
    path: `${ONE}/effects`,
    tag: "Executions",
    scope: "read",
    summary: "Every touch of the outside: key, attempts, outcome",
    query: EffectsQuery,
    answers: { 200: answer("A page, of at most about 1 MiB", EffectList) },
    faults: [...read, "invalid_input"],
  }),
  checkInvariants: endpoint({
    id: "checkInvariants",
    method: "GET",
    path: `${ONE}/invariants`,
    tag: "Executions",
    scope: "read",
    summary: "The promises P1 to P8, checked on this execution's log",
    answers: { 200: answer("Reports", z.object({ items: z.array(InvariantReport) })) },
    faults: read,
  }),
} as const;
