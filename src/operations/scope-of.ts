import type { Caller } from "../domain/caller.ts";
import type { ListScope } from "../domain/summary.ts";

/** What of the index is the caller's: the whole tenant for an administrator, else its own executions. */
export function scopeOf({ tenant, subject, scopes }: Caller): ListScope {
  return scopes.includes("admin") ? { tenant } : { tenant, owner: subject };
}
