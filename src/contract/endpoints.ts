import { ACCESS_ENDPOINTS } from "./access/endpoints.ts";
import { TENANT_ENDPOINTS } from "./access/tenants.ts";
import { APPROVAL_ENDPOINTS } from "./approvals/endpoints.ts";
import { endpoint } from "./endpoint.ts";
import { answer, entry, V1 } from "./endpoint-parts.ts";
import { AGENTIC_ENDPOINTS } from "./executions/agentic-endpoints.ts";
import { FILE_ENDPOINTS } from "./executions/files.ts";
import { READ_ENDPOINTS } from "./executions/read-endpoints.ts";
import { RESTART_ENDPOINTS } from "./executions/restart.ts";
import { START_ENDPOINTS } from "./executions/start-endpoints.ts";
import { VERB_ENDPOINTS } from "./executions/verb-endpoints.ts";
import { MANIFEST_ENDPOINTS } from "./manifests/endpoints.ts";
import { EXPERIMENT_ENDPOINTS } from "./manifests/experiments.ts";
import { MEMORY_ENDPOINTS } from "./memory/endpoints.ts";
import { NODE_ENDPOINTS } from "./nodes/endpoints.ts";
import { REPORT_ENDPOINTS } from "./nodes/reports.ts";
import { NOTIFICATION_ENDPOINTS } from "./notifications/endpoints.ts";
import { BULK_ENDPOINTS } from "./operator/bulk.ts";
import { OPERATIONS_ENDPOINTS } from "./operator/endpoints.ts";
import { RETENTION_ENDPOINTS } from "./operator/retention.ts";
import { PLAN_EXECUTION_ENDPOINTS } from "./plan-executions/endpoints.ts";
import { PLAN_ENDPOINTS } from "./plans/endpoints.ts";
import { POLLING_AGENT_ENDPOINTS } from "./polling-agents/endpoints.ts";
import { NamesQuery } from "./query-values.ts";
import { QUEUE_ENDPOINTS } from "./queues/endpoints.ts";
import { AgentList } from "./replies.ts";
import { RUN_ENDPOINTS } from "./runs/endpoints.ts";
import { SCHEDULE_ENDPOINTS } from "./schedules/endpoints.ts";

export const ENDPOINTS = {
  ...OPERATIONS_ENDPOINTS,
  ...BULK_ENDPOINTS,
  ...RETENTION_ENDPOINTS,
  listAgents: endpoint({
    id: "listAgents",
    method: "GET",
    path: `${V1}/agents`,
    tag: "Agents",
    scope: "read",
    summary: "Agents and the functions they offer, with the JSON Schema of their input",
    query: NamesQuery,
    answers: { 200: answer("A page, of at most about 1 MiB", AgentList) },
    faults: [...entry, "invalid_input", "invalid_cursor"],
  }),
  ...START_ENDPOINTS,
  ...READ_ENDPOINTS,
  ...REPORT_ENDPOINTS,
  ...VERB_ENDPOINTS,
  ...FILE_ENDPOINTS,
  ...AGENTIC_ENDPOINTS,
  ...APPROVAL_ENDPOINTS,
  ...ACCESS_ENDPOINTS,
  ...TENANT_ENDPOINTS,
  ...QUEUE_ENDPOINTS,
  ...RUN_ENDPOINTS,
  ...RESTART_ENDPOINTS,
  ...MEMORY_ENDPOINTS,
  ...NODE_ENDPOINTS,
  ...{ ...MANIFEST_ENDPOINTS, ...EXPERIMENT_ENDPOINTS },
  ...NOTIFICATION_ENDPOINTS,
  ...{ ...POLLING_AGENT_ENDPOINTS, ...PLAN_ENDPOINTS, ...PLAN_EXECUTION_ENDPOINTS, ...SCHEDULE_ENDPOINTS },
} as const;
