/** The calls on agents that are declared by a manifest, and on the skills that they may use. */
import { BODY_BYTES } from "../body-limits.ts";
import { endpoint } from "../endpoint.ts";
import { answer, body, entry, V1 } from "../endpoint-parts.ts";
import { NamesQuery } from "../query-values.ts";
import { SkillList, ValidManifestBody } from "./bodies.ts";
import { ValidateManifestRequest } from "./requests.ts";

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
} as const;
