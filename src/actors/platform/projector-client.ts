import type { Backlog } from "../../domain/read-models/overview.ts";
import type { IndexEntry } from "../../registry/index-writes.ts";
import { callActor } from "./call-actor.ts";
import { namespaceOf } from "./jurisdiction.ts";

/** Shards of a tenant's projector: one Durable Object takes about 1,000 calls a second; fewer shards make fuller batches. */
const SHARDS = 2;

interface LedgerRpc {
  record(entry: IndexEntry): Promise<void>;
  holds(tenant: string, executionId: string): Promise<boolean>;
  backlog(): Promise<Backlog>;
}

/** Asks the projector whether it holds a row of this execution for the index. True when it cannot be reached: then it may. */
export function heldIn(namespace: DurableObjectNamespace): (tenant: string, executionId: string) => Promise<boolean> {
  return async (tenant, executionId) => {
    const call = (ledger: LedgerRpc) => ledger.holds(tenant, executionId);
    return callActor({ actor: actorOf(namespace, tenant, shardOf(executionId)), call, repeatable: true }).catch(
      () => true,
    );
  };
}

/** The way to the projector of an execution: sharded by its id within its tenant. */
export function projectorClient(namespace: DurableObjectNamespace): (entry: IndexEntry) => Promise<void> {
  return async (entry) => {
    const { row, kind } = entry;
    const executionId = kind === "approval" ? row.execution_id : row.id;
    const actor = actorOf(namespace, String(row.tenant), shardOf(String(executionId)));
    await callActor({ actor, call: (ledger) => ledger.record(entry), repeatable: true });
  };
}

function actorOf(namespace: DurableObjectNamespace, tenant: string, shard: number) {
  const id = namespaceOf(namespace, tenant).idFromName(`${tenant}:${shard}`);
  return () => namespace.get(id) as unknown as LedgerRpc & Pick<DurableObjectStub, "fetch">;
}

function shardOf(id: string): number {
  let sum = 0;
  for (const char of id) sum = (sum * 31 + char.charCodeAt(0)) >>> 0;
  return sum % SHARDS;
}

/** What all shards of a tenant's projector have that the index does not have yet. */
export async function backlogOf(namespace: DurableObjectNamespace, tenant: string): Promise<Backlog> {
  const call = (ledger: LedgerRpc) => ledger.backlog();
  const shards = Array.from({ length: SHARDS }, (_, shard) => actorOf(namespace, tenant, shard));
  const all = await Promise.all(shards.map((actor) => callActor({ actor, call, repeatable: true })));
  const since = all.flatMap(({ sinceMs }) => (sinceMs === undefined ? [] : [sinceMs]));
  const sum = (pick: (one: Backlog) => number) => all.reduce((total, one) => total + pick(one), 0);
  return {
    waiting: sum(({ waiting }) => waiting),
    held: sum(({ held }) => held),
    sinceMs: since.length === 0 ? undefined : Math.min(...since),
  };
}

/** A hibernating socket to each shard of a tenant's projector. */
export async function ledgerFeed(namespace: DurableObjectNamespace, tenant: string): Promise<WebSocket[]> {
  const call = (ledger: Pick<DurableObjectStub, "fetch">) =>
    ledger.fetch("https://ledger/feed", { headers: { upgrade: "websocket" } });
  const shards = Array.from({ length: SHARDS }, (_, shard) => actorOf(namespace, tenant, shard));
  const answers = await Promise.all(shards.map((actor) => callActor({ actor, call, repeatable: true })));
  return answers.flatMap(({ webSocket }) => (webSocket ? [webSocket] : []));
}
