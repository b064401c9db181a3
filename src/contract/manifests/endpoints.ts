/** The calls on agents that are declared by a manifest, and on the skills that they may use. */
import * as z from "zod";
import { BODY_BYTES } from "../body-limits.ts";
import { endpoint } from "../endpoint.ts";
import { answer, body, entry, read, start, V1 } from "../endpoint-parts.ts";
import { RunHeaders, WaitQuery } from "../executions/requests.ts";
import { VersionsQuery } from "../plans/requests.ts";
import { NamesQuery } from "../query-values.ts";
import { AgentBody } from "../replies.ts";
import { ManifestVersionList } from "./agent-body.ts";
import { SkillList, ValidManifestBody } from "./bodies.ts";
import { PutManifestRequest, RunManifestForm, RunManifestRequest, ValidateManifestRequest } from "./requests.ts";
import { RunResultBody, StartedRunBody } from "./run-body.ts";

const runs = {
  method: "POST",
  tag: "Manifests",
  scope: "execute",
  headers: RunHeaders,
  body: RunManifestRequest,
  bodyBytes: BODY_BYTES.value,
  form: RunManifestForm,
  formBytes: BODY_BYTES.value,
  faults: [...start, "invalid_manifest", "agent_not_found", "agent_not_active", "id_taken", "encryption_key_missing"],
} as const;

const AGENT = `${V1}/agents/{agent_id}`;
const StoredAgentBody = AgentBody.extend({ warnings: z.array(z.string()).describe("What is ignored, or missing.") });

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
    summary: "Run an agent with a manifest, stored or sent along: plan skills for the task, and run them",
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
  getLatestRun: endpoint({
    id: "getLatestRun",
    method: "GET",
    path: `${AGENT}/runs/latest`,
    tag: "Manifests",
    scope: "read",
    summary: "The newest run of an agent that has ended and keeps a log, as it was answered",
    answers: { 200: answer("It: `details` is its log", RunResultBody) },
    faults: read,
  }),
  getAgentRun: endpoint({
    id: "getAgentRun",
    method: "GET",
    path: `${AGENT}/runs/{id}`,
    tag: "Manifests",
    scope: "read",
    summary: "One run of an agent, as it was answered",
    query: WaitQuery,
    answers: {
      200: answer("It ended, well or not: see ok", RunResultBody),
      202: answer("Still going, or waiting for a person", StartedRunBody),
    },
    faults: [...read, "invalid_input", "too_many_waits"],
  }),
  putAgent: endpoint({
    id: "putAgent",
    method: "PUT",
    path: AGENT,
    tag: "Manifests",
    scope: "execute",
    summary: "Store a manifest as a version of its agent; of a version that is there only the status may change",
    body: PutManifestRequest,
    bodyBytes: BODY_BYTES.value,
    answers: {
      201: answer("Stored", StoredAgentBody),
      200: answer("This version is there already", StoredAgentBody),
    },
    faults: [
      ...entry,
      ...body,
      ...(["invalid_manifest", "id_taken", "version_taken", "manifests_full", "unavailable"] as const),
      "encryption_key_missing",
    ],
  }),
  listAgentVersions: endpoint({
    id: "listAgentVersions",
    method: "GET",
    path: `${AGENT}/versions`,
    tag: "Manifests",
    scope: "read",
    summary: "The versions of an agent with a manifest, newest first",
    query: VersionsQuery,
    answers: { 200: answer("A page", ManifestVersionList) },
    faults: [...entry, "agent_not_found", "invalid_input", "invalid_cursor"],
  }),
  deleteAgent: endpoint({
    id: "deleteAgent",
    method: "DELETE",
    path: AGENT,
    tag: "Manifests",
    scope: "execute",
    summary: "Remove an agent with all versions of its manifest; runs go on, and are kept",
    answers: { 204: answer("Removed", z.null()) },
    faults: [...entry, "agent_not_found", "agent_bundled"],
  }),
} as const;
