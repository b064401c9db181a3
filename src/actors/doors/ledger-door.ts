import type { LedgerEntry } from "../../registry/ledger.ts";

/** Shards of a tenant's ledger: one Durable Object takes about 1,000 calls a second; fewer shards make fuller batches. */
const SHARDS = 2;

interface LedgerRpc {
  record(entry: LedgerEntry): Promise<void>;
  holds(tenant: string, executionId: string): Promise<boolean>;
}

/** Asks the projector whether it holds a row of this execution for the index. False when it cannot be reached. */
export function heldIn(namespace: DurableObjectNamespace): (tenant: string, executionId: string) => Promise<boolean> {
  return async (tenant, executionId) => {
    const id = namespace.idFromName(`${tenant}:${shardOf(executionId)}`);
    const ledger = namespace.get(id) as unknown as LedgerRpc;
    return ledger.holds(tenant, executionId).catch(() => false);
  };
}

/** The way to the ledger of an execution: sharded by its id within its tenant. */
export function ledgerDoor(namespace: DurableObjectNamespace): (entry: LedgerEntry) => Promise<void> {
  return async (entry) => {
    const { row, kind } = entry;
    const executionId = kind === "approval" ? row.execution_id : row.id;
    const id = namespace.idFromName(`${row.tenant}:${shardOf(String(executionId))}`);
    await (namespace.get(id) as unknown as LedgerRpc).record(entry);
  };
}

function shardOf(id: string): number {
  let sum = 0;
  for (const char of id) sum = (sum * 31 + char.charCodeAt(0)) >>> 0;
  return sum % SHARDS;
}

/** A hibernating socket to each shard of a tenant's ledger. */
export async function ledgerFeed(namespace: DurableObjectNamespace, tenant: string): Promise<WebSocket[]> {
  const shards = Array.from({ length: SHARDS }, (_, shard) =>
    namespace.get(namespace.idFromName(`${tenant}:${shard}`)),
  );
  const answers = await Promise.all(
    shards.map((stub) => stub.fetch("https://ledger/feed", { headers: { upgrade: "websocket" } })),
  );
  return answers.flatMap(({ webSocket }) => (webSocket ? [webSocket] : []));
}
