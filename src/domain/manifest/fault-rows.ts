/** Refusals that only agents with a manifest know; a part of the table `FAULTS`. */
import { row } from "../values/fault-row.ts";

export const MANIFEST_FAULTS = {
  invalid_manifest: row(400, "The manifest does not fit", "Correct what is named; docs/manifests.md has every field."),
} as const;
