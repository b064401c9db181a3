import type { ExecutionFilter, ExecutionSummary, Listing, ListPage, ListScope } from "../domain/summary.ts";
import { changedExecutions } from "./executions.ts";
import { listExecutions } from "./listing.ts";
import { executionsById, executionsOfRun, liveRuns, runDigests } from "./runs.ts";
import type { TextSealer } from "./sealed-rows.ts";
import { openSummary } from "./sealed-rows.ts";
import { firstOfRunsIn, firstOfSessions, lastOfSessions } from "./sessions.ts";

type Rest<F> = F extends (database: D1Database, ...rest: infer R) => unknown ? R : never;

/** The queries over runs and sessions, bound to a database: what the operations call the run registry. */
export function runRegistry(database: D1Database, sealer: TextSealer) {
  const { rows, listing } = openers(sealer);
  return {
    ofRun: (...asked: Rest<typeof executionsOfRun>) => rows(executionsOfRun(database, ...asked)),
    byId: (...asked: Rest<typeof executionsById>) => rows(executionsById(database, ...asked)),
    live: liveRuns.bind(null, database),
    digests: runDigests.bind(null, database),
    firstOfSessions: (...asked: Rest<typeof firstOfSessions>) => listing(firstOfSessions(database, ...asked)),
    lastOfSessions: (...asked: Rest<typeof lastOfSessions>) => rows(lastOfSessions(database, ...asked)),
    firstOfRuns: (...asked: Rest<typeof firstOfRunsIn>) => listing(firstOfRunsIn(database, ...asked)),
  };
}

/** The index of executions, bound to a database. */
export function executionRegistry(database: D1Database, sealer: TextSealer) {
  const { rows, listing } = openers(sealer);
  return {
    list: (filter: ExecutionFilter, page: ListPage) => listing(listExecutions({ database, sealer }, filter, page)),
    changedSince: (whose: ListScope, version: number) => rows(changedExecutions(database, whose, version)),
  };
}

function openers(sealer: TextSealer) {
  const open = (row: ExecutionSummary) => openSummary(row, sealer);
  return {
    rows: async (found: Promise<readonly ExecutionSummary[]>) => (await found).map(open),
    listing: async (found: Promise<Listing>): Promise<Listing> => {
      const { rows, stoppedAt } = await found;
      return { rows: rows.map(open), stoppedAt };
    },
  };
}
