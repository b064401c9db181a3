import type { LedgerEntry } from "../../registry/ledger.ts";
import { SharedBatches } from "../parts/shared-batches.ts";
import { onNewStub } from "./new-stub.ts";

/** Shards of a tenant's ledger: one Durable Object takes about 1,000 calls a second; fewer shards make fuller batches. */
const SHARDS = 2;

interface LedgerRpc {
  recordAll(entries: readonly LedgerEntry[]): Promise<readonly (string | null)[]>;
  holds(tenant: string, executionId: string): Promise<boolean>;
}

/** Asks the projector whether it holds a row of this execution for the index. False when it cannot be reached. */
export function heldIn(namespace: DurableObjectNamespace): (tenant: string, executionId: string) => Promise<boolean> {
  return async (tenant, executionId) => {
    const call = (ledger: LedgerRpc) => ledger.holds(tenant, executionId);
    return onNewStub({ stub: stubOf(namespace, tenant, shardOf(executionId)), call, repeatable: true }).catch(
      () => false,
    );
  };
}

/** Far below the second within which lists are fresh; the projector keeps a batch open for longer. */
const WINDOW_MS = 20;
const MOST_ENTRIES = 50;

const batches = new WeakMap<DurableObjectNamespace, SharedBatches<LedgerEntry>>();

function batchesOf(namespace: DurableObjectNamespace): SharedBatches<LedgerEntry> {
  const known = batches.get(namespace);
  if (known) return known;
  const made = new SharedBatches<LedgerEntry>({
    send: (name, entries) => {
      const stub = () => namespace.get(namespace.idFromName(name)) as unknown as LedgerRpc;
      return onNewStub({ stub, call: (ledger) => ledger.recordAll(entries), repeatable: true });
    },
    later: (delayMs, fn) => void setTimeout(fn, delayMs),
    windowMs: WINDOW_MS,
    mostEntries: MOST_ENTRIES,
  });
  batches.set(namespace, made);
  return made;
}

/**
 * The way to the ledger of an execution: sharded by its id within its tenant. What executions of one isolate send within a
 * moment is one call, so what an entry tells is on disk before (M1): `durable` resolves then.
 */
export function ledgerDoor(
  namespace: DurableObjectNamespace,
  durable: () => Promise<void>,
): (entry: LedgerEntry) => Promise<void> {
  return async (entry) => {
    await durable();
    const { row, kind } = entry;
    const executionId = kind === "approval" ? row.execution_id : row.id;
    await batchesOf(namespace).add(`${row.tenant}:${shardOf(String(executionId))}`, entry);
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

/** A hibernating socket to each shard of a tenant's ledger. */
export async function ledgerFeed(namespace: DurableObjectNamespace, tenant: string): Promise<WebSocket[]> {
  const call = (ledger: Pick<DurableObjectStub, "fetch">) =>
    ledger.fetch("https://ledger/feed", { headers: { upgrade: "websocket" } });
  const shards = Array.from({ length: SHARDS }, (_, shard) => stubOf(namespace, tenant, shard));
  const answers = await Promise.all(shards.map((stub) => onNewStub({ stub, call, repeatable: true })));
  return answers.flatMap(({ webSocket }) => (webSocket ? [webSocket] : []));
}
