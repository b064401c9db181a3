import type { InboxItem, InboxQuery } from "../contract/inbox.ts";
import { closedItem, inboxCursor, openItem } from "../contract/inbox.ts";
import type { ApprovalFilter } from "../domain/approval.ts";
import type { Caller } from "../domain/caller.ts";
import { mapBounded } from "./bounded.ts";
import type { ApprovalIndex, ExecutionDoor } from "./ports.ts";

export interface InboxPage {
  readonly items: readonly InboxItem[];
  readonly nextCursor: string | null;
}

/** Whoever decides sees all that is open in the tenant, and of what is closed only what is the caller's own. */
function scopeOf({ tenant, subject, scopes }: Caller): Pick<ApprovalFilter, "tenant" | "owner" | "ownerOfClosed"> {
  if (scopes.includes("admin")) return { tenant };
  return scopes.includes("approve") ? { tenant, ownerOfClosed: subject } : { tenant, owner: subject };
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
  const waiting = Map.groupBy(
    shown.filter((row) => row.status === "pending"),
    ({ executionId }) => executionId,
  );
  const open = await mapBounded([...waiting], async ([executionId, theirs]) => {
    const found = await door.approvals(
      caller,
      executionId,
      theirs.map(({ id }) => id),
    );
    return found.ok ? found.value.filter(({ status: now }) => now === "pending") : [];
  });
  const openById = new Map(open.flat().map((view) => [view.opened.gateId, view]));
  const items = shown.flatMap((row) => {
    if (row.status !== "pending") return [closedItem(row)];
    const view = openById.get(row.id);
    return view ? openItem(view) : [];
  });
  const last = shown.at(-1);
  const end = rows.length > limit && last ? { createdAtMs: last.requestedAtMs, id: last.id } : stoppedAt;
  return { items, nextCursor: end ? inboxCursor(end) : null };
}
