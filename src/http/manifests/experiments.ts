/** Routes of experiments: bodies in, operations, bodies out. */
import type { z } from "zod";
import { ENDPOINTS } from "../../contract/endpoints.ts";
import type { ExperimentBody } from "../../contract/manifests/experiments.ts";
import { ExperimentRequest } from "../../contract/manifests/experiments.ts";
import { iso } from "../../contract/wire.ts";
import type { Result } from "../../domain/values/fault.ts";
import type { ReadExperiment } from "../../operations/manifests/experiments.ts";
import { route } from "../access/route.ts";
import { answerJson, answerRefusal } from "../answers/answer.ts";
import type { App, C } from "../requests/app.ts";
import { parseBody } from "../requests/parse.ts";

export function experimentRoutes(app: App): void {
  route(app, ENDPOINTS.putExperiment, async (c) => {
    const request = await parseBody(c, ExperimentRequest);
    if (!request.ok) return answerRefusal(c, request);
    const asked = { target: targetOf(c), request: request.value };
    return answerExperiment(c, await c.get("services").experiments.put(c.get("caller"), asked));
  });
  route(app, ENDPOINTS.getExperiment, async (c) =>
    answerExperiment(c, await c.get("services").experiments.get(c.get("caller"), targetOf(c))),
  );
  route(app, ENDPOINTS.deleteExperiment, async (c) => {
    const removed = await c.get("services").experiments.remove(c.get("caller"), targetOf(c));
    return removed.ok ? new Response(null, { status: 204 }) : answerRefusal(c, removed);
  });
}

const targetOf = (c: C): string => c.req.param("target") ?? "";

function answerExperiment(c: C, found: Result<ReadExperiment>): Response {
  if (!found.ok) return answerRefusal(c, found);
  const { experiment, outcomes, counted } = found.value;
  const body: z.infer<typeof ExperimentBody> = {
    target: experiment.target,
    since: iso(experiment.sinceMs),
    updated_by: experiment.updatedBy,
    runs_counted: counted,
    versions: outcomes.map(({ version, weight, n, success, p50Ms, costUsd }) => ({
      ...{ version, weight, n },
      success: success ?? null,
      p50_ms: p50Ms ?? null,
      cost_usd: costUsd,
    })),
  };
  return answerJson(c, body);
}
