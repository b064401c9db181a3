/** The calls on agents that are declared by a manifest, and on the skills that they may use. */
import { BODY_BYTES } from "../body-limits.ts";
import { endpoint } from "../endpoint.ts";
import { answer, body, entry, start, V1 } from "../endpoint-parts.ts";
import { RunHeaders, WaitQuery } from "../executions/requests.ts";
import { NamesQuery } from "../query-values.ts";
import { SkillList, ValidManifestBody } from "./bodies.ts";
import { RunManifestRequest, ValidateManifestRequest } from "./requests.ts";
import { RunResultBody, StartedRunBody } from "./run-body.ts";

const runs = {
  method: "POST",
  tag: "Manifests",
  scope: "execute",
  headers: RunHeaders,
  body: RunManifestRequest,
  bodyBytes: BODY_BYTES.value,
  faults: [...start, "invalid_manifest", "agent_not_found", "agent_not_active", "id_taken"],
} as const;

export const MANIFEST_ENDPOINTS = {
  listSkills: endpoint({
    id: "listSkills",
    method: "GET",
    path: `${V1}/skills`,
    tag: "Manifests",
    scope: "read",
    summary: "Skills that agents with a manifest may use",
    query: NamesQuery,
    answers: { 200: answer("A page, of at most about 1 MiB", SkillList) },
    faults: [...entry, "invalid_input", "invalid_cursor"],
  }),
  validateManifest: endpoint({
    id: "validateManifest",
    method: "POST",
    path: `${V1}/agents/validate`,
    tag: "Manifests",
    scope: "execute",
    summary: "Say everything that is wrong with a manifest, or what its model would be told; store and run nothing",
    body: ValidateManifestRequest,
    bodyBytes: BODY_BYTES.value,
    answers: { 200: answer("It fits", ValidManifestBody) },
    faults: [...entry, ...body, "invalid_manifest"],
  }),
  runAgent: endpoint({
    ...runs,
    id: "runAgent",
    path: `${V1}/agents/{agent_id}/run`,
    summary: "Run an agent with a manifest: plan skills for the task, and run them",
    query: WaitQuery,
    answers: {
      200: answer("It ended, well or not: see ok", RunResultBody),
      202: answer("Still going, or waiting for a person", StartedRunBody),
    },
  }),
  runAgentAsync: endpoint({
    ...runs,
    id: "runAgentAsync",
    path: `${V1}/agents/{agent_id}/run/async`,
    summary: "The same, answered as soon as it is stored",
    answers: { 202: answer("Accepted", StartedRunBody) },
  }),
} as const;
