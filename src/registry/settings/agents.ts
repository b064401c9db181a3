/** The agents of the running code, with the times since when they are as they are. */
import { drizzle } from "drizzle-orm/d1";
import * as z from "zod";
import type { AgentRecord, ServedAgent } from "../../domain/read-models/agent-record.ts";
import { agents } from "../schema/schema.ts";

const Row = z.object({
  id: z.string(),
  version: z.string(),
  functions: z.string(),
  createdAtMs: z.number(),
  updatedAtMs: z.number(),
  retiredAtMs: z.number().nullable(),
});

/** ?1: the agents in the code as JSON, ?2: now. An agent that is not among them retires; a row that says the same stays. */
const RECORD = `INSERT INTO agents (id, kind, version, functions, created_at_ms, updated_at_ms, retired_at_ms)
SELECT value ->> 'id', 'local', value ->> 'version', value ->> 'functions', ?2, ?2, NULL FROM json_each(?1)
UNION ALL
SELECT id, kind, version, functions, created_at_ms, updated_at_ms, ?2 FROM agents
WHERE kind = 'local' AND retired_at_ms IS NULL AND id NOT IN (SELECT value ->> 'id' FROM json_each(?1))
ON CONFLICT (id) DO UPDATE SET version = excluded.version, functions = excluded.functions,
  updated_at_ms = excluded.updated_at_ms, retired_at_ms = excluded.retired_at_ms
WHERE agents.version <> excluded.version OR agents.functions <> excluded.functions
  OR agents.retired_at_ms IS NOT excluded.retired_at_ms`;

/** One statement: a reader sees all of the code's agents or those of before. */
async function recordAgents(database: D1Database, served: readonly ServedAgent[], atMs: number): Promise<void> {
  await database.prepare(RECORD).bind(JSON.stringify(served), atMs).run();
}

async function agentRecords(database: D1Database): Promise<AgentRecord[]> {
  const rows = await drizzle(database).select().from(agents);
  return rows.map((row) => Row.parse(row));
}

export function agentRegistry(database: D1Database) {
  return {
    record: (served: readonly ServedAgent[], atMs: number) => recordAgents(database, served, atMs),
    records: () => agentRecords(database),
  };
}
