/**
 * The same events as frames: hibernating sockets of those who watch this execution. A watcher never pins the object in
 * memory; a ping is answered by the platform without waking it.
 *
 * F1  A frame is sent only for what is committed; the output gate holds it until it is on disk.
 * F2  Catching up and joining happen in one breath, so a reader misses nothing and sees nothing twice (P7).
 * F3  A socket that cannot be written to is closed; its client comes back with the last seq it has.
 * F4  Whoever came with a stream token gets no frame after its end: the next one closes the socket instead.
 */

import { z } from "zod";
import { executionBody } from "../../contract/execution-body.ts";
import type { Frame } from "../../contract/frames.ts";
import { eventFrame, updateFrame } from "../../contract/frames.ts";
import { CLOSE_EXPIRED } from "../../contract/tokens.ts";
import type { Caller } from "../../domain/caller.ts";
import type { Event } from "../../domain/event.ts";
import type { ExecutionState } from "../../domain/state.ts";
import { isTerminal } from "../../domain/status.ts";
import type { ExecutionView } from "../../domain/view.ts";

/** Close code when the execution has ended and everything was sent: nothing is left to come back for. */
const CLOSE_DONE = 1000;

export class LiveFeed {
  readonly #ctx: DurableObjectState;
  #status: ExecutionState["status"] | undefined;
  #progress: ExecutionState["progress"];

  constructor(ctx: DurableObjectState) {
    this.#ctx = ctx;
  }

  /** Accepts a watcher and brings it up to date; the answer to its upgrade request. */
  accept(view: ExecutionView, missed: Iterable<Event>, { expiresAtMs }: Caller): Response {
    const { 0: client, 1: server } = new WebSocketPair();
    this.#ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair("ping", "pong"));
    this.#ctx.acceptWebSocket(server);
    if (expiresAtMs !== undefined) server.serializeAttachment({ expiresAtMs });
    const { state } = view;
    send(server, { type: "snapshot", seq: state.seq, execution: executionBody(view) });
    for (const event of missed) send(server, eventFrame(event));
    if (isTerminal(state.status)) server.close(CLOSE_DONE, "ended");
    return new Response(null, { status: 101, webSocket: client });
  }

  /** Tells every watcher what was just committed. */
  publish(events: readonly Event[], state: ExecutionState): void {
    const moved = state.status !== this.#status || state.progress !== this.#progress;
    this.#status = state.status;
    this.#progress = state.progress;
    const sockets = this.#ctx.getWebSockets();
    if (sockets.length === 0) return;
    const frames = [...events.map(eventFrame), ...(moved ? [updateFrame(state)] : [])].map((frame) =>
      JSON.stringify(frame),
    );
    for (const socket of sockets) {
      if (hasExpired(socket)) {
        socket.close(CLOSE_EXPIRED, "the token has expired");
        continue;
      }
      for (const frame of frames) if (!sendText(socket, frame)) break;
      if (isTerminal(state.status)) socket.close(CLOSE_DONE, "ended");
    }
  }
}

const Attachment = z.object({ expiresAtMs: z.number() });

function hasExpired(socket: WebSocket): boolean {
  const attachment: unknown = socket.deserializeAttachment();
  return attachment !== null && Attachment.parse(attachment).expiresAtMs <= Date.now();
}

function send(socket: WebSocket, frame: Frame): void {
  sendText(socket, JSON.stringify(frame));
}

/** False when the socket was gone; then it is closed. */
export function sendText(socket: WebSocket, text: string): boolean {
  try {
    socket.send(text);
    return true;
  } catch {
    // Gone already: a closed tab can look open until we write to it.
    socket.close(1011, "could not be written to");
    return false;
  }
}
