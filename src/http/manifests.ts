/** Routes of agents with a manifest and of their skills. */
import { ENDPOINTS } from "../contract/endpoints.ts";
import { DEFAULT_WAIT_S, RunHeaders, WaitQuery } from "../contract/executions/requests.ts";
import { agentInfo, manifestProblemOf, skillBody } from "../contract/manifests/bodies.ts";
import { RunManifestRequest, ValidateManifestRequest } from "../contract/manifests/requests.ts";
import { runResultBody, startedRunBody } from "../contract/manifests/run-body.ts";
import { NamesQuery } from "../contract/query-values.ts";
import { iso } from "../contract/wire.ts";
import { isTerminal } from "../domain/execution/status.ts";
import type { Refusal } from "../domain/values/fault.ts";
import { FAULTS } from "../domain/values/fault.ts";
import { answerJson, answerRefusal } from "./answer.ts";
import type { App, C } from "./app.ts";
import { askedFrom, baseUrlOf } from "./asked-from.ts";
import { parseBody, parseHeaders, parseQuery } from "./parse.ts";
import { nameExecution } from "./request-id.ts";
import { route } from "./route.ts";

export function manifestRoutes(app: App): void {
  route(app, ENDPOINTS.listSkills, listSkills);
  route(app, ENDPOINTS.validateManifest, validate);
  route(app, ENDPOINTS.runAgent, runAndWait);
  route(app, ENDPOINTS.runAgentAsync, (c) => run(c, 0));
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
    skills_available: briefing.skills.map(({ inputSchema: _in, outputSchema: _out, ...skill }) => skill),
    missing_skills: briefing.missingSkills,
    missing_context: briefing.missingContext,
    warnings,
  };
  return answerJson(c, { ok: true, status: "success", timestamp, errors: [], details });
}

async function runAndWait(c: C): Promise<Response> {
  const query = parseQuery(c, WaitQuery);
  return query.ok ? run(c, (query.value.wait ?? DEFAULT_WAIT_S) * 1_000) : answerManifestRefusal(c, query);
}

async function run(c: C, waitMs: number): Promise<Response> {
  const headers = parseHeaders(c, RunHeaders);
  if (!headers.ok) return answerManifestRefusal(c, headers);
  const request = await parseBody(c, RunManifestRequest);
  if (!request.ok) return answerManifestRefusal(c, request);
  const asked = { agentId: agentIdOf(c), request: request.value, headers: headers.value, ...askedFrom(c), waitMs };
  const started = await c.get("services").manifests.run(c.get("caller"), asked);
  if (!started.ok) return answerManifestRefusal(c, started);
  const { state } = started.value;
  nameExecution(c, state.origin);
  const said = { atMs: Date.now(), baseUrl: baseUrlOf(c), isLogged: request.value.save_log };
  if (isTerminal(state.status)) return answerJson(c, runResultBody(started.value, said));
  const location = `/api/v1/executions/${state.origin.id}`;
  return answerJson(c, startedRunBody(started.value, said), { status: 202, headers: { location } });
}

const agentIdOf = (c: C): string => c.req.param("agent_id") ?? "";

/** In the envelope of runs, beside the fields of a problem. */
function answerManifestRefusal(c: C, refusal: Refusal): Response {
  const { code, errors } = refusal;
  c.set("refused", { code, field: errors?.[0]?.path });
  const agentId = agentIdOf(c);
  const about = agentId === "" ? {} : { agent_path: agentId.slice(0, 200) };
  const expected = code === "agent_not_found" ? { expected_path: `/api/v1/agents/${agentId.slice(0, 200)}` } : {};
  const said = { requestId: c.get("requestId"), about: { ...about, ...expected } };
  const body = manifestProblemOf(refusal, said);
  const { status, retryable } = FAULTS[code];
  const retry = retryable && (status === 503 || status === 429) ? { "retry-after": "1" } : {};
  return answerJson(c, body, { status, headers: { "content-type": "application/problem+json", ...retry } });
}
