/**
 * A conversation with an agent over connections that break. It comes back with the cursor of the last event that it has, so none is lost
 * and none comes twice; what was not taken is sent again under the same id, and is said once.
 */
import { ENDPOINTS } from "../../contract/endpoints.ts";
import type { ChatSend } from "../../contract/stream/chat-frames.ts";
import { ChatFrame, MOST_MESSAGE } from "../../contract/stream/chat-frames.ts";
import { isCut } from "../transport/errors.ts";
import type { Exchange } from "../transport/exchange.ts";
import type { Abortable } from "../transport/options.ts";
import { backOff, connectPatience } from "../transport/pace.ts";
import type { Socket, SocketConstructor } from "../transport/socket-frames.ts";
import { socketTexts } from "../transport/socket-frames.ts";
import type { Connecting } from "./follow.ts";

export type { ChatFrame } from "../../contract/stream/chat-frames.ts";

export interface ChatOptions extends Abortable {
  /** The cursor of the last event that the reader has; without it the thread comes first, as a snapshot. */
  readonly after?: number;
  /** Called with `true` when a connection stands and with `false` when it is lost. */
  readonly onConnected?: (connected: boolean) => void;
}

export interface Chat {
  /** Without end: the signal, or leaving the loop, ends it. Read once. A refusal of the server is thrown. */
  frames(): AsyncGenerator<ChatFrame>;
  /**
   * Returns the id of the message: the frame `taken` or `refused` with this `message_id` says what became of it. Throws a RangeError
   * unless `text` has 1 to 100,000 characters (UTF-16 units).
   */
  send(text: string): string;
}

interface Parts {
  readonly exchange: Exchange;
  readonly newSocket: SocketConstructor;
  /** Subprotocols that carry a token; empty without a key. */
  readonly protocols: (connecting: Connecting) => Promise<string[]>;
}

/** A connection that held this long was a good one, even if nothing happened. */
const GOOD_CONNECTION_MS = 10_000;
const OPEN = 1;

export class SocketChat implements Chat {
  readonly #parts: Parts;
  readonly #params: { readonly session_id: string; readonly agent: string };
  readonly #options: ChatOptions;
  readonly #untaken = new Map<string, ChatSend>();
  #cursor: number | undefined;
  #socket: Socket | undefined;
  /** The server has told where the conversation stands: what is said now is heard. */
  #ready = false;

  constructor(parts: Parts, params: { readonly session_id: string; readonly agent: string }, options: ChatOptions) {
    this.#parts = parts;
    this.#params = params;
    this.#options = options;
    this.#cursor = options.after;
  }

  send(text: string): string {
    if (text.length === 0 || text.length > MOST_MESSAGE)
      throw new RangeError(`text: a message has 1 to ${MOST_MESSAGE} characters, and this one has ${text.length}`);
    const message: ChatSend = { type: "message", id: crypto.randomUUID(), text };
    this.#untaken.set(message.id, message);
    if (this.#ready && this.#socket?.readyState === OPEN) this.#socket.send(JSON.stringify(message));
    return message.id;
  }

  async *frames(): AsyncGenerator<ChatFrame> {
    const { exchange } = this.#parts;
    const { signal, onConnected } = this.#options;
    for (let failures = 1; !signal?.aborted; failures += 1) {
      const openedAt = Date.now();
      let heard = false;
      try {
        for await (const frame of this.#connection(connectPatience(exchange.timing, Math.max(1, failures)))) {
          if (!heard) onConnected?.(true);
          heard = true;
          yield frame;
        }
      } catch (error) {
        if (signal?.aborted) return;
        if (!isCut(error)) throw error;
      }
      this.#ready = false;
      if (heard) onConnected?.(false);
      if (heard && Date.now() - openedAt > GOOD_CONNECTION_MS) failures = 0;
      await backOff(exchange.timing, Math.max(1, failures), { signal }).catch(() => {});
    }
  }

  async *#connection(connectMs: number): AsyncGenerator<ChatFrame> {
    const { exchange, newSocket: NewSocket, protocols } = this.#parts;
    const { signal } = this.#options;
    const connecting = { signal, connectMs };
    const offered = await protocols(connecting);
    const query = { after: this.#cursor, checks: "true" };
    const url = exchange.url({ endpoint: ENDPOINTS.chatSocket, params: this.#params, query }).replace(/^http/, "ws");
    const socket = new NewSocket(url, offered);
    this.#socket = socket;
    for await (const text of socketTexts(socket, { timing: exchange.timing, ...connecting })) {
      const { success, data } = ChatFrame.safeParse(JSON.parse(text));
      if (!success) continue;
      // A snapshot tells the newest cursor, and the events before it that the reader lacks come after it.
      if (data.type === "snapshot") {
        if (this.#cursor === undefined) this.#cursor = data.cursor;
        this.#ready = true;
        for (const message of this.#untaken.values()) socket.send(JSON.stringify(message));
      } else if ("cursor" in data) {
        if (data.cursor <= (this.#cursor ?? 0)) continue;
        this.#cursor = data.cursor;
      }
      if (data.type === "taken" || data.type === "refused") this.#untaken.delete(data.message_id ?? "");
      yield data;
    }
  }
}
