import type { ExecutionRow } from "../../registry/projection.ts";

/** Shards of a tenant's ledger: one Durable Object takes about 1,000 calls a second. */
const SHARDS = 4;

interface LedgerRpc {
  record(row: ExecutionRow): Promise<void>;
}

/** The way to the ledger of an execution: sharded by its id within its tenant. */
export function ledgerDoor(namespace: DurableObjectNamespace): (row: ExecutionRow) => Promise<void> {
  return async (row) => {
    const id = namespace.idFromName(`${row.tenant}:${shardOf(String(row.id))}`);
    await (namespace.get(id) as unknown as LedgerRpc).record(row);
  };
}

function shardOf(id: string): number {
  let sum = 0;
  for (const char of id) sum = (sum * 31 + char.charCodeAt(0)) >>> 0;
  return sum % SHARDS;
}
