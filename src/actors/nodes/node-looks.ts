/** Asks nodes whether they are there: `GET {base_url}/status`, as their SDKs serve it. */
import type { NodeRecord } from "../../domain/node/node.ts";
import type { OutboundFetch } from "../../domain/values/outbound.ts";

const TIMEOUT_MS = 5_000;
const MAX_BYTES = 65_536;
/** As many connections as the platform opens at once for one call. */
const AT_ONCE = 6;

/** True when it answers with a good status, and names no other node. */
export async function isThere(outbound: OutboundFetch, { id, baseUrl }: NodeRecord): Promise<boolean> {
  const url = `${baseUrl.replace(/\/+$/, "")}/status`;
  const answer = await outbound({ method: "GET", url, timeoutMs: TIMEOUT_MS, maxBytes: MAX_BYTES });
  return answer.ok && answer.status >= 200 && answer.status < 300 && !namesAnother(answer.body, id);
}

/** Another node may have taken the address over. What is no JSON object names none. */
function namesAnother(body: string, id: string): boolean {
  try {
    const { node_id: node, agent_id: agent } = Object(JSON.parse(body)) as Readonly<Record<string, unknown>>;
    const named = node ?? agent;
    return typeof named === "string" && named !== id;
  } catch {
    return false;
  }
}

/** Runs all of them, a few at a time. Never rejects: what throws counts as no answer. */
export async function inTurn<Item>(items: readonly Item[], run: (item: Item) => Promise<void>): Promise<void> {
  const waiting = [...items];
  const worker = async () => {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) await run(item).catch(() => undefined);
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, items.length) }, worker));
}
