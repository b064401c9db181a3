/**
 * How a run is answered: what the program tells of it, and what the execution knows beside (tokens, cost, times). A run that
 * failed tells the same in the details of its error.
 */
import * as z from "zod";
import type { ExecutionView } from "../../domain/read-models/view.ts";
import { Usage, usageBody } from "../usage.ts";
import { iso } from "../wire.ts";
import { BriefingBody, envelope } from "./bodies.ts";

const Plan = z.object({
  analysis: z.string(),
  skills_to_invoke: z.array(
    z.object({
      skill: z.string(),
      purpose: z.string(),
      inputs: z.record(z.string(), z.unknown()),
      order: z.number().int(),
    }),
  ),
  reasoning: z.string(),
});

const Ran = z.object({
  skill: z.string(),
  purpose: z.string(),
  status: z.enum(["success", "failed", "skipped", "simulated"]),
  timestamp: z.iso.datetime(),
  output: z.unknown().optional().describe("The skill's own."),
  error: z.string().optional().describe("Why it failed or was skipped."),
});

const Summary = z.object({
  skills_planned: z.number().int(),
  skills_executed: z.number().int(),
  skills_failed: z.number().int(),
  skills_skipped: z.number().int(),
  success: z.boolean(),
});

/** As the program tells it. */
const Told = BriefingBody.omit({ timestamp: true }).extend({
  claude_response: Plan.nullable().describe("The plan; of an iterative run all of its plans as one."),
  turns: z
    .array(Plan.extend({ turn: z.number().int() }))
    .optional()
    .describe("Of an iterative run: each plan."),
  execution_results: z.array(Ran),
  summary: Summary,
});

const ids = { execution_id: z.string(), run_id: z.string() };

export const RunResultBody = z.object({
  ...envelope,
  status: z.enum(["success", "failed"]),
  ...ids,
  details: Told.extend({
    timestamp: z.iso.datetime(),
    summary: Summary.extend({ duration_ms: z.number(), usage: Usage }),
    simulated: z
      .boolean()
      .optional()
      .describe("true: the plan is that of the scripted model, which calls no provider."),
    log_path: z.string().optional(),
  })
    .partial()
    .extend({
      error: z
        .object({ type: z.literal("ErrandError"), message: z.string(), details: z.object({ code: z.string() }) })
        .optional(),
    }),
});

export const StartedRunBody = z.object({
  ...envelope,
  ...ids,
  details: z.object({ execution: z.string().describe("Where to look.") }),
});

interface Said {
  readonly atMs: number;
  readonly baseUrl: string;
  /** False: the answer names no log. */
  readonly isLogged: boolean;
}

export function runResultBody(view: ExecutionView, { atMs, baseUrl, isLogged }: Said): z.infer<typeof RunResultBody> {
  const { state, output, error } = view;
  const { id, runId, agent } = state.origin;
  const told = Told.safeParse(error ? error.details : output).data;
  const failed =
    error ??
    (state.status === "succeeded" ? undefined : { code: state.status, message: `the run ended as ${state.status}` });
  const began = state.startedAtMs ?? state.createdAtMs;
  const measured = { duration_ms: (state.finishedAtMs ?? atMs) - began, usage: usageBody(state.spent) };
  return {
    ok: failed === undefined,
    status: failed === undefined ? "success" : "failed",
    timestamp: iso(atMs),
    errors: failed === undefined ? [] : [failed.message],
    execution_id: id,
    run_id: runId,
    details: {
      timestamp: iso(began),
      ...(told === undefined ? {} : { ...told, summary: { ...told.summary, ...measured } }),
      ...(state.simulated ? { simulated: true } : {}),
      ...(isLogged ? { log_path: `${baseUrl}/api/v1/agents/${agent}/runs/${id}` } : {}),
      ...(failed === undefined
        ? {}
        : { error: { type: "ErrandError", message: failed.message, details: { code: failed.code } } }),
    },
  };
}

export function startedRunBody({ state }: ExecutionView, { atMs, baseUrl }: Said): z.infer<typeof StartedRunBody> {
  const { id, runId } = state.origin;
  return {
    ok: true,
    status: state.status,
    timestamp: iso(atMs),
    errors: [],
    execution_id: id,
    run_id: runId,
    details: { execution: `${baseUrl}/api/v1/executions/${id}` },
  };
}
