import { executionsById, executionsOfRun, liveRuns, runDigests } from "./runs.ts";
import { firstOfRunsIn, firstOfSessions, lastOfSessions } from "./sessions.ts";

/** The queries over runs and sessions, bound to a database: what the operations call the run registry. */
export function runRegistry(database: D1Database) {
  return {
    ofRun: executionsOfRun.bind(null, database),
    byId: executionsById.bind(null, database),
    live: liveRuns.bind(null, database),
    digests: runDigests.bind(null, database),
    firstOfSessions: firstOfSessions.bind(null, database),
    lastOfSessions: lastOfSessions.bind(null, database),
    firstOfRuns: firstOfRunsIn.bind(null, database),
  };
}
