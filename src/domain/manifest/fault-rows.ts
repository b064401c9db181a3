/** Refusals that only agents with a manifest know; a part of the table `FAULTS`. */
import { row } from "../values/fault-row.ts";

export const MANIFEST_FAULTS = {
  invalid_manifest: row(400, "The manifest does not fit", "Correct what is named; docs/manifests.md has every field."),
  agent_not_found: row(
    404,
    "There is no such agent",
    "GET /api/v1/agents lists those that there are; or send its manifest with the run, as `manifest`.",
  ),
  agent_not_active: row(409, "The agent does not run", "Set the status of its manifest to active, and run it again."),
  agent_bundled: row(
    409,
    "The agent is part of the code",
    "Take it out of the lists that createErrand is given, and deploy.",
  ),
  version_taken: row(
    409,
    "The version is stored with another content",
    "Raise the version of the manifest, and store it again.",
  ),
  manifests_full: row(
    413,
    "The manifests have no room left",
    "Delete agents that are needed no longer (DELETE /api/v1/agents/{agent_id}); an operator may raise the named setting.",
  ),
} as const;
