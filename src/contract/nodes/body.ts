/** Nodes on the wire, under the names that SDKs and tools of AgentField read. */
import * as z from "zod";
import type { Health, NodeFunction, NodeRecord, NodeView } from "../../domain/node/node.ts";
import { Health as HealthSchema, Lifecycle } from "../../domain/node/node.ts";
import { PRESENCE_TTL_MS } from "../../domain/node/presence.ts";
import { iso } from "../wire.ts";

const FunctionBody = z.looseObject({
  id: z.string(),
  description: z.string(),
  tags: z.array(z.string()),
  input_schema: z.unknown(),
  output_schema: z.unknown(),
});

export const NodeBody = z.looseObject({
  id: z.string(),
  version: z.string(),
  team_id: z.string(),
  group_id: z.string(),
  base_url: z.string(),
  deployment_type: z.enum(["long_running", "serverless"]),
  invocation_url: z.string().optional(),
  reasoners: z.array(FunctionBody),
  skills: z.array(FunctionBody),
  tags: z.array(z.string()),
  traffic_weight: z.number().int(),
  validate_input: z.boolean(),
  max_concurrent: z.number().int().optional().describe("Absent: no limit of its own."),
  owner: z.string(),
  health_status: HealthSchema,
  lifecycle_status: Lifecycle,
  instance_id: z.string().optional(),
  last_heartbeat: z.iso.datetime(),
  registered_at: z.iso.datetime(),
});
export const NodeVersionsBody = NodeBody.extend({
  versions: z
    .array(z.object({ version: z.string(), traffic_weight: z.number().int(), health_status: HealthSchema }))
    .describe("All versions of this id; the body is that of the one which registered last."),
});
export const NodeList = z.object({
  nodes: z.array(NodeBody),
  count: z.number().int().describe("Nodes in this answer."),
  filters: z.record(z.string(), z.unknown()),
  next_cursor: z.string().nullable(),
});

export const RegisteredBody = z.object({
  success: z.literal(true),
  message: z.string(),
  node_id: z.string(),
  resolved_base_url: z.string().describe("As it was sent."),
  callback_discovery: z.looseObject({ mode: z.string(), resolved: z.string(), submitted_at: z.iso.datetime() }),
  node: z.record(z.string(), z.unknown()).optional().describe("Of a serverless node: what was found there."),
});
export const DoneBody = z.looseObject({ success: z.literal(true), message: z.string() });
export const HeartbeatBody = DoneBody.extend({ timestamp: z.iso.datetime() });
export const LeaseBody = z.looseObject({
  lease_seconds: z.number().int(),
  next_lease_renewal: z.iso.datetime(),
  message: z.string().optional(),
});
export const ClaimBody = LeaseBody.extend({ items: z.array(z.never()), next_poll_after: z.number().int() });

const StatusBody = z.object({
  state: z.enum(["active", "inactive", "starting", "stopping"]),
  health_score: z.number().int(),
  last_seen: z.iso.datetime(),
  lifecycle_status: Lifecycle,
  health_status: HealthSchema,
  last_updated: z.iso.datetime(),
  version: z.string(),
});
export const NodeStatusBody = z.object({ success: z.literal(true), node_id: z.string(), status: StatusBody });
export const BulkStatusBody = z.object({
  success: z.boolean(),
  results: z.record(z.string(), z.unknown()).describe("By id: its status, or an error."),
  total_requested: z.number().int(),
  successful: z.number().int(),
  failed: z.number().int(),
  errors: z.array(z.string()).optional(),
});

export function nodeBody({ record, state }: NodeView): z.infer<typeof NodeBody> {
  const { id, version, baseUrl, deployment, invocationUrl, reasoners, skills, tags, validateInput, more } = record;
  const { maxConcurrent } = record;
  return {
    ...more,
    ...{ id, version, team_id: record.teamId, group_id: record.groupId, base_url: baseUrl },
    deployment_type: deployment,
    ...(invocationUrl === null ? {} : { invocation_url: invocationUrl }),
    reasoners: reasoners.map(functionBody),
    skills: skills.map(functionBody),
    tags,
    traffic_weight: state.weight,
    validate_input: validateInput,
    ...(maxConcurrent === null ? {} : { max_concurrent: maxConcurrent }),
    owner: state.owner,
    health_status: state.health,
    lifecycle_status: state.lifecycle,
    ...(state.instanceId === null ? {} : { instance_id: state.instanceId }),
    last_heartbeat: iso(state.lastHeartbeatMs),
    registered_at: iso(state.registeredAtMs),
  };
}

function functionBody({ id, description, tags, inputSchema, outputSchema, more }: NodeFunction) {
  return { ...more, id, description, tags, input_schema: inputSchema, output_schema: outputSchema };
}

/** Of several versions, the one that registered last comes first. */
export function versionsBody([newest, ...older]: readonly [NodeView, ...NodeView[]]): z.infer<typeof NodeVersionsBody> {
  const versions = [newest, ...older].map(({ record, state }) => ({
    ...{ version: record.version, traffic_weight: state.weight, health_status: state.health },
  }));
  return { ...nodeBody(newest), versions } as z.infer<typeof NodeVersionsBody>;
}

const STATES: Readonly<Record<Health, "active" | "inactive">> = {
  active: "active",
  degraded: "active",
  inactive: "inactive",
};

export function statusBody({
  record,
  state,
}: Pick<NodeView, "state"> & { readonly record: Pick<NodeRecord, "version"> }) {
  const { health, lifecycle, stopped, lastHeartbeatMs } = state;
  const word = stopped ? "stopping" : health !== "inactive" && lifecycle === "starting" ? "starting" : STATES[health];
  const score = state.healthScore ?? (health === "inactive" ? 0 : health === "degraded" ? 50 : 100);
  return {
    state: word,
    health_score: score,
    last_seen: iso(lastHeartbeatMs),
    lifecycle_status: lifecycle,
    health_status: health,
    last_updated: iso(lastHeartbeatMs),
    version: record.version,
  } satisfies z.infer<typeof StatusBody>;
}

export function leaseBody(nowMs: number) {
  return { lease_seconds: PRESENCE_TTL_MS / 1_000, next_lease_renewal: iso(nowMs + PRESENCE_TTL_MS) };
}
