/**
 * What runs and checks of manifests answer: one envelope, whether it went well or not. A refusal is a problem as everywhere,
 * with the envelope's fields beside, which win where both have one of the name (`status`, `errors`).
 */
import * as z from "zod";
import type { Manifest } from "../../domain/manifest/manifest.ts";
import { manifestSentences, missingFields } from "../../domain/manifest/manifest-faults.ts";
import type { Refusal } from "../../domain/values/fault.ts";
import { FAULTS } from "../../domain/values/fault.ts";
import type { Json } from "../../domain/values/json.ts";
import { Problem, problemOf } from "../problem.ts";

const AgentInfo = z.object({
  name: z.string(),
  version: z.string(),
  description: z.string(),
  reasoning_mode: z.enum(["iterative", "oneshot"]),
  status: z.enum(["draft", "active", "deprecated", "archived"]),
});

const SkillInfo = z.object({
  name: z.string(),
  description: z.string(),
  status: z.enum(["active", "deprecated"]),
  version: z.string(),
});

/** What a run begins with. */
export const BriefingBody = z.object({
  timestamp: z.iso.datetime(),
  agent: AgentInfo,
  task_context: z.string().nullable(),
  prompt: z.string().describe("All that the model is told at first."),
  prompt_hash: z.string(),
  skills_available: z.array(SkillInfo),
  missing_skills: z.array(z.string()).describe("Named by the manifest, and not registered."),
  missing_context: z.array(z.string()).describe("Of `context_requirements`: what was not given."),
  warnings: z.array(z.string()),
});

export const envelope = {
  ok: z.boolean(),
  status: z.string(),
  timestamp: z.iso.datetime(),
  errors: z.array(z.string()),
};

export const ValidManifestBody = z.object({ ...envelope, details: BriefingBody });

/** What is refused before anything runs. */
export const ManifestProblem = Problem.omit({ errors: true }).extend({
  ok: z.literal(false),
  status: z.literal("failed"),
  errors: z.array(z.string()),
  details: z.object({
    error: z.object({
      type: z.literal("ErrandError"),
      message: z.string(),
      details: z.object({
        agent_path: z.string().optional().describe("The name that was asked for."),
        expected_path: z.string().optional().describe("Where it was looked for."),
        missing_fields: z.array(z.string()).optional().describe("Required fields that are not there."),
        fields: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
        suggestion: z.string(),
      }),
    }),
  }),
});

export function agentInfo({ name, version, description, reasoning_mode, status }: Manifest): z.infer<typeof AgentInfo> {
  return { name, version, description, reasoning_mode, status };
}

/** A refusal in the envelope. `about` says which agent was meant. */
export function manifestProblemOf(
  refusal: Refusal,
  { requestId, about = {} }: { readonly requestId: string; readonly about?: object },
): z.infer<typeof ManifestProblem> {
  const { errors: fields, ...problem } = problemOf(refusal, requestId);
  const isManifest = refusal.code === "invalid_manifest";
  const sentences = isManifest ? manifestSentences(refusal.errors ?? []) : [refusal.detail];
  const missing = isManifest ? missingFields(refusal.errors) : [];
  const details = {
    ...about,
    ...(missing.length > 0 ? { missing_fields: missing } : {}),
    ...(fields ? { fields } : {}),
    suggestion: FAULTS[refusal.code].next,
  };
  const error = {
    type: "ErrandError" as const,
    message: sentences.slice(0, MOST).join("; ").slice(0, LONGEST),
    details,
  };
  return {
    ...problem,
    ok: false,
    status: "failed",
    errors: sentences.slice(0, MOST).map((text) => text.slice(0, LONGEST)),
    details: { error },
  };
}

const MOST = 50;
const LONGEST = 1_000;

export const SkillList = z.object({
  items: z.array(
    z.object({
      name: z.string(),
      description: z.string(),
      version: z.string(),
      status: z
        .enum(["draft", "active", "deprecated"])
        .describe("draft: counts as missing. deprecated: runs and warns."),
      idempotent: z.boolean().describe("true: an interrupted run is repeated without asking a person."),
      input_schema: z.unknown().optional().describe("JSON Schema of its inputs."),
      output_schema: z.unknown().optional(),
    }),
  ),
  next_cursor: z.string().nullable(),
});

/** As `GET /api/v1/skills` lists it. */
export function skillBody(skill: {
  readonly name: string;
  readonly description: string;
  readonly version: string;
  readonly status: "draft" | "active" | "deprecated";
  readonly options: { readonly idempotent?: boolean };
  readonly inputSchema: Json | undefined;
  readonly outputSchema: Json | undefined;
}) {
  const { name, description, version, status, options, inputSchema, outputSchema } = skill;
  return {
    ...{ name, description, version, status },
    idempotent: options.idempotent === true,
    ...(inputSchema === undefined ? {} : { input_schema: inputSchema }),
    ...(outputSchema === undefined ? {} : { output_schema: outputSchema }),
  };
}
