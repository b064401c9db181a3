import type { InboxItem, InboxQuery } from "../contract/inbox.ts";
import { closedItem, inboxCursor, openItem } from "../contract/inbox.ts";
import type { Caller } from "../domain/caller.ts";
import { mapBounded } from "./bounded.ts";
import type { ApprovalIndex, ExecutionDoor } from "./ports.ts";
import { scopeOf } from "./scope-of.ts";

export interface InboxPage {
  readonly items: readonly InboxItem[];
  readonly nextCursor: string | null;
}

/**
 * The index knows which approvals there are, whatever their executions do meanwhile; what is to be approved their
 * executions know. A pending one that was decided in between shows nothing.
 */
export async function readInbox(
  { door, index }: { readonly door: ExecutionDoor; readonly index: ApprovalIndex },
  caller: Caller,
  { status, limit, cursor, agent_id, session_id }: InboxQuery,
): Promise<InboxPage> {
  const filter = {
    ...scopeOf(caller),
    statuses: status,
    ...(agent_id === undefined ? {} : { agent: agent_id }),
    ...(session_id === undefined ? {} : { sessionId: session_id }),
  };
  const { rows, stoppedAt } = await index.list(filter, { limit: limit + 1, from: cursor });
  const shown = rows.slice(0, limit);
  const waiting = shown.filter((row) => row.status === "pending");
  const asked = [...new Set(waiting.map(({ executionId }) => executionId))];
  const views = new Map(await mapBounded(asked, async (id) => [id, await door.view(caller, id)] as const));
  const items = shown.flatMap((row) => {
    if (row.status !== "pending") return [closedItem(row)];
    const view = views.get(row.executionId);
    return view?.ok ? openItem(view.value, row.id) : [];
  });
  const last = shown.at(-1);
  const end = rows.length > limit && last ? { createdAtMs: last.requestedAtMs, id: last.id } : stoppedAt;
  return { items, nextCursor: end ? inboxCursor(end) : null };
}
