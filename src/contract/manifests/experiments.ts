/** Experiments: which versions of an agent or a node run, how often each, and what became of their runs. */
import * as z from "zod";
import { numberOf } from "../../domain/values/numbers.ts";
import { BODY_BYTES } from "../body-limits.ts";
import { endpoint } from "../endpoint.ts";
import { answer, body, entry, V1 } from "../endpoint-parts.ts";

const WEIGHT = 10_000;
const MOST_VERSIONS = 20;

export const ExperimentRequest = z.object({
  versions: z
    .array(
      z.object({
        version: z.string().min(1).max(128),
        weight: numberOf({ min: 0, max: WEIGHT, whole: true }).describe("Share of the runs, beside the others'."),
      }),
    )
    .min(1)
    .max(MOST_VERSIONS)
    .refine((all) => new Set(all.map(({ version }) => version)).size === all.length, "must name each version once")
    .refine((all) => all.some(({ weight }) => weight > 0), "must give one version a weight above 0 at least"),
});
export type ExperimentRequest = z.output<typeof ExperimentRequest>;

export const ExperimentBody = z.object({
  target: z.string(),
  since: z.iso.datetime().describe("Since when these weights are so."),
  updated_by: z.string(),
  runs_counted: z
    .number()
    .int()
    .describe(
      "The newest of its runs since then that were looked at; at most 1,000. All for who may divide them, else those of the caller.",
    ),
  versions: z.array(
    z.object({
      version: z.string(),
      weight: z.number().int(),
      n: z.number().int().describe("Its runs that have ended."),
      success: z.number().nullable().describe("Share of these that succeeded, from 0 to 1; null where there are none."),
      p50_ms: z.number().nullable().describe("Median of how long these took."),
      cost_usd: z.number().describe("What these cost together."),
    }),
  ),
});

const shared = { path: `${V1}/experiments/{target}`, tag: "Manifests" } as const;

export const EXPERIMENT_ENDPOINTS = {
  putExperiment: endpoint({
    ...shared,
    id: "putExperiment",
    method: "PUT",
    scope: "execute",
    summary: "Divide the runs of an agent with a manifest, or the calls of a node's function, among its versions",
    body: ExperimentRequest,
    bodyBytes: BODY_BYTES.small,
    answers: { 200: answer("It is so from the next run on", ExperimentBody) },
    faults: [...entry, ...body, "agent_not_found", "agent_not_active", "target_not_found"],
  }),
  getExperiment: endpoint({
    ...shared,
    id: "getExperiment",
    method: "GET",
    scope: "read",
    summary: "An experiment, with what became of the runs of each version",
    answers: { 200: answer("The experiment", ExperimentBody) },
    faults: [...entry, "agent_not_found", "target_not_found", "not_found"],
  }),
  deleteExperiment: endpoint({
    ...shared,
    id: "deleteExperiment",
    method: "DELETE",
    scope: "execute",
    summary: "End an experiment: the current version runs; of a node as its versions are weighed",
    answers: { 204: answer("Ended, or there was none", z.null()) },
    faults: [...entry, "agent_not_found", "target_not_found"],
  }),
} as const;
