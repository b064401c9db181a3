/** Refusals that only agents with a manifest know; a part of the table `FAULTS`. */
import { row } from "../values/fault-row.ts";

export const MANIFEST_FAULTS = {
  invalid_manifest: row(400, "The manifest does not fit", "Correct what is named; docs/manifests.md has every field."),
  agent_not_found: row(
    404,
    "There is no such agent",
    "Send its manifest with the run, as `manifest`; GET /api/v1/agents lists the agents of the code.",
  ),
  agent_not_active: row(409, "The agent does not run", "Set the status of its manifest to active, and run it again."),
} as const;
