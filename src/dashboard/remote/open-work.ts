import type { Client } from "../../client/client.ts";
import type { OpenWork } from "./mailbox.ts";

/** Executions that are looked at. */
const MOST = 20;
const OPEN = ["RUNNING", "BLOCKED", "QUEUED", "PAUSED"] as const;

/** The executions of plans that are not over, the newest of each status, with their plans. */
export async function openWork(
  client: Client,
  signal: AbortSignal,
): Promise<{ readonly items: readonly OpenWork[]; readonly more: boolean }> {
  const ids: string[] = [];
  let more = false;
  for (const status of OPEN)
    for await (const { id } of client.plans.executions.list({ status, signal })) {
      more = ids.length === MOST;
      if (more) break;
      ids.push(id);
    }
  const items = await Promise.all(ids.map((id) => one(client, id, signal)));
  return { items: items.filter((item) => item !== undefined), more };
}

/** Undefined: it is gone since it was listed. */
async function one(client: Client, id: string, signal: AbortSignal): Promise<OpenWork | undefined> {
  const work = await client.plans.executions.get(id, { signal }).catch(() => undefined);
  if (!work) return undefined;
  const plan = await client.plans.get(work.plan_id, { version: work.plan_version, signal }).catch(() => undefined);
  return { work, plan };
}
