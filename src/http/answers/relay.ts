/** A socket whose other end is here: for frames that are not an actor's own. Bounded like an actor's (contract/stream/flow-control.ts). */
import { CLOSE_CUT, CLOSE_SLOW, FlowControl } from "../../contract/stream/flow-control.ts";
import { Leave } from "../../operations/access/leave.ts";
import type { Place } from "../../operations/stream/relays.ts";
import type { C } from "../requests/app.ts";
import { answerRefusal } from "./answer.ts";

export interface Relay {
  readonly texts: (signal: AbortSignal) => AsyncGenerator<string>;
  /** Whether its reader knows questions: the frames of a plan stream have none. */
  readonly asks: boolean;
}

export function relayed(c: C, { texts, asks }: Relay): Response {
  const { 0: client, 1: server } = new WebSocketPair();
  const flow = new FlowControl();
  const gone = new AbortController();
  const entered = c.get("services").relays.enter(c.get("caller").tenant, () => {
    server.close(CLOSE_SLOW, TOO_SLOW);
    gone.abort();
  });
  if (!entered.ok) return answerRefusal(c, entered);
  const place = entered.value;
  const isDue = pingAnswerer();
  server.addEventListener("message", ({ data }) => {
    const text = String(data);
    if (text === "ping") {
      if (server.readyState === WebSocket.READY_STATE_OPEN && isDue(Date.now())) server.send("pong");
    } else if (flow.acknowledge(text)) place.holds(flow.unread);
  });
  for (const end of ["close", "error"] as const)
    server.addEventListener(end, () => {
      gone.abort();
      place.leave();
    });
  const leave = leaveOf(c, gone.signal);
  leave.ended.addEventListener("abort", () => {
    if (leave.why) server.close(leave.why.code, leave.why.reason);
    gone.abort();
  });
  server.accept();
  void pump({ socket: server, flow, place }, { texts: texts(leave.ended), asks, leave });
  return new Response(null, { status: 101, webSocket: client });
}

/** A client asks every few seconds. One that asks faster and reads nothing would pile up answers. */
const PONG_MS = 1_000;

/** Returns whether a ping of this instant is to be answered. An actor's sockets have their answers from the platform. */
function pingAnswerer(): (now: number) => boolean {
  let answeredAt = 0;
  return (now) => {
    if (now - answeredAt < PONG_MS) return false;
    answeredAt = now;
    return true;
  };
}

export function leaveOf(c: C, gone: AbortSignal): Leave {
  const { leaveParts } = c.get("services").access;
  return new Leave(leaveParts, c.get("caller"), gone);
}

const TOO_SLOW = "too slow: come back with the last you have";

/** The socket, and what may be sent to it. */
interface Sink {
  readonly socket: WebSocket;
  readonly flow: FlowControl;
  readonly place: Place;
}

async function pump(
  { socket, flow, place }: Sink,
  { texts, asks, leave }: { readonly texts: AsyncGenerator<string>; readonly asks: boolean; readonly leave: Leave },
): Promise<void> {
  try {
    for await (const text of texts) {
      if (!(await leave.holds())) return;
      if (!flow.take(text.length)) return socket.close(CLOSE_SLOW, TOO_SLOW);
      if (!place.holds(flow.unread)) return;
      socket.send(text);
      const check = asks ? flow.check(place.share) : undefined;
      if (check !== undefined) socket.send(check);
    }
    // An actor that finds the key revoked ends first: then it is over here too, with the code that says why.
    if (await leave.holds()) socket.close(1000, "ended");
  } catch {
    // The reader is gone, or its source was cut: the reader comes back with the last event that it has.
    socket.close(CLOSE_CUT, "cut: come back with the last you have");
  }
}
