/** The inbox of approvals, in pages of about 1 MiB: what waits for a person, with what is to be decided. Knows no HTTP. */
import type { InboxItem, InboxQuery } from "../../contract/approvals/inbox.ts";
import { closedItem, openItem } from "../../contract/approvals/inbox.ts";
import { cursorOf } from "../../contract/cursors.ts";
import { approvalsListedFor } from "../../domain/execution/access.ts";
import type { Principal } from "../../domain/execution/principal.ts";
import type { ApprovalRecord } from "../../domain/read-models/approval-record.ts";
import { PageRoom } from "../../domain/read-models/page-room.ts";
import type { ReadSession } from "../../domain/read-models/summary.ts";
import { CONTENTS_AT_ONCE, mapBounded } from "../bounded.ts";
import type { ApprovalIndex, ExecutionClient } from "../ports.ts";

interface Parts {
  readonly client: Pick<ExecutionClient, "approvals">;
  readonly index: Pick<ApprovalIndex, "list">;
}

export interface InboxPage {
  readonly items: readonly InboxItem[];
  readonly nextCursor: string | null;
}

/**
 * Returns a page of approvals. The index knows which approvals exist, in any state of their executions; only the executions
 * know what is to be approved. A pending one that was decided in between shows nothing. A page ends at `limit` rows or at
 * about 1 MiB.
 */
export async function readInbox(
  { client, index }: Parts,
  caller: Principal,
  {
    query: { status, limit, cursor, agent_id, session_id },
    session,
  }: { readonly query: InboxQuery; readonly session?: ReadSession | undefined },
): Promise<InboxPage> {
  const filter = {
    ...approvalsListedFor(caller),
    statuses: status,
    ...(agent_id === undefined ? {} : { agent: agent_id }),
    ...(session_id === undefined ? {} : { sessionId: session_id }),
  };
  const { rows, resumeAfter } = await index.list(filter, { limit: limit + 1, from: cursor, session });
  const { items, shown } = await firstItems(client, caller, rows.slice(0, limit));
  const last = shown < rows.length ? rows[shown - 1] : undefined;
  const end = last ? { createdAtMs: last.requestedAtMs, id: last.id } : resumeAfter;
  return { items, nextCursor: end ? cursorOf(end) : null };
}

/** The items of the first rows, as many as one page holds, and of how many rows these are. */
async function firstItems(
  client: Parts["client"],
  caller: Principal,
  rows: readonly ApprovalRecord[],
): Promise<{ readonly items: readonly InboxItem[]; readonly shown: number }> {
  const room = new PageRoom();
  const items: InboxItem[] = [];
  for (let at = 0; at < rows.length; at += CONTENTS_AT_ONCE) {
    const some = await itemsOf(client, caller, rows.slice(at, at + CONTENTS_AT_ONCE));
    for (const [offset, item] of some.entries()) {
      if (item && !room.take(item)) return { items, shown: at + offset };
      if (item) items.push(item);
    }
  }
  return { items, shown: rows.length };
}

/** One for each row; nothing for a pending one that is not open any more. */
async function itemsOf(
  client: Parts["client"],
  caller: Principal,
  rows: readonly ApprovalRecord[],
): Promise<readonly (InboxItem | undefined)[]> {
  const waiting = Map.groupBy(
    rows.filter((row) => row.status === "pending"),
    ({ executionId }) => executionId,
  );
  const open = await mapBounded([...waiting], async ([executionId, theirs]) => {
    const named = theirs.map(({ id }) => id);
    const found = await client.approvals(caller, executionId, named);
    return found.ok ? found.value.filter(({ status: now }) => now === "pending") : [];
  });
  const openById = new Map(open.flat().map((view) => [view.opened.gateId, view]));
  return rows.map((row) => {
    const view = openById.get(row.id);
    return row.status === "pending" ? view && openItem(view) : closedItem(row);
  });
}
