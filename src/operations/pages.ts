/** The pages of a list of executions, one after the other. */
import type { Cursor, ExecutionFilter, ExecutionSummary } from "../domain/read-models/summary.ts";
import type { Registry } from "./ports.ts";

/** Yields all that the filter finds, newest first. A page may be short, or empty, before the last: a rare filter passes over much. */
export async function* pagesOf(
  registry: Pick<Registry, "list">,
  filter: ExecutionFilter,
  limit: number,
): AsyncGenerator<readonly ExecutionSummary[], void> {
  let from: Cursor | undefined;
  do {
    const { rows, resumeAfter } = await registry.list(filter, { limit, from });
    yield rows;
    from = resumeAfter ?? (rows.length < limit ? undefined : rows.at(-1));
  } while (from);
}
