import type { Client } from "../../client/client.ts";
import { upTo } from "../parts/up-to.ts";
import type { OpenWork } from "./mailbox.ts";

/** Executions of each status that are looked at. */
const MOST = 10;
const OPEN = ["RUNNING", "BLOCKED", "QUEUED", "PAUSED"] as const;

/** The executions of plans that are not over, the newest of each status, with their plans. */
export async function openWork(
  client: Client,
  signal: AbortSignal,
): Promise<{ readonly items: readonly OpenWork[]; readonly more: boolean }> {
  const lists = await Promise.all(OPEN.map((status) => upTo(MOST, client.plans.executions.list({ status, signal }))));
  // One that moves between two statuses while these are read stands in both lists.
  const ids = new Set(lists.flatMap(({ items }) => items.map(({ id }) => id)));
  const items = await Promise.all([...ids].map((id) => one(client, id, signal)));
  return { items: items.filter((item) => item !== undefined), more: lists.some(({ more }) => more) };
}

/** Undefined: it is gone since it was listed, or cannot be read. */
async function one(client: Client, id: string, signal: AbortSignal): Promise<OpenWork | undefined> {
  const work = await client.plans.executions.get(id, { signal }).catch(() => undefined);
  if (!work) return undefined;
  const plan = await client.plans.get(work.plan_id, { version: work.plan_version, signal }).catch(() => undefined);
  return { work, plan };
}
