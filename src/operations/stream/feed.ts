/** A tenant's list changes, resumed from a version and then live. */
import { rowFor } from "../../contract/lists.ts";
import type { FeedFrame } from "../../contract/stream/feed.ts";
import { FeedFrame as Frame, feedFrame } from "../../contract/stream/feed.ts";
import { listedFor } from "../../domain/execution/access.ts";
import type { Principal } from "../../domain/execution/principal.ts";
import { messageForOthers, readsExceptions } from "../../domain/values/exceptions.ts";
import type { Registry } from "../ports.ts";
import { messagesOf } from "./messages.ts";

export interface FeedParts {
  readonly registry: Registry;
  /** One hibernating socket for each shard of the tenant's projector. */
  readonly shards: (tenant: string) => Promise<readonly WebSocket[]>;
}

/** Missed rows are read after the sockets stand, so nothing falls between; what comes twice is the same row. */
export async function* feedOf(
  { registry, shards }: FeedParts,
  caller: Principal,
  { after, signal }: { readonly after: number | undefined; readonly signal: AbortSignal },
): AsyncGenerator<FeedFrame> {
  const live = messagesOf(await shards(caller.tenant), signal);
  const mine = listedFor(caller);
  if (after !== undefined) {
    for (const row of await registry.changedSince(mine, after)) yield feedFrame(rowFor(caller, row));
  }
  for await (const text of live) {
    const { owner, ...frame } = JSON.parse(text) as { owner: string };
    if (mine.owner === undefined || mine.owner === owner) yield shownTo(caller, owner, Frame.parse(frame));
  }
}

function shownTo(caller: Principal, owner: string, frame: FeedFrame): FeedFrame {
  if (readsExceptions(caller, owner)) return frame;
  const { failure_code, error_message } = frame.execution;
  return { ...frame, execution: { ...frame.execution, error_message: messageForOthers(failure_code, error_message) } };
}
