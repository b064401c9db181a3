import type { ExecutionFilter, ExecutionSummary, Listing, ListPage, ListScope } from "../domain/read-models/summary.ts";
import type { ReadableRegistries } from "./databases/read-replicas.ts";
import { readIn } from "./databases/read-replicas.ts";
import { changedExecutions } from "./lists/executions.ts";
import { listExecutions } from "./lists/listing.ts";
import { executionsById, executionsOfRun, liveRuns, runDigests } from "./lists/runs.ts";
import { firstOfRunsIn, firstOfSessions, lastOfSessions } from "./lists/sessions.ts";
import type { TextSealer } from "./projection/sealed-rows.ts";
import { openSummary } from "./projection/sealed-rows.ts";

/** Which database has a tenant's rows. */
export interface DatabaseOf {
  of(tenant: string): Promise<D1Database>;
}

/** The same query in the database of the tenant that it asks about. */
function within<Asked extends readonly [ListScope, ...unknown[]], Found>(
  registries: ReadableRegistries,
  query: (database: D1Database, ...asked: Asked) => Promise<Found>,
): (...asked: Asked) => Promise<Found> {
  return (...asked) => readIn(registries, asked[0], (database) => query(database, ...asked));
}

/** The queries over runs and sessions, bound to the databases: what the operations call the run registry. */
export function runRegistry(registries: ReadableRegistries, sealer: TextSealer) {
  const { rows, listing } = openers(sealer);
  const [ofRun, byId] = [within(registries, executionsOfRun), within(registries, executionsById)];
  const [first, last] = [within(registries, firstOfSessions), within(registries, lastOfSessions)];
  const firstOfRuns = within(registries, firstOfRunsIn);
  return {
    ofRun: (...asked: Parameters<typeof ofRun>) => rows(ofRun(...asked)),
    byId: (...asked: Parameters<typeof byId>) => rows(byId(...asked)),
    live: within(registries, liveRuns),
    digests: within(registries, runDigests),
    firstOfSessions: (...asked: Parameters<typeof first>) => listing(first(...asked)),
    lastOfSessions: (...asked: Parameters<typeof last>) => rows(last(...asked)),
    firstOfRuns: (...asked: Parameters<typeof firstOfRuns>) => listing(firstOfRuns(...asked)),
  };
}

/** The index of executions, bound to the databases. */
export function executionRegistry(registries: ReadableRegistries, sealer: TextSealer) {
  const { rows, listing } = openers(sealer);
  const changed = within(registries, changedExecutions);
  return {
    list: (filter: ExecutionFilter, page: ListPage) => {
      const reading = { tenant: filter.tenant, session: page.session };
      return readIn(registries, reading, (database) => listing(listExecutions({ database, sealer }, filter, page)));
    },
    changedSince: (whose: ListScope, version: number) => rows(changed(whose, version)),
  };
}

function openers(sealer: TextSealer) {
  const open = (row: ExecutionSummary) => openSummary(row, sealer);
  return {
    rows: async (found: Promise<readonly ExecutionSummary[]>) => (await found).map(open),
    listing: async (found: Promise<Listing>): Promise<Listing> => {
      const { rows, resumeAfter } = await found;
      return { rows: rows.map(open), resumeAfter };
    },
  };
}
