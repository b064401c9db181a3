import type { InboxItem, InboxQuery } from "../contract/inbox.ts";
import { inboxItems } from "../contract/inbox.ts";
import type { Caller } from "../domain/caller.ts";
import { mapBounded } from "./bounded.ts";
import { pageOf } from "./page-of.ts";
import type { ExecutionDoor, Registry } from "./ports.ts";
import { scopeOf } from "./scope-of.ts";

/** Reasons of an execution that waits for a person itself; one that waits for its child is not a second item. */
const REASONS = ["waiting_for_approval", "effect_in_doubt"];

/** The index knows who waits; each of them knows for what. One that was decided in between shows nothing. */
export async function readInbox(
  { door, registry }: { readonly door: ExecutionDoor; readonly registry: Registry },
  caller: Caller,
  { limit, cursor, agent_id, session_id }: InboxQuery,
): Promise<{ readonly items: InboxItem[]; readonly nextCursor: string | null }> {
  const filter = {
    ...scopeOf(caller),
    statuses: ["waiting"] as const,
    reasons: REASONS,
    ...(agent_id === undefined ? {} : { agent: agent_id }),
    ...(session_id === undefined ? {} : { sessionId: session_id }),
  };
  const { rows, nextCursor } = pageOf(await registry.list(filter, { limit: limit + 1, from: cursor }), limit);
  const views = await mapBounded(rows, ({ id }) => door.view(caller, id));
  return { items: views.flatMap((view) => (view.ok ? inboxItems(view.value) : [])), nextCursor };
}
