import type { Principal } from "../domain/execution/principal.ts";
import type { ListScope } from "../domain/read-models/summary.ts";

/** What of the index is the caller's: the whole tenant for an administrator, else its own executions. */
export function visibleTo({ tenant, subject, scopes }: Principal): ListScope {
  return scopes.includes("admin") ? { tenant } : { tenant, owner: subject };
}
