/** Rows of the endpoint table for runs, sessions, batches and the inbox. The paths under `workflows` are the same calls. */
import * as z from "zod";
import { Inbox, InboxQuery } from "../approvals/inbox.ts";
import { BODY_BYTES } from "../body-limits.ts";
import { endpoint } from "../endpoint.ts";
import { answer, body, entry, V1 } from "../endpoint-parts.ts";
import { BatchBody, BatchRequest } from "../executions/batch.ts";
import { ReasonRequest } from "../executions/requests.ts";
import { FILES } from "../exports.ts";
import { ChatFrame } from "../stream/chat-frames.ts";
import { ChatQuery } from "./chats.ts";
import { DagBody, DagQuery } from "./dag.ts";
import { ActiveQuery, ActiveRuns, CancelTreeBody, RunBody } from "./runs.ts";
import { SessionList, SessionListQuery, SessionRuns, SessionsQuery } from "./sessions.ts";
import { ThreadBody, ThreadList, ThreadQuery, ThreadsQuery } from "./threads.ts";

const list = [...entry, "invalid_input"] as const;
const read = [...list, "not_found"] as const;

const run = {
  method: "GET",
  tag: "Runs",
  scope: "read",
  summary: "A run as a whole: its status, what it is made of, since when",
  answers: { 200: answer("The run", RunBody) },
  faults: read,
} as const;
const dag = {
  method: "GET",
  tag: "Runs",
  scope: "read",
  summary: "The tree of a run and its timeline, right at once for everything under one root",
  query: DagQuery,
  answers: { 200: answer("The tree", DagBody) },
  faults: read,
} as const;
const cancelTree = {
  method: "POST",
  tag: "Runs",
  scope: "execute",
  summary: "Cancel every execution of a run, leaves first",
  body: ReasonRequest,
  bodyBytes: BODY_BYTES.small,
  answers: { 200: answer("What became of each", CancelTreeBody) },
  faults: [...entry, ...body, "not_found"],
} as const;

const THREADS = `${V1}/sessions/{session_id}/threads`;
const threads = { tag: "Runs", faults: [...read, "encryption_key_missing"] } as const;

const chat = [
  "invalid_target",
  "target_not_found",
  "invalid_cursor",
  "changes_gone",
  "too_many_readers",
  "upgrade_required",
] as const;

export const RUN_ENDPOINTS = {
  getRun: endpoint({ ...run, id: "getRun", path: `${V1}/runs/{run_id}` }),
  getWorkflow: endpoint({ ...run, id: "getWorkflow", path: `${V1}/workflows/{run_id}` }),
  runDag: endpoint({ ...dag, id: "runDag", path: `${V1}/runs/{run_id}/dag` }),
  workflowDag: endpoint({ ...dag, id: "workflowDag", path: `${V1}/workflows/{run_id}/dag` }),
  workflowDagForUi: endpoint({ ...dag, id: "workflowDagForUi", path: "/api/ui/v1/workflows/{run_id}/dag" }),
  cancelRun: endpoint({ ...cancelTree, id: "cancelRun", path: `${V1}/runs/{run_id}/cancel-tree` }),
  cancelWorkflow: endpoint({ ...cancelTree, id: "cancelWorkflow", path: `${V1}/workflows/{run_id}/cancel-tree` }),
  activeRuns: endpoint({
    id: "activeRuns",
    method: "GET",
    path: `${V1}/executions/active`,
    tag: "Runs",
    scope: "read",
    summary: "Runs in which something goes on",
    query: ActiveQuery,
    answers: { 200: answer("Those with the newest live executions", ActiveRuns) },
    faults: list,
  }),
  batchStatus: endpoint({
    id: "batchStatus",
    method: "POST",
    path: `${V1}/executions/batch-status`,
    tag: "Executions",
    scope: "read",
    summary: "Up to 500 executions by id in one call",
    body: BatchRequest,
    bodyBytes: BODY_BYTES.batch,
    answers: { 200: answer("Each id with its execution; unknown ones are not_found", BatchBody) },
    faults: [...entry, ...body],
  }),
  listSessions: endpoint({
    id: "listSessions",
    method: "GET",
    path: `${V1}/sessions`,
    tag: "Runs",
    scope: "read",
    summary: "Sessions, newest first by their first execution",
    query: SessionListQuery,
    answers: { 200: { ...answer("A page", SessionList), files: FILES } },
    faults: [...list, "invalid_cursor"],
  }),
  getSession: endpoint({
    id: "getSession",
    method: "GET",
    path: `${V1}/sessions/{session_id}`,
    tag: "Runs",
    scope: "read",
    summary: "The runs of a session, newest first",
    query: SessionsQuery,
    answers: { 200: answer("A page", SessionRuns) },
    faults: [...read, "invalid_cursor"],
  }),
  listThreads: endpoint({
    ...threads,
    id: "listThreads",
    method: "GET",
    path: THREADS,
    scope: "read",
    summary: "The conversations of a session, by agent",
    query: ThreadsQuery,
    answers: { 200: answer("A page", ThreadList) },
    faults: [...threads.faults, "invalid_cursor"],
  }),
  getThread: endpoint({
    ...threads,
    id: "getThread",
    method: "GET",
    path: `${THREADS}/{agent}`,
    scope: "read",
    summary: "What an agent and the people of a session have said to each other, as it is remembered",
    query: ThreadQuery,
    answers: { 200: answer("The thread", ThreadBody) },
  }),
  forgetThread: endpoint({
    ...threads,
    id: "forgetThread",
    method: "DELETE",
    path: `${THREADS}/{agent}`,
    scope: "execute",
    summary: "Forget a conversation: the next message begins a new one. Logs of its executions stay",
    query: ThreadQuery,
    answers: { 204: answer("Forgotten", z.null()) },
  }),
  chatSocket: endpoint({
    id: "chatSocket",
    method: "GET",
    path: `${V1}/sessions/{session_id}/chat/{agent}`,
    tag: "Live",
    scope: "read",
    token: "websocket",
    summary: "WebSocket: talk with an agent. Messages in (with the scope `execute`), deltas, answers and approvals out",
    query: ChatQuery,
    answers: { 101: answer("Switching to a WebSocket of these objects", ChatFrame) },
    faults: [...threads.faults, ...chat],
  }),
  listApprovals: endpoint({
    id: "listApprovals",
    method: "GET",
    path: `${V1}/approvals`,
    tag: "Approvals",
    scope: "read",
    orScope: "approve",
    summary: "The inbox: what waits for a person. With the scope `approve` of the whole tenant, else your own",
    query: InboxQuery,
    answers: { 200: { ...answer("A page", Inbox), files: FILES } },
    faults: [...list, "invalid_cursor"],
  }),
} as const;
