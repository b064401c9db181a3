import type { ThreadBody } from "../../contract/runs/threads.ts";
import { iso } from "../../contract/wire.ts";
import { Thread } from "../../define/execution/thread.ts";
import type { MemoryEntry } from "../../domain/memory/entry.ts";

/** A conversation as its record holds it, as it is read. */
export function threadBodyOf(sessionId: string, agent: string, entry: MemoryEntry): ThreadBody {
  const { data, createdAtMs, updatedAtMs } = entry;
  const { summary, messages, count } = Thread.parse(JSON.parse(data));
  return {
    ...{ session_id: sessionId, agent, messages: count, summary },
    ...{ started_at: iso(createdAtMs), updated_at: iso(updatedAtMs) },
    items: messages.map(({ role, text, execution, atMs }) => ({ role, text, execution_id: execution, at: iso(atMs) })),
  };
}
