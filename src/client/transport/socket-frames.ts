/**
 * One WebSocket as frames. Ends when the socket does, when it does not open in time, or when it has been silent for too long: a
 * connection can be dead for hours without TCP telling.
 */
import * as z from "zod";
import { isCheck, isClosing } from "../../contract/stream/flow-control.ts";
import { Frame, StreamFrame, unfolded } from "../../contract/stream/frames.ts";
import type { Timing } from "./pace.ts";

/** What of a WebSocket is used; the platform's own and the package `ws` both are such. */
export interface Socket {
  readonly readyState: number;
  send(text: string): void;
  close(): void;
  addEventListener(type: "message", listener: (event: { readonly data: unknown }) => void): void;
  addEventListener(type: "open" | "close" | "error", listener: () => void): void;
}
export type SocketConstructor = new (url: string, protocols?: string[]) => Socket;

const OPEN = 1;

interface Reading {
  readonly timing: Timing;
  /** How long the socket may take to open; default that of the timing. */
  readonly connectMs?: number;
  readonly signal: AbortSignal | undefined;
}

export async function* socketFrames(socket: Socket, reading: Reading): AsyncGenerator<Frame> {
  for await (const text of socketTexts(socket, reading)) yield* framesOf(text);
}

/** The texts that a socket brings, without those of flow control. */
export async function* socketTexts(
  socket: Socket,
  { timing, connectMs = timing.connectMs, signal }: Reading,
): AsyncGenerator<string> {
  const inbox: string[] = [];
  let over = false;
  let heardAt = Date.now();
  let wake = () => {};
  const end = () => {
    over = true;
    wake();
  };
  const opening = setTimeout(() => {
    if (socket.readyState !== OPEN) end();
  }, connectMs);
  socket.addEventListener("message", ({ data }) => {
    heardAt = Date.now();
    inbox.push(String(data));
    wake();
  });
  socket.addEventListener("close", end);
  socket.addEventListener("error", end);
  signal?.addEventListener("abort", end);
  const beat = setInterval(() => {
    if (Date.now() - heardAt > timing.silenceMs) end();
    else if (socket.readyState === OPEN) socket.send("ping");
  }, timing.pingMs);
  try {
    while (true) {
      for (const text of inbox.splice(0)) {
        // The server asks how far this reader is: the consumer of these frames has taken every frame before the question.
        if (isCheck(text)) {
          if (socket.readyState === OPEN) socket.send(text);
          continue;
        }
        if (isClosing(text)) return;
        if (text !== "pong") yield text;
      }
      if (inbox.length > 0) continue;
      if (over) return;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  } finally {
    clearTimeout(opening);
    clearInterval(beat);
    signal?.removeEventListener("abort", end);
    socket.close();
  }
}

const Kind = z.object({ type: z.string() });

/** What this client does not know (yet) is let go by; events must be understood. */
function framesOf(text: string): readonly Frame[] {
  const raw: unknown = JSON.parse(text);
  const { type } = Kind.parse(raw);
  if (type === "event" || type === "events") return unfolded(StreamFrame.parse(raw));
  const { data } = Frame.safeParse(raw);
  return data ? [data] : [];
}
