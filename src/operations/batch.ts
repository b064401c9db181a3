import type { BatchEntry, BatchRequest } from "../contract/batch.ts";
import { indexedBody } from "../contract/batch.ts";
import { executionBody } from "../contract/execution-body.ts";
import { rowFor } from "../contract/lists.ts";
import type { Caller } from "../domain/caller.ts";
import { FAULTS } from "../domain/fault.ts";
import { isTerminal } from "../domain/status.ts";
import { mapBounded } from "./bounded.ts";
import type { ExecutionDoor, RunRegistry } from "./ports.ts";
import { scopeOf } from "./scope-of.ts";

/**
 * Many executions at once. With results every execution is asked itself, because the index has none; without, the index
 * answers for those that ended, and only the others are asked.
 */
export async function batchStatus(
  { door, registry }: { readonly door: ExecutionDoor; readonly registry: RunRegistry },
  caller: Caller,
  { execution_ids, include_result }: BatchRequest,
): Promise<Map<string, BatchEntry>> {
  const ids = [...new Set(execution_ids)];
  // Where the index does not answer, every execution is asked itself.
  const rows = include_result || ids.length === 0 ? [] : await registry.byId(scopeOf(caller), ids).catch(() => []);
  const answers = new Map<string, BatchEntry>(ids.map((id) => [id, { status: "not_found" }]));
  const ended = rows.filter(({ status }) => isTerminal(status));
  for (const row of ended) answers.set(row.id, indexedBody(rowFor(caller, row)));
  const known = new Set(ended.map(({ id }) => id));
  const asked = await mapBounded(
    ids.filter((id) => !known.has(id)),
    async (id) => {
      const view = await door.view(caller, id);
      if (view.ok) answers.set(id, executionBody(view.value));
      return !view.ok && FAULTS[view.code].retryable ? [id] : [];
    },
  );
  // One that cannot be asked now is not unknown: what the index has of it is answered.
  const away = asked.flat();
  const left = away.length === 0 ? [] : await registry.byId(scopeOf(caller), away).catch(() => []);
  for (const row of left) answers.set(row.id, indexedBody(rowFor(caller, row)));
  return answers;
}
