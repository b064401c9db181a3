/** Routes of agents with a manifest and of their skills. */
import { ENDPOINTS } from "../contract/endpoints.ts";
import { agentInfo, manifestProblemOf, skillBody } from "../contract/manifests/bodies.ts";
import { ValidateManifestRequest } from "../contract/manifests/requests.ts";
import { NamesQuery } from "../contract/query-values.ts";
import { iso } from "../contract/wire.ts";
import type { Refusal } from "../domain/values/fault.ts";
import { FAULTS } from "../domain/values/fault.ts";
import { answerJson, answerRefusal } from "./answer.ts";
import type { App, C } from "./app.ts";
import { parseBody, parseQuery } from "./parse.ts";
import { route } from "./route.ts";

export function manifestRoutes(app: App): void {
  route(app, ENDPOINTS.listSkills, listSkills);
  route(app, ENDPOINTS.validateManifest, validate);
}

function listSkills(c: C): Response {
  const query = parseQuery(c, NamesQuery);
  if (!query.ok) return answerRefusal(c, query);
  const page = c.get("services").manifests.skills(query.value);
  if (!page.ok) return answerRefusal(c, page);
  return answerJson(c, { items: page.value.items.map(skillBody), next_cursor: page.value.nextCursor });
}

async function validate(c: C): Promise<Response> {
  const request = await parseBody(c, ValidateManifestRequest);
  if (!request.ok) return answerManifestRefusal(c, request);
  const checked = c.get("services").manifests.validate(request.value);
  if (!checked.ok) return answerManifestRefusal(c, checked);
  const { manifest, briefing, promptHash, warnings } = checked.value;
  const timestamp = iso(Date.now());
  const details = {
    timestamp,
    agent: agentInfo(manifest),
    task_context: request.value.task_context ?? null,
    prompt: briefing.prompt.whole,
    prompt_hash: promptHash,
    skills_available: briefing.skills.map(({ inputSchema: _shown, ...skill }) => skill),
    missing_skills: briefing.missingSkills,
    missing_context: briefing.missingContext,
    warnings,
  };
  return answerJson(c, { ok: true, status: "success", timestamp, errors: [], details });
}

/** In the envelope of runs, beside the fields of a problem. */
function answerManifestRefusal(c: C, refusal: Refusal): Response {
  const { code, errors } = refusal;
  c.set("refused", { code, field: errors?.[0]?.path });
  const body = manifestProblemOf(refusal, { requestId: c.get("requestId"), atMs: Date.now() });
  return answerJson(c, body, {
    status: FAULTS[code].status,
    headers: { "content-type": "application/problem+json" },
  });
}
