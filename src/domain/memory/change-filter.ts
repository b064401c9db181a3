import type { MemoryChange } from "./change.ts";
import type { ChangeFilter } from "./entry.ts";
import { anyGlob } from "./glob.ts";

/** Whether a reader wants this change, and may see it. */
export function changeMatcher({ scope, scopeId, patterns, owner }: ChangeFilter): (change: MemoryChange) => boolean {
  const fits = anyGlob(patterns);
  return (change) =>
    (scope === undefined || change.scope === scope) &&
    (scopeId === undefined || change.scopeId === scopeId) &&
    (owner === undefined || change.scope === "global" || change.owner === owner) &&
    fits(change.key);
}
