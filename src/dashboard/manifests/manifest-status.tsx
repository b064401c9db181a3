import type { AgentSummary } from "../../client/directory.ts";
import { Mark } from "../parts/mark.tsx";

const MARKS = {
  draft: { kind: "rest", words: "Draft" },
  active: { kind: "ok", words: "Active" },
  deprecated: { kind: "warn", words: "Deprecated" },
  archived: { kind: "rest", words: "Archived" },
} as const;

export function ManifestStatus({ status }: { readonly status: AgentSummary["status"] }) {
  return status === undefined ? null : <Mark {...MARKS[status]} />;
}
