/** Routes of agents with a manifest and of their skills. */
import { ENDPOINTS } from "../../contract/endpoints.ts";
import { DEFAULT_WAIT_S, RunHeaders, WaitQuery } from "../../contract/executions/requests.ts";
import { manifestAgentBody, manifestVersionBody } from "../../contract/manifests/agent-body.ts";
import { agentInfo, manifestProblemOf, skillBody } from "../../contract/manifests/bodies.ts";
import { PutManifestRequest, RunManifestRequest, ValidateManifestRequest } from "../../contract/manifests/requests.ts";
import { runResultBody, startedRunBody } from "../../contract/manifests/run-body.ts";
import { VersionsQuery } from "../../contract/plans/requests.ts";
import { NamesQuery } from "../../contract/query-values.ts";
import { iso } from "../../contract/wire.ts";
import { isTerminal } from "../../domain/execution/status.ts";
import type { Refusal, Result } from "../../domain/values/fault.ts";
import { FAULTS } from "../../domain/values/fault.ts";
import { parseStrictJson } from "../../domain/values/strict-json.ts";
import type { AgentRun } from "../../operations/manifests/agent-runs.ts";
import { route } from "../access/route.ts";
import { answerJson, answerRefusal } from "../answers/answer.ts";
import type { App, C } from "../requests/app.ts";
import { askedFrom, baseUrlOf } from "../requests/asked-from.ts";
import { readText } from "../requests/body.ts";
import { formOf, textsOf } from "../requests/multipart.ts";
import { idOf, parseBody, parseHeaders, parseQuery, parseValue } from "../requests/parse.ts";
import { nameExecution } from "../requests/request-id.ts";

export function manifestRoutes(app: App): void {
  route(app, ENDPOINTS.listSkills, listSkills);
  route(app, ENDPOINTS.validateManifest, validate);
  route(app, ENDPOINTS.runAgent, runAndWait);
  route(app, ENDPOINTS.runAgentAsync, (c) => run(c, 0));
  route(app, ENDPOINTS.getLatestRun, latestRun);
  route(app, ENDPOINTS.getAgentRun, readRun);
  route(app, ENDPOINTS.putAgent, put);
  route(app, ENDPOINTS.listAgentVersions, versions);
  route(app, ENDPOINTS.deleteAgent, remove);
}

async function put(c: C): Promise<Response> {
  const document = await sentManifest(c);
  if (!document.ok) return answerManifestRefusal(c, document);
  const asked = { agentId: agentIdOf(c), document: document.value };
  const stored = await c.get("services").manifests.put(c.get("caller"), asked);
  if (!stored.ok) return answerManifestRefusal(c, stored);
  const { agent, isNew, warnings } = stored.value;
  return answerJson(c, { ...manifestAgentBody(agent, agent.manifest), warnings }, { status: isNew ? 201 : 200 });
}

const YAML_TYPE = /^(application|text)\/(x-)?yaml$/;

/** The object, or the text of one in YAML. */
async function sentManifest(c: C): Promise<Result<unknown>> {
  const text = await readText(c, YAML_TYPE);
  if (!text.ok) return text;
  const isYaml = YAML_TYPE.test((c.req.header("content-type") ?? "").split(";")[0]?.trim().toLowerCase() ?? "");
  if (isYaml) return text;
  const json = parseStrictJson(text.value.trim() === "" ? "{}" : text.value);
  return json.ok ? parseValue(json.value, PutManifestRequest) : json;
}

async function versions(c: C): Promise<Response> {
  const query = parseQuery(c, VersionsQuery);
  if (!query.ok) return answerRefusal(c, query);
  const page = await c.get("services").storedManifests.versions(c.get("caller"), agentIdOf(c), query.value);
  if (!page.ok) return answerRefusal(c, page);
  return answerJson(c, { items: page.value.items.map(manifestVersionBody), next_cursor: page.value.nextCursor });
}

async function remove(c: C): Promise<Response> {
  const removed = await c.get("services").manifests.remove(c.get("caller"), agentIdOf(c));
  return removed.ok ? new Response(null, { status: 204 }) : answerRefusal(c, removed);
}

async function latestRun(c: C): Promise<Response> {
  const found = await c.get("services").agentRuns.latest(c.get("caller"), agentIdOf(c));
  return found.ok ? answerRun(c, found.value) : answerManifestRefusal(c, found);
}

async function readRun(c: C): Promise<Response> {
  const query = parseQuery(c, WaitQuery);
  if (!query.ok) return answerManifestRefusal(c, query);
  const asked = { agentId: agentIdOf(c), id: idOf(c), waitMs: (query.value.wait ?? 0) * 1_000 };
  const found = await c.get("services").agentRuns.one(c.get("caller"), asked);
  return found.ok ? answerRun(c, found.value) : answerManifestRefusal(c, found);
}

/** JSON as everywhere, or a form whose files are texts. */
async function sentRun(c: C): Promise<Result<RunManifestRequest>> {
  const form = await formOf(c, RUN_FORM);
  if (!form) return parseBody(c, RunManifestRequest);
  if (!form.ok) return form;
  const files = textsOf(form.value.parts);
  return files.ok ? parseValue({ ...form.value.fields, files: files.value }, RunManifestRequest) : files;
}

const RUN_FORM = {
  names: new Set(Object.keys(RunManifestRequest.shape)),
  plain: new Set(["manifest", "task_context", "version"]),
};

/** The envelope of a run that has ended, or of one that goes on. */
function answerRun(c: C, { view, isLogged }: AgentRun): Response {
  const { origin, status } = view.state;
  nameExecution(c, origin);
  const said = { atMs: Date.now(), baseUrl: baseUrlOf(c), isLogged };
  if (isTerminal(status)) return answerJson(c, runResultBody(view, said));
  const location = `/api/v1/executions/${origin.id}`;
  return answerJson(c, startedRunBody(view, said), { status: 202, headers: { location } });
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
  const checked = await c.get("services").manifests.validate(c.get("caller"), request.value);
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
  const request = await sentRun(c);
  if (!request.ok) return answerManifestRefusal(c, request);
  const asked = { agentId: agentIdOf(c), request: request.value, headers: headers.value, ...askedFrom(c), waitMs };
  const started = await c.get("services").manifests.run(c.get("caller"), asked);
  if (!started.ok) return answerManifestRefusal(c, started);
  return answerRun(c, { view: started.value, isLogged: request.value.save_log });
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
