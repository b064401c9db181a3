import { runInDurableObject } from "cloudflare:test";

/** Messages that an execution still owes the index, its parent or its children. The table comes with the first one. */
export function owed(stub: DurableObjectStub): Promise<number> {
  return runInDurableObject(stub, (_, { storage: { sql } }) => {
    const made = sql.exec("SELECT name FROM sqlite_master WHERE type = 'table' AND name = 'outbox'").toArray();
    return made.length === 0 ? 0 : sql.exec<{ n: number }>("SELECT count(*) AS n FROM outbox").one().n;
  });
}
