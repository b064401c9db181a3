/** A socket whose other end is here: for frames that are not an actor's own. Bounded like an actor's (contract/flow.ts). */
import { CLOSE_SLOW, Flow } from "../contract/flow.ts";
import { CLOSE_EXPIRED } from "../contract/tokens.ts";
import type { Caller } from "../domain/caller.ts";

export interface Relay {
  readonly texts: (signal: AbortSignal) => AsyncGenerator<string>;
  /** Whether its reader knows questions: reference 3's frames have none. */
  readonly asks: boolean;
}

export function relayed(caller: Caller, { texts, asks }: Relay): Response {
  const { 0: client, 1: server } = new WebSocketPair();
  const flow = new Flow();
  const gone = new AbortController();
  server.addEventListener("message", ({ data }) => void flow.answered(String(data)));
  server.addEventListener("close", () => gone.abort());
  server.addEventListener("error", () => gone.abort());
  for (const expiry of expiryOf(caller)) {
    expiry.addEventListener("abort", () => {
      server.close(CLOSE_EXPIRED, "the token has expired");
      gone.abort();
    });
  }
  server.accept();
  void pump(server, flow, { texts: texts(gone.signal), asks });
  return new Response(null, { status: 101, webSocket: client });
}

/** Aborted when the stream token that the caller came with ends; none for a key. */
export function expiryOf({ expiresAtMs }: Caller): AbortSignal[] {
  return expiresAtMs === undefined ? [] : [AbortSignal.timeout(Math.max(0, expiresAtMs - Date.now()))];
}

async function pump(
  socket: WebSocket,
  flow: Flow,
  { texts, asks }: { readonly texts: AsyncGenerator<string>; readonly asks: boolean },
): Promise<void> {
  try {
    for await (const text of texts) {
      if (!flow.take(text.length)) return socket.close(CLOSE_SLOW, "too slow: come back with the last you have");
      socket.send(text);
      const check = asks ? flow.check() : undefined;
      if (check !== undefined) socket.send(check);
    }
    socket.close(1000, "ended");
  } catch {
    // Whoever read this is gone, or its source was cut: it comes back with the last it has.
    socket.close(1011, "cut: come back with the last you have");
  }
}
