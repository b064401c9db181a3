/** The calls on executions of plans, and those of the agents that do them. Who sees what is decided by the executions themselves. */
import * as z from "zod";
import { BODY_BYTES } from "../body-limits.ts";
import { endpoint } from "../endpoint.ts";
import { answer, change, entry, read } from "../endpoint-parts.ts";
import { PlanExecutionBody, PlanExecutionDetail, PlanExecutionList, ReportList } from "./bodies.ts";
import {
  PlanExecutionPatch,
  PlanExecutionRequest,
  PlanExecutionsQuery,
  ReportsQuery,
  ReportsRequest,
  ResolveTaskRequest,
  WorkQuery,
} from "./requests.ts";
import { RecordedBatch, RecordedBody, StopBody, WorkBody } from "./work-bodies.ts";

const EXECUTIONS = "/api/executions";
const ONE = `${EXECUTIONS}/{id}`;
const tag = "Executions of plans";
const stored = ["encryption_key_missing", "unreadable", "storage_unavailable"] as const;
const reads = { tag, scope: "read", orScope: "agent", method: "GET" } as const;

export const PLAN_EXECUTION_ENDPOINTS = {
  startPlan: endpoint({
    id: "startPlan",
    method: "POST",
    path: EXECUTIONS,
    tag,
    scope: "execute",
    summary: "Have a plan done by agents that poll",
    body: PlanExecutionRequest,
    bodyBytes: BODY_BYTES.small,
    answers: {
      201: answer("Made, and queued unless start is false", PlanExecutionBody),
      200: answer("The same request was made under this id before", PlanExecutionBody),
    },
    faults: [
      ...change,
      ...stored,
      "idempotency_mismatch",
      "id_taken",
      "too_many_open",
      "overloaded",
      "unavailable",
      "misconfigured",
    ],
  }),
  listPlanExecutions: endpoint({
    id: "listPlanExecutions",
    method: "GET",
    path: EXECUTIONS,
    tag,
    scope: "read",
    summary: "Executions of plans, newest first, each as it was when its status changed last or a task was done",
    query: PlanExecutionsQuery,
    answers: { 200: answer("A page", PlanExecutionList) },
    faults: [...entry, "invalid_input", "invalid_cursor"],
  }),
  getPlanExecution: endpoint({
    ...reads,
    id: "getPlanExecution",
    path: ONE,
    summary: "An execution of a plan with its tasks and subtasks",
    answers: { 200: answer("As it is now", PlanExecutionDetail) },
    faults: [...read, ...stored],
  }),
  changePlanExecution: endpoint({
    id: "changePlanExecution",
    method: "PATCH",
    path: ONE,
    tag,
    scope: "execute",
    summary: "Queue, run, pause or cancel it",
    body: PlanExecutionPatch,
    bodyBytes: BODY_BYTES.small,
    answers: { 200: answer("As it is now", PlanExecutionBody) },
    faults: [...change, ...stored, "no_open_gate", "forbidden_approver"],
  }),
  resolveTask: endpoint({
    id: "resolveTask",
    method: "POST",
    path: `${ONE}/resolve`,
    tag,
    scope: "execute",
    orScope: "approve",
    summary: "Choose how a blocked subtask goes on",
    body: ResolveTaskRequest,
    bodyBytes: BODY_BYTES.start,
    answers: { 200: answer("As it is now", PlanExecutionBody) },
    faults: [...change, ...stored, "no_open_gate", "forbidden_approver"],
  }),
  listReports: endpoint({
    ...reads,
    id: "listReports",
    path: `${ONE}/events`,
    summary: "What agents reported, newest first",
    query: ReportsQuery,
    answers: { 200: answer("A page, of at most about 1 MiB", ReportList) },
    faults: [...read, ...stored, "invalid_input", "invalid_cursor"],
  }),
  reportEvents: endpoint({
    id: "reportEvents",
    method: "POST",
    path: `${ONE}/events`,
    tag,
    scope: "execute",
    orScope: "agent",
    summary: "Report an event, or up to 500 of them in their order",
    body: ReportsRequest,
    bodyBytes: BODY_BYTES.batch,
    answers: { 201: answer("Recorded", z.union([RecordedBody, RecordedBatch])) },
    faults: [...change, ...stored, "value_too_large", "value_not_json", "invalid_value"],
  }),
  pollWork: endpoint({
    id: "pollWork",
    method: "GET",
    path: "/api/agents/{agent_id}/work",
    tag: "Polling agents",
    scope: "execute",
    orScope: "agent",
    summary: "The next task of an agent, under a lease",
    query: WorkQuery,
    answers: {
      200: answer("A task, or news of an execution that the agent works for", z.union([WorkBody, StopBody])),
      204: answer("Nothing to do now", z.null()),
    },
    faults: [...read, ...stored, "invalid_input", "misconfigured", "too_many_waits"],
  }),
} as const;
