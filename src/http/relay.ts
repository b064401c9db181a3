/** A socket whose other end is here: for frames that are not an actor's own. Bounded like an actor's (contract/flow.ts). */
import { CLOSE_SLOW, Flow } from "../contract/flow.ts";
import { Leave } from "../operations/leave.ts";
import type { C } from "./app.ts";

export interface Relay {
  readonly texts: (signal: AbortSignal) => AsyncGenerator<string>;
  /** Whether its reader knows questions: reference 3's frames have none. */
  readonly asks: boolean;
}

export function relayed(c: C, { texts, asks }: Relay): Response {
  const { 0: client, 1: server } = new WebSocketPair();
  const flow = new Flow();
  const gone = new AbortController();
  server.addEventListener("message", ({ data }) => void flow.answered(String(data)));
  server.addEventListener("close", () => gone.abort());
  server.addEventListener("error", () => gone.abort());
  const leave = leaveOf(c, gone.signal);
  leave.ended.addEventListener("abort", () => {
    if (leave.why) server.close(leave.why.code, leave.why.reason);
    gone.abort();
  });
  server.accept();
  void pump(server, flow, { texts: texts(leave.ended), asks, leave });
  return new Response(null, { status: 101, webSocket: client });
}

export function leaveOf(c: C, gone: AbortSignal): Leave {
  const { leaveParts } = c.get("services").access;
  return new Leave(leaveParts, c.get("caller"), gone);
}

async function pump(
  socket: WebSocket,
  flow: Flow,
  { texts, asks, leave }: { readonly texts: AsyncGenerator<string>; readonly asks: boolean; readonly leave: Leave },
): Promise<void> {
  try {
    for await (const text of texts) {
      if (!(await leave.holds())) return;
      if (!flow.take(text.length)) return socket.close(CLOSE_SLOW, "too slow: come back with the last you have");
      socket.send(text);
      const check = asks ? flow.check() : undefined;
      if (check !== undefined) socket.send(check);
    }
    // An actor that finds the key revoked ends first: then it is over here too, with the code that says why.
    if (await leave.holds()) socket.close(1000, "ended");
  } catch {
    // Whoever read this is gone, or its source was cut: it comes back with the last it has.
    socket.close(1011, "cut: come back with the last you have");
  }
}
