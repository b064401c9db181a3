/** The ways to read along, `events` and `stream` of one execution and the `feed` of all: which connection each makes. How it resumes is in `follow.ts`. */
import type { z } from "zod";
import type { TokenRequest } from "../../contract/access/tokens.ts";
import { TokenBody } from "../../contract/access/tokens.ts";
import { ENDPOINTS } from "../../contract/endpoints.ts";
import { ExecutionBody } from "../../contract/executions/body.ts";
import type { EventBody } from "../../contract/executions/event-body.ts";
import type { Frame } from "../../contract/stream/frames.ts";
import { isCut } from "../transport/errors.ts";
import type { Call, Exchange } from "../transport/exchange.ts";
import type { FollowOptions } from "../transport/options.ts";
import { sentEventFrames } from "../transport/sent-events.ts";
import type { SocketConstructor } from "../transport/socket-frames.ts";
import { socketFrames } from "../transport/socket-frames.ts";
import type { Chat, ChatOptions } from "./chats.ts";
import { SocketChat } from "./chats.ts";
import type { FeedFrame, FeedOptions } from "./feed.ts";
import { followFeed } from "./feed.ts";
import type { Connect, Connecting } from "./follow.ts";
import { follow } from "./follow.ts";

interface Sockets {
  readonly newSocket: SocketConstructor | undefined;
  readonly keyed: boolean;
}

export class Live {
  readonly #exchange: Exchange;
  readonly #newSocket: SocketConstructor | undefined;
  readonly #keyed: boolean;

  constructor(exchange: Exchange, { newSocket, keyed }: Sockets) {
    this.#exchange = exchange;
    this.#newSocket = newSocket;
    this.#keyed = keyed;
  }

  async *events(id: string, options: FollowOptions): AsyncGenerator<EventBody> {
    for await (const frame of this.#follow(id, options, this.#sentEvents(id))) {
      if (frame.type === "event") yield frame.event;
    }
  }

  stream(id: string, options: FollowOptions): AsyncGenerator<Frame> {
    const connect = this.#newSocket ? this.#socket(id, this.#newSocket) : this.#snapshotFirst(id);
    return this.#follow(id, options, connect);
  }

  /** Needs WebSocket. */
  feed(options: FeedOptions): AsyncGenerator<FeedFrame> {
    const newSocket = this.#newSocket;
    if (!newSocket) throw new TypeError("the feed needs WebSocket: hand one in, or use Node 22 or later");
    const protocols = (connecting: Connecting) => this.#protocols({ feed: true }, connecting);
    return followFeed({ exchange: this.#exchange, newSocket, protocols }, options);
  }

  /** Talks with an agent in a session: what is said and answered there, by all its clients. Needs WebSocket; connections may break. */
  chat(sessionId: string, agent: string, options: ChatOptions = {}): Chat {
    const newSocket = this.#newSocket;
    if (!newSocket) throw new TypeError("a conversation needs WebSocket: hand one in, or use Node 22 or later");
    const named = { session_id: sessionId, agent };
    const protocols = (connecting: Connecting) => this.#protocols({ chat: named }, connecting);
    return new SocketChat({ exchange: this.#exchange, newSocket, protocols }, named, options);
  }

  #follow(id: string, { after = 0, signal, onConnected }: FollowOptions, connect: Connect): AsyncGenerator<Frame> {
    const look = (answerMs: number) => this.#look(id, { signal, maxElapsedMs: 0, answerMs });
    return follow({ connect, look, after, signal, onConnected, timing: this.#exchange.timing });
  }

  #look(id: string, how: Pick<Call, "signal" | "maxElapsedMs" | "answerMs">): Promise<ExecutionBody> {
    return this.#exchange.call({ endpoint: ENDPOINTS.getExecution, params: { id }, ...how }, ExecutionBody);
  }

  /** A socket can carry no key in a header: with a key it goes with a token of ten minutes, a new one each time. */
  #socket(id: string, NewSocket: SocketConstructor): Connect {
    const { timing } = this.#exchange;
    const protocols = (connecting: Connecting) => this.#protocols({ execution_id: id }, connecting);
    const urlAfter = (after: number) =>
      this.#exchange
        .url({ endpoint: ENDPOINTS.stream, params: { id }, query: { after, batch: "true" } })
        .replace(/^http/, "ws");
    return async function* connectSocket(after, connecting) {
      const { signal } = connecting;
      const offered = await protocols(connecting).catch((error: unknown) => {
        if (!signal?.aborted && !isCut(error)) throw error;
      });
      if (offered) yield* socketFrames(new NewSocket(urlAfter(after), offered), { timing, ...connecting });
    };
  }

  async #protocols(body: z.input<typeof TokenRequest>, { signal, connectMs }: Connecting): Promise<string[]> {
    if (!this.#keyed) return [];
    const call = { endpoint: ENDPOINTS.createToken, body, signal, answerMs: connectMs };
    const { token } = await this.#exchange.call(call, TokenBody);
    return [`errand.token.${token}`];
  }

  #sentEvents(id: string): Connect {
    const { timing } = this.#exchange;
    const headers = { accept: "text/event-stream" };
    return (after, connecting) => {
      const call = {
        endpoint: ENDPOINTS.listEvents,
        params: { id },
        query: { after },
        headers,
        signal: connecting.signal,
      };
      return sentEventFrames((whole) => this.#exchange.open(call, whole), { timing, ...connecting });
    };
  }

  #snapshotFirst(id: string): Connect {
    const look = ({ signal }: Connecting) => this.#look(id, { signal, maxElapsedMs: Number.POSITIVE_INFINITY });
    const rest = this.#sentEvents(id);
    return async function* snapshotFirst(after, connecting) {
      const execution = await look(connecting);
      yield { type: "snapshot", seq: execution.seq, execution, turns_in_flight: [] };
      yield* rest(after, connecting);
    };
  }
}
