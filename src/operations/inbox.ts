/** The inbox of approvals, in pages of about 1 MiB: what waits for a person, with what is to be decided. Knows no HTTP. */
import type { InboxItem, InboxQuery } from "../contract/inbox.ts";
import { closedItem, inboxCursor, openItem } from "../contract/inbox.ts";
import type { ApprovalFilter, ApprovalRecord } from "../domain/approval.ts";
import type { Caller } from "../domain/caller.ts";
import { PageRoom } from "../domain/page-room.ts";
import { CONTENTS_AT_ONCE, mapBounded } from "./bounded.ts";
import type { ApprovalIndex, ExecutionDoor } from "./ports.ts";

interface Parts {
  readonly door: Pick<ExecutionDoor, "approvals">;
  readonly index: Pick<ApprovalIndex, "list">;
}

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
 * executions know. A pending one that was decided in between shows nothing. A page ends at `limit` rows or at about 1 MiB.
 */
export async function readInbox(
  { door, index }: Parts,
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
  const { items, shown } = await firstItems(door, caller, rows.slice(0, limit));
  const last = shown < rows.length ? rows[shown - 1] : undefined;
  const end = last ? { createdAtMs: last.requestedAtMs, id: last.id } : stoppedAt;
  return { items, nextCursor: end ? inboxCursor(end) : null };
}

/** The items of the first rows, as many as one page holds, and of how many rows these are. */
async function firstItems(
  door: Parts["door"],
  caller: Caller,
  rows: readonly ApprovalRecord[],
): Promise<{ readonly items: readonly InboxItem[]; readonly shown: number }> {
  const room = new PageRoom();
  const items: InboxItem[] = [];
  for (let at = 0; at < rows.length; at += CONTENTS_AT_ONCE) {
    const some = await itemsOf(door, caller, rows.slice(at, at + CONTENTS_AT_ONCE));
    for (const [offset, item] of some.entries()) {
      if (item && !room.take(item)) return { items, shown: at + offset };
      if (item) items.push(item);
    }
  }
  return { items, shown: rows.length };
}

/** One for each row; nothing for a pending one that is not open any more. */
async function itemsOf(
  door: Parts["door"],
  caller: Caller,
  rows: readonly ApprovalRecord[],
): Promise<readonly (InboxItem | undefined)[]> {
  const waiting = Map.groupBy(
    rows.filter((row) => row.status === "pending"),
    ({ executionId }) => executionId,
  );
  const open = await mapBounded([...waiting], async ([executionId, theirs]) => {
    const named = theirs.map(({ id }) => id);
    const found = await door.approvals(caller, executionId, named);
    return found.ok ? found.value.filter(({ status: now }) => now === "pending") : [];
  });
  const openById = new Map(open.flat().map((view) => [view.opened.gateId, view]));
  return rows.map((row) => {
    const view = openById.get(row.id);
    return row.status === "pending" ? view && openItem(view) : closedItem(row);
  });
}
