/**
 * A WebSocket client over bare TCP that can stop reading, which no ordinary one can. Knows only what the tests need:
 * text frames and the close frame from the server, text frames to it.
 */
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { connect } from "node:net";

export interface RawSocket {
  /** Messages that were read so far, in order. */
  readonly messages: readonly string[];
  /** The code of the server's close frame, once it was read. */
  readonly closed: Promise<number>;
  /** No byte is read any more: the kernel's buffers fill, then the server's. */
  stopReading(): void;
  goOnReading(): void;
  send(text: string): void;
  destroy(): void;
}

export async function openRawSocket(url: string, onMessage: (text: string) => void = () => {}): Promise<RawSocket> {
  const { hostname, port, pathname, search } = new URL(url);
  const socket = connect(Number(port), hostname);
  await once(socket, "connect");
  const key = randomBytes(16).toString("base64");
  const head = [`GET ${pathname}${search} HTTP/1.1`, `Host: ${hostname}:${port}`, "Connection: Upgrade"];
  const rest = ["Upgrade: websocket", `Sec-WebSocket-Key: ${key}`, "Sec-WebSocket-Version: 13", "", ""];
  socket.write([...head, ...rest].join("\r\n"));

  const messages: string[] = [];
  const { promise: opened, resolve: open, reject: refuse } = Promise.withResolvers<void>();
  const { promise: closed, resolve: close, reject: cut } = Promise.withResolvers<number>();
  closed.catch(() => {});
  let buffered = Buffer.alloc(0);
  let isOpen = false;
  const read = () => {
    if (!isOpen) {
      const end = buffered.indexOf("\r\n\r\n");
      if (end < 0) return;
      const answer = buffered.subarray(0, end).toString();
      buffered = buffered.subarray(end + 4);
      isOpen = true;
      if (answer.startsWith("HTTP/1.1 101")) open();
      else refuse(new Error(answer));
    }
    for (let frame = frameIn(buffered); frame; frame = frameIn(buffered)) {
      buffered = buffered.subarray(frame.size);
      if (frame.opcode === TEXT) {
        const text = frame.payload.toString();
        messages.push(text);
        onMessage(text);
      } else if (frame.opcode === CLOSE) close(frame.payload.readUInt16BE(0));
    }
  };
  const chunks = (chunk: Buffer) => {
    buffered = Buffer.concat([buffered, chunk]);
    read();
  };
  socket.on("data", chunks);
  socket.on("error", () => {});
  socket.on("close", () => cut(new Error("cut without a close frame")));
  await opened;
  return {
    messages,
    closed,
    stopReading: () => void socket.pause(),
    goOnReading: () => void socket.resume(),
    send: (text) => void socket.write(masked(text)),
    destroy: () => void socket.destroy(),
  };
}

const TEXT = 1;
const CLOSE = 8;

/** The first whole frame, none of which a server masks. */
function frameIn(bytes: Buffer): { opcode: number; payload: Buffer; size: number } | undefined {
  if (bytes.length < 2) return undefined;
  const short = bytes.readUInt8(1) & 0x7f;
  const start = short === 127 ? 10 : short === 126 ? 4 : 2;
  if (bytes.length < start) return undefined;
  const length = short === 127 ? Number(bytes.readBigUInt64BE(2)) : short === 126 ? bytes.readUInt16BE(2) : short;
  if (bytes.length < start + length) return undefined;
  return { opcode: bytes.readUInt8(0) & 0x0f, payload: bytes.subarray(start, start + length), size: start + length };
}

/** A client's frame, which must be masked; shorter than 126 bytes. */
function masked(text: string): Buffer {
  const payload = Buffer.from(text);
  const mask = randomBytes(4);
  const body = payload.map((byte: number, n: number) => byte ^ mask.readUInt8(n % 4));
  return Buffer.concat([Buffer.from([0x80 | TEXT, 0x80 | payload.length]), mask, body]);
}
