/** Discovery: what local and remote agents offer together, filtered, in three forms. */
import * as z from "zod";
import type { Health } from "../../domain/node/node.ts";
import { iso } from "../wire.ts";
import { HealthWord } from "./requests.ts";

const Flag = (otherwise: boolean) =>
  z
    .string()
    .optional()
    .transform((text, ctx) => {
      if (text === undefined || text === "") return otherwise;
      if (/^(?:true|1|yes|y)$/i.test(text)) return true;
      if (/^(?:false|0|no|n)$/i.test(text)) return false;
      ctx.addIssue({ code: "custom", message: "must be true or false" });
      return z.NEVER;
    });
const Names = z
  .string()
  .max(8_000)
  .optional()
  .transform((text) => (text ?? "").split(",").flatMap((name) => name.trim() || []));
const Pattern = z.string().max(256).optional();
const Count = (least: number, most: number, otherwise: number) =>
  z
    .string()
    .regex(/^\d{1,7}$/, `must be a whole number from ${least} to ${most}`)
    .transform(Number)
    .pipe(z.number().min(least).max(most))
    .default(otherwise);

export const DiscoveryQuery = z.object({
  agent: z.string().max(256).optional().describe("Only this agent."),
  node_id: z.string().max(256).optional().describe("The same as agent."),
  agent_ids: Names.describe("Only these agents, separated by commas."),
  node_ids: Names.describe("The same as agent_ids."),
  reasoner: Pattern.describe("Only reasoners of this name; * stands for any letters."),
  skill: Pattern.describe("Only skills of this name; * stands for any letters."),
  tags: Names.describe("Only functions with one of these tags, separated by commas; * stands for any letters."),
  include_input_schema: Flag(false).describe("true: with the JSON Schema of inputs."),
  include_output_schema: Flag(false).describe("true: with the JSON Schema of outputs."),
  include_descriptions: Flag(true).describe("false: without descriptions."),
  include_examples: Flag(false).describe("true: with examples."),
  format: z
    .string()
    .toLowerCase()
    .pipe(z.enum(["json", "xml", "compact"]))
    .default("json")
    .describe("json, xml or compact."),
  health_status: z.string().toLowerCase().pipe(HealthWord).optional().describe("Only agents of this health."),
  limit: Count(0, 500, 100).describe("How many agents at most."),
  offset: Count(0, 1_000_000, 0).describe("How many agents are passed over."),
});
export type DiscoveryQuery = z.infer<typeof DiscoveryQuery>;

/** One function as it was found. */
export interface FoundFunction {
  readonly id: string;
  readonly kind: "reasoner" | "skill";
  readonly tags: readonly string[];
  readonly description: string | undefined;
  readonly inputSchema: unknown;
  readonly outputSchema: unknown;
  readonly examples: unknown;
}

export interface FoundAgent {
  readonly id: string;
  readonly groupId: string;
  readonly baseUrl: string;
  readonly version: string;
  readonly health: Health;
  readonly deployment: string;
  readonly lastHeartbeatMs: number;
  readonly functions: readonly FoundFunction[];
}

export interface Discovered {
  readonly atMs: number;
  readonly totals: { readonly agents: number; readonly reasoners: number; readonly skills: number };
  readonly page: { readonly limit: number; readonly offset: number; readonly hasMore: boolean };
  readonly agents: readonly FoundAgent[];
}

const Capability = z.object({
  id: z.string(),
  description: z.string().optional(),
  tags: z.array(z.string()),
  input_schema: z.unknown().optional(),
  output_schema: z.unknown().optional(),
  examples: z.unknown().optional(),
  invocation_target: z.string().describe("What to send to /api/v1/execute/."),
});

export const DiscoveryBody = z.object({
  discovered_at: z.iso.datetime(),
  total_agents: z.number().int(),
  total_reasoners: z.number().int(),
  total_skills: z.number().int(),
  pagination: z.object({ limit: z.number().int(), offset: z.number().int(), has_more: z.boolean() }),
  capabilities: z.array(
    z.object({
      agent_id: z.string(),
      group_id: z.string(),
      base_url: z.string(),
      version: z.string(),
      health_status: z.string(),
      deployment_type: z.string(),
      last_heartbeat: z.iso.datetime(),
      reasoners: z.array(Capability),
      skills: z.array(Capability),
    }),
  ),
});

export function discoveryBody({ atMs, totals, page, agents }: Discovered): z.infer<typeof DiscoveryBody> {
  return {
    discovered_at: iso(atMs),
    total_agents: totals.agents,
    total_reasoners: totals.reasoners,
    total_skills: totals.skills,
    pagination: { limit: page.limit, offset: page.offset, has_more: page.hasMore },
    capabilities: agents.map((agent) => ({
      agent_id: agent.id,
      group_id: agent.groupId,
      base_url: agent.baseUrl,
      version: agent.version,
      health_status: agent.health,
      deployment_type: agent.deployment,
      last_heartbeat: iso(agent.lastHeartbeatMs),
      reasoners: capabilities(agent, "reasoner"),
      skills: capabilities(agent, "skill"),
    })),
  };
}

function capabilities({ id: agentId, functions }: FoundAgent, kind: FoundFunction["kind"]) {
  const ofKind = functions.filter((fn) => fn.kind === kind);
  return ofKind.map(({ id, description, tags, inputSchema, outputSchema, examples }) => ({
    id,
    ...(description ? { description } : {}),
    tags: [...tags],
    ...(inputSchema === undefined ? {} : { input_schema: inputSchema }),
    ...(outputSchema === undefined ? {} : { output_schema: outputSchema }),
    ...(examples === undefined ? {} : { examples }),
    invocation_target: `${agentId}.${id}`,
  }));
}

/** Names and targets alone: what a model is shown. */
export function compactBody({ atMs, agents }: Discovered) {
  const compact = (kind: FoundFunction["kind"]) =>
    agents.flatMap((agent) =>
      agent.functions
        .filter((fn) => fn.kind === kind)
        .map(({ id, tags }) => ({ id, agent_id: agent.id, target: `${agent.id}.${id}`, tags: [...tags] })),
    );
  return { discovered_at: iso(atMs), reasoners: compact("reasoner"), skills: compact("skill") };
}
