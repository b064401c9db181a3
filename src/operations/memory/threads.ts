/** Conversations of sessions as they are remembered: read and forgotten. Programs write them (define/execution/chat.ts). */
import { cursorText, parseCursor } from "../../contract/memory/bodies.ts";
import type { ThreadBody, ThreadList, ThreadsQuery } from "../../contract/runs/threads.ts";
import { THREAD_KEY, threadId, threadsId } from "../../define/execution/thread.ts";
import { owns } from "../../domain/execution/access.ts";
import type { Principal } from "../../domain/execution/principal.ts";
import type { RecordPlace } from "../../domain/memory/scope.ts";
import type { Result } from "../../domain/values/fault.ts";
import { accept, refuse } from "../../domain/values/fault.ts";
import type { MemoryClient } from "./ports.ts";
import { threadBodyOf } from "./thread-body.ts";

/** Which conversation; `owner`: default the caller. */
export interface AskedThread {
  readonly sessionId: string;
  readonly agent: string;
  readonly owner?: string | undefined;
}

export class Threads {
  readonly #client: Pick<MemoryClient, "get" | "list" | "remove">;

  constructor(client: Pick<MemoryClient, "get" | "list" | "remove">) {
    this.#client = client;
  }

  async list(
    caller: Principal,
    sessionId: string,
    { owner, limit, cursor }: ThreadsQuery,
  ): Promise<Result<ThreadList>> {
    const after = cursor === undefined ? undefined : parseCursor(cursor);
    if (cursor !== undefined && after === undefined) return refuse("invalid_cursor", "cursor: is no cursor of ours");
    const place = placeFor(caller, { id: threadsId(sessionId), owner });
    if (!place.ok) return place;
    const page = await this.#client.list(caller, place.value, { limit, after });
    if (!page.ok) return page;
    const { entries, nextCursor } = page.value;
    if (entries.length === 0 && after === undefined)
      return refuse(
        "not_found",
        `no conversation of a session ${JSON.stringify(sessionId.slice(0, 200))} is remembered`,
      );
    const found = await Promise.all(entries.map(({ key: agent }) => this.#read(caller, { sessionId, agent, owner })));
    const items: ThreadList["items"] = [];
    for (const one of found) {
      if (!one.ok) return one;
      // It was forgotten while a message of it was on its way to the list.
      if (!one.value) continue;
      const { agent, messages, started_at, updated_at } = one.value;
      items.push({ agent, messages, started_at, updated_at });
    }
    return accept({ session_id: sessionId, items, next_cursor: nextCursor === null ? null : cursorText(nextCursor) });
  }

  async get(caller: Principal, asked: AskedThread): Promise<Result<ThreadBody>> {
    const found = await this.#read(caller, asked);
    return found.ok ? (found.value ? accept(found.value) : unknown(asked)) : found;
  }

  /** First from the list: a thread that is not listed is one that is being forgotten. */
  async forget(caller: Principal, { sessionId, agent, owner }: AskedThread): Promise<Result<null>> {
    const list = placeFor(caller, { id: threadsId(sessionId), owner });
    const thread = placeFor(caller, { id: threadId(sessionId, agent), owner });
    if (!list.ok) return list;
    if (!thread.ok) return thread;
    const by = { subject: caller.subject };
    const unlisted = await this.#client.remove(caller, list.value, { key: agent, by });
    if (!unlisted.ok) return unlisted;
    const removed = await this.#client.remove(caller, thread.value, { key: THREAD_KEY, by });
    if (!removed.ok) return removed;
    return removed.value || unlisted.value ? accept(null) : unknown({ sessionId, agent });
  }

  async #read(caller: Principal, asked: AskedThread): Promise<Result<ThreadBody | undefined>> {
    const { sessionId, agent, owner } = asked;
    const place = placeFor(caller, { id: threadId(sessionId, agent), owner });
    if (!place.ok) return place;
    const entry = await this.#client.get(caller, place.value, THREAD_KEY);
    if (!entry.ok || entry.value === null) return entry.ok ? accept(undefined) : entry;
    return accept(threadBodyOf(sessionId, agent, entry.value));
  }
}

function placeFor(
  caller: Principal,
  { id, owner = caller.subject }: { readonly id: string; readonly owner: string | undefined },
): Result<RecordPlace> {
  if (!owns(caller, { owner })) return refuse("not_found", "owner: only an administrator reads what is another's");
  return accept({ tenant: caller.tenant, owner, scope: "thread", scopeId: id });
}

function unknown({ sessionId, agent }: Pick<AskedThread, "sessionId" | "agent">) {
  const [session, name] = [sessionId, agent].map((text) => JSON.stringify(text.slice(0, 200)));
  return refuse("not_found", `the agent ${name} remembers no conversation of the session ${session}`);
}
