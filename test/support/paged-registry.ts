/** The list of executions out of the memory of a test: newest first, page by page. */
import type { ExecutionFilter, Listing, ListPage } from "../../src/domain/read-models/summary.ts";
import { ExecutionSummary } from "../../src/domain/read-models/summary.ts";

export function rowOf(id: string, createdAtMs: number, parentId: string | null = null): ExecutionSummary {
  return ExecutionSummary.parse({
    ...{ tenant: "t", id, owner: "olga", seq: 1, agent: "a", fn: "f", kind: "reasoner", status: "running" },
    ...{ reason: null, runId: "r", parentId, sessionId: null, actorId: null, createdAtMs, updatedAtMs: createdAtMs },
    ...{ startedAtMs: null, finishedAtMs: null, errorCode: null, errorMessage: null, turns: 0, tokens: 0, costUsd: 0 },
  });
}

/** `rows` are newest first; what is asked of them is kept. */
export function pagedRegistry(rows: readonly ExecutionSummary[]) {
  const asked: ExecutionFilter[] = [];
  const list = async (filter: ExecutionFilter, { limit, from }: ListPage): Promise<Listing> => {
    asked.push(filter);
    const begin = from === undefined ? 0 : rows.findIndex(({ id }) => id === from.id) + 1;
    return { rows: rows.slice(begin, begin + limit), resumeAfter: undefined };
  };
  return { list, asked };
}
