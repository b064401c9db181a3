/**
 * The rows of lists as they change, over connections that break. A reader comes back with the version of the last row it has, so
 * it misses none; a row may come twice, and is the same then.
 */
import { ENDPOINTS } from "../../contract/endpoints.ts";
import { FeedFrame } from "../../contract/stream/feed.ts";
import { isCut } from "../transport/errors.ts";
import type { Exchange } from "../transport/exchange.ts";
import type { Abortable } from "../transport/options.ts";
import { backOff, connectPatience } from "../transport/pace.ts";
import type { SocketConstructor } from "../transport/socket-frames.ts";
import { socketTexts } from "../transport/socket-frames.ts";
import type { Connecting } from "./follow.ts";

export type { FeedFrame } from "../../contract/stream/feed.ts";

export interface FeedOptions extends Abortable {
  /** The version of the last row the reader has; absent: only what comes. */
  readonly after?: number;
  /** Called with `true` when a connection stands and with `false` when it is lost. */
  readonly onConnected?: (connected: boolean) => void;
}

interface Sockets {
  readonly exchange: Exchange;
  readonly newSocket: SocketConstructor;
  /** Subprotocols that carry a token; empty without a key. */
  readonly protocols: (connecting: Connecting) => Promise<string[]>;
}

/** A connection that held this long was a good one, even if nothing happened. */
const GOOD_CONNECTION_MS = 10_000;

/** Without end: the caller's signal ends it. A refusal of the server is thrown. */
export async function* followFeed(
  { exchange, newSocket: NewSocket, protocols }: Sockets,
  { after, signal, onConnected }: FeedOptions,
): AsyncGenerator<FeedFrame> {
  const { timing } = exchange;
  let version = after;
  for (let failures = 1; !signal?.aborted; failures += 1) {
    let openedAt = Number.POSITIVE_INFINITY;
    const connecting = { signal, connectMs: connectPatience(timing, Math.max(1, failures)) };
    try {
      const offered = await protocols(connecting);
      const url = exchange.url({ endpoint: ENDPOINTS.feed, query: { after: version } }).replace(/^http/, "ws");
      const socket = new NewSocket(url, offered);
      socket.addEventListener("open", () => {
        openedAt = Date.now();
        onConnected?.(true);
      });
      for await (const text of socketTexts(socket, { timing, ...connecting })) {
        const { success, data } = FeedFrame.safeParse(JSON.parse(text));
        if (!success) continue;
        version = Math.max(version ?? 0, data.version);
        failures = 0;
        yield data;
      }
    } catch (error) {
      if (signal?.aborted) return;
      if (!isCut(error)) throw error;
    }
    onConnected?.(false);
    if (Date.now() - openedAt > GOOD_CONNECTION_MS) failures = 0;
    await backOff(timing, Math.max(1, failures), { signal }).catch(() => {});
  }
}
