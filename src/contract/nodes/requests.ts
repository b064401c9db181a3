/** What nodes and their operators send. Envelopes ignore keys they do not know; a registration keeps them. */
import * as z from "zod";
import type { NodeFunction, NodeRecord, Registration } from "../../domain/node/node.ts";
import { Health, Lifecycle, NODE_FUNCTION, NODE_ID, NODE_LIMITS } from "../../domain/node/node.ts";
import { Json } from "../../domain/values/json.ts";
import { utf8Bytes } from "../../domain/values/json-text.ts";
import { numberText, Word } from "../query-values.ts";

const Text = (most: number) =>
  z
    .string()
    .max(most)
    .regex(/^\P{Cc}*$/u, "must hold no control characters");
/** SDKs of some languages send `null` for an empty list or text. */
const Tags = z
  .array(Text(128))
  .max(100)
  .nullish()
  .transform((tags) => tags ?? []);
const Short = Text(256)
  .nullish()
  .transform((text) => text ?? "");
const Url = z.string().max(2_048).nullish();

const Schema = Json.optional().superRefine((schema, ctx) => {
  const bytes = schema === undefined ? 0 : utf8Bytes(JSON.stringify(schema));
  if (bytes <= NODE_LIMITS.schemaBytes) return;
  const message = `has ${bytes} bytes, and at most ${NODE_LIMITS.schemaBytes} are taken for one schema`;
  ctx.addIssue({ code: "custom", message, params: { fault: "payload_too_large" } });
});

const FunctionRequest = z.looseObject({
  id: z.string().regex(NODE_FUNCTION, `must match ${NODE_FUNCTION.source}`),
  /** Documentation comments: with line breaks. */
  description: z
    .string()
    .max(16_000)
    .nullish()
    .transform((text) => text ?? ""),
  tags: Tags,
  input_schema: Schema,
  output_schema: Schema,
});
/** Looked at before any of them: a list of a million is refused by its length. */
const Functions = z
  .array(z.unknown())
  .max(NODE_LIMITS.functions)
  .nullish()
  .transform((list) => list ?? [])
  .pipe(z.array(FunctionRequest));

const Weight = z.number().int().min(0).max(NODE_LIMITS.weight);
const InstanceId = Text(256)
  .nullish()
  .transform((text) => text || undefined);

export const RegisterRequest = z
  .looseObject({
    id: z.string().regex(NODE_ID, `must match ${NODE_ID.source}`),
    version: Short.describe("Several versions of one id share its calls by their weights."),
    base_url: Url.describe("Where the node is reached: http or https, without user name and password."),
    invocation_url: Url.describe("Of a serverless node: where it is invoked."),
    team_id: Short,
    group_id: Short,
    deployment_type: z
      .enum(["long_running", "serverless"])
      .nullish()
      .transform((type) => type || "long_running"),
    reasoners: Functions.describe("Functions that think: at most 1,000 with the skills."),
    skills: Functions,
    tags: Tags,
    instance_id: InstanceId,
    lifecycle_status: z.unknown().optional().transform(lifecycleIn),
    traffic_weight: Weight.nullish().describe("Its share of the calls of this id. Default 100."),
    max_concurrent: z
      .number()
      .int()
      .min(1)
      .max(NODE_LIMITS.concurrent)
      .nullish()
      .describe("Most executions of its functions that run at once; the others wait. Default: no limit."),
    validate_input: z
      .boolean()
      .nullish()
      .describe(
        "Inputs are to be checked against the function's schema; a start that does not fit is refused. Default false.",
      ),
  })
  .superRefine((request, ctx) => {
    const { reasoners, skills } = request;
    const refuse = (message: string, path: string[]) =>
      ctx.addIssue({ code: "custom", message, path, params: { fault: "payload_too_large" } });
    if (reasoners.length + skills.length > NODE_LIMITS.functions)
      refuse(`and reasoners: at most ${NODE_LIMITS.functions} are taken together`, ["skills"]);
    const bytes = utf8Bytes(JSON.stringify(request));
    if (bytes > NODE_LIMITS.recordBytes)
      refuse(`has ${bytes} bytes, and at most ${NODE_LIMITS.recordBytes} (1 MiB) are taken for one registration`, []);
  });
type RegisterRequest = z.infer<typeof RegisterRequest>;

/** A word that is no lifecycle of ours is not heard: SDKs have more of them. */
function lifecycleIn(word: unknown): Lifecycle | undefined {
  const known = Lifecycle.safeParse(word);
  return known.success ? known.data : undefined;
}

/** A score that is none is not heard: a heartbeat counts all the same. */
function scoreIn(value: unknown): number | undefined {
  const score = z.number().int().min(0).max(100).safeParse(value);
  return score.success ? score.data : undefined;
}

function secondsIn(value: unknown): number {
  const seconds = z.number().int().min(1).max(3_600).safeParse(value);
  return seconds.success ? seconds.data : 5;
}

function functionOf({ id, description, tags, input_schema, output_schema, ...more }: z.infer<typeof FunctionRequest>) {
  const fn: NodeFunction = {
    ...{ id, description, tags, inputSchema: input_schema ?? null, outputSchema: output_schema ?? null },
    more: more as NodeFunction["more"],
  };
  return fn;
}

/** A function that was declared twice is the later one. */
function functionsOf(requests: readonly z.infer<typeof FunctionRequest>[]): NodeFunction[] {
  return [...new Map(requests.map((request) => [request.id, functionOf(request)])).values()];
}

/** `baseUrl`: what the caller found to be the node's address. */
export function registrationOf(request: RegisterRequest, baseUrl: string): Registration {
  const { id, version, team_id, group_id, deployment_type, reasoners, skills, tags, ...others } = request;
  const {
    base_url: _url,
    invocation_url,
    instance_id,
    lifecycle_status,
    traffic_weight,
    max_concurrent,
    validate_input,
    ...more
  } = others;
  const record: NodeRecord = {
    ...{ id, version, teamId: team_id, groupId: group_id, baseUrl, deployment: deployment_type },
    invocationUrl: invocation_url ?? null,
    reasoners: functionsOf(reasoners),
    skills: functionsOf(skills),
    tags,
    validateInput: validate_input ?? false,
    maxConcurrent: max_concurrent ?? null,
    more: more as NodeRecord["more"],
  };
  return { record, instanceId: instance_id, lifecycle: lifecycle_status, weight: traffic_weight ?? undefined };
}

export const RegisterServerlessRequest = z.object({
  invocation_url: z.string().max(2_048).describe("The node answers GET invocation_url/discover with what it offers."),
});

export const HeartbeatRequest = z.object({
  status: z.unknown().optional().transform(lifecycleIn).describe("starting, ready, degraded or offline."),
  version: z.string().max(256).nullish().catch(undefined),
  instance_id: InstanceId.catch(undefined),
  health_score: z.unknown().optional().transform(scoreIn).describe("0 to 100."),
  timestamp: z.unknown().optional(),
});

export const LeaseRequest = z.object({
  phase: Lifecycle.optional(),
  version: z.string().max(256).nullish(),
  health_score: z.number().int().min(0).max(100).nullish(),
  conditions: z.unknown().optional(),
});

export const LifecycleRequest = z.object({ lifecycle_status: Lifecycle });
export const ShutdownRequest = z.object({
  reason: z.string().max(2_000).nullish().catch(undefined),
  version: z.string().max(256).nullish().catch(undefined),
  expected_restart: z.unknown().optional(),
});
export const WeightRequest = z.object({ traffic_weight: Weight });
export const ActionAckRequest = z.object({
  action_id: z.string().min(1).max(256),
  status: z.string().min(1).max(256),
});
export const ClaimRequest = z.object({
  node_id: z.string().min(1).max(256),
  max_items: z.unknown().optional(),
  wait_seconds: z.unknown().optional().transform(secondsIn).describe("When it means to ask again."),
});
export const BulkStatusRequest = z.object({ node_ids: z.array(z.string().max(256)).max(NODE_LIMITS.bulk) });

/** `unknown` is a word of AgentField for nodes of which nothing was heard: here each is one of the others. */
export const HealthWord = z.enum([...Health.options, "unknown"]);

export const NodesQuery = z.object({
  limit: numberText(z.number().int().min(1).max(1_000)).default(1_000),
  cursor: z.string().max(2_048).optional().describe("next_cursor of the page before."),
  show_all: z.enum(["true", "false"]).optional().describe("true: inactive ones too."),
  health_status: HealthWord.optional().describe("Only these. Default: those that are not inactive."),
  team_id: Word.optional().describe("Only of this team."),
  group_id: Word.optional().describe("Only of this group."),
});
export type NodesQuery = z.infer<typeof NodesQuery>;
