/** Feeds of memory: read in pages, followed on a socket, or as a sequence that outlives its sockets. */
import type { FeedQuery, MemoryHeaders } from "../../contract/memory/requests.ts";
import { CLOSE_SLOW, isCheck, isClosing } from "../../contract/stream/flow-control.ts";
import type { Principal } from "../../domain/execution/principal.ts";
import type { PlacedChange } from "../../domain/memory/change.ts";
import type { Result } from "../../domain/values/fault.ts";
import { FAULTS } from "../../domain/values/fault.ts";
import { messagesOf } from "../stream/messages.ts";
import type { MemoryScopes } from "./memory-scopes.ts";
import type { MemoryClient, WantedFeed } from "./ports.ts";

/** What a reader asked for; `after` is the last change that it has. */
export interface AskedFeed extends FeedQuery {
  readonly headers: MemoryHeaders;
}

/** A change as it is sent, with its place in the feed. */
export interface SentChange {
  readonly id: number;
  readonly text: string;
}

/** The platform's number for it. */
const OPEN = 1;

export class MemoryFeeds {
  readonly #client: MemoryClient;
  readonly #scopes: MemoryScopes;

  constructor({ client, scopes }: { readonly client: MemoryClient; readonly scopes: MemoryScopes }) {
    this.#client = client;
    this.#scopes = scopes;
  }

  async history(caller: Principal, asked: AskedFeed & { readonly limit: number }): Promise<Result<PlacedChange[]>> {
    const feed = await this.#scopes.feed(caller, { ...asked, patterns: asked.patterns ?? [] });
    if (!feed.ok) return feed;
    const { place, filter } = feed.value;
    return this.#client.changes(caller, place, { ...filter, ...asked.since, limit: asked.limit });
  }

  /** The actor's own socket (101), or the refusal in its place. */
  async open(caller: Principal, asked: AskedFeed, asks: boolean): Promise<Response> {
    const feed = await this.#scopes.feed(caller, { ...asked, patterns: asked.patterns ?? [] });
    if (!feed.ok) return Response.json(feed, { status: FAULTS[feed.code].status });
    const { place, filter } = feed.value;
    const wanted: WantedFeed = { wanted: filter, ...asked.since, asks };
    return this.#client.stream(caller, place, wanted);
  }

  /** Goes on from the socket that was opened. Where that one was cut because it held too much, another goes on. */
  async *follow(
    caller: Principal,
    asked: AskedFeed,
    { first, signal }: { readonly first: WebSocket; readonly signal: AbortSignal },
  ): AsyncGenerator<SentChange> {
    let last = asked.since;
    for (let socket: WebSocket | null = first; socket; ) {
      const messages = messagesOf([socket], signal);
      let next = await messages.next();
      try {
        for (; !next.done; next = await messages.next()) {
          const text = next.value;
          if (isCheck(text)) {
            if (socket.readyState === OPEN) socket.send(text);
          } else if (!isClosing(text)) {
            const id = Number((JSON.parse(text) as { readonly id: string }).id);
            last = { after: id };
            yield { id, text };
          }
        }
      } finally {
        await messages.return(undefined);
      }
      if (next.value !== CLOSE_SLOW || last === undefined) return;
      socket = (await this.open(caller, { ...asked, since: last }, true)).webSocket;
    }
  }
}
