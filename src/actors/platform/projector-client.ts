import type { IndexEntry } from "../../registry/index-writes.ts";
import { onNewStub } from "./new-stub.ts";

/** Shards of a tenant's projector: one Durable Object takes about 1,000 calls a second; fewer shards make fuller batches. */
const SHARDS = 2;

interface LedgerRpc {
  record(entry: IndexEntry): Promise<void>;
  holds(tenant: string, executionId: string): Promise<boolean>;
}

/** Asks the projector whether it holds a row of this execution for the index. True when it cannot be reached: then it may. */
export function heldIn(namespace: DurableObjectNamespace): (tenant: string, executionId: string) => Promise<boolean> {
  return async (tenant, executionId) => {
    const call = (ledger: LedgerRpc) => ledger.holds(tenant, executionId);
    return onNewStub({ stub: stubOf(namespace, tenant, shardOf(executionId)), call, repeatable: true }).catch(
      () => true,
    );
  };
}

/** The way to the projector of an execution: sharded by its id within its tenant. */
export function projectorClient(namespace: DurableObjectNamespace): (entry: IndexEntry) => Promise<void> {
  return async (entry) => {
    const { row, kind } = entry;
    const executionId = kind === "approval" ? row.execution_id : row.id;
    const stub = stubOf(namespace, String(row.tenant), shardOf(String(executionId)));
    await onNewStub({ stub, call: (ledger) => ledger.record(entry), repeatable: true });
  };
}

function stubOf(namespace: DurableObjectNamespace, tenant: string, shard: number) {
  const id = namespace.idFromName(`${tenant}:${shard}`);
  return () => namespace.get(id) as unknown as LedgerRpc & Pick<DurableObjectStub, "fetch">;
}

function shardOf(id: string): number {
  let sum = 0;
  for (const char of id) sum = (sum * 31 + char.charCodeAt(0)) >>> 0;
  return sum % SHARDS;
}

/** A hibernating socket to each shard of a tenant's projector. */
export async function ledgerFeed(namespace: DurableObjectNamespace, tenant: string): Promise<WebSocket[]> {
  const call = (ledger: Pick<DurableObjectStub, "fetch">) =>
    ledger.fetch("https://ledger/feed", { headers: { upgrade: "websocket" } });
  const shards = Array.from({ length: SHARDS }, (_, shard) => stubOf(namespace, tenant, shard));
  const answers = await Promise.all(shards.map((stub) => onNewStub({ stub, call, repeatable: true })));
  return answers.flatMap(({ webSocket }) => (webSocket ? [webSocket] : []));
}
