/** The two ways to read along, `events` and `stream`: which connection each makes. How it resumes is in `follow.ts`. */
import { TokenBody } from "../contract/access/tokens.ts";
import { ENDPOINTS } from "../contract/endpoints.ts";
import { ExecutionBody } from "../contract/executions/body.ts";
import type { EventBody } from "../contract/executions/event-body.ts";
import type { Frame } from "../contract/stream/frames.ts";
import { isCut } from "./errors.ts";
import type { Exchange } from "./exchange.ts";
import type { Connect } from "./follow.ts";
import { follow } from "./follow.ts";
import type { FollowOptions } from "./options.ts";
import { sentEventFrames } from "./sent-events.ts";
import type { SocketConstructor } from "./socket-frames.ts";
import { socketFrames } from "./socket-frames.ts";

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

  #follow(id: string, { after = 0, signal }: FollowOptions, connect: Connect): AsyncGenerator<Frame> {
    const look = () => this.#look(id, signal, 0);
    return follow({ connect, look, after, signal, timing: this.#exchange.timing });
  }

  #look(id: string, signal: AbortSignal | undefined, maxElapsedMs: number): Promise<ExecutionBody> {
    return this.#exchange.call(
      { endpoint: ENDPOINTS.getExecution, params: { id }, signal, maxElapsedMs },
      ExecutionBody,
    );
  }

  /** A socket can carry no key in a header: with a key it goes with a token of ten minutes, a new one each time. */
  #socket(id: string, NewSocket: SocketConstructor): Connect {
    const { timing } = this.#exchange;
    const protocols = (signal: AbortSignal | undefined) => this.#protocols(id, signal);
    const urlAfter = (after: number) =>
      this.#exchange
        .url({ endpoint: ENDPOINTS.stream, params: { id }, query: { after, batch: "true" } })
        .replace(/^http/, "ws");
    return async function* connectSocket(after, signal) {
      const offered = await protocols(signal).catch((error: unknown) => {
        if (!signal?.aborted && !isCut(error)) throw error;
      });
      if (offered) yield* socketFrames(new NewSocket(urlAfter(after), offered), { timing, signal });
    };
  }

  async #protocols(id: string, signal: AbortSignal | undefined): Promise<string[]> {
    if (!this.#keyed) return [];
    const call = { endpoint: ENDPOINTS.createToken, body: { execution_id: id }, signal };
    const { token } = await this.#exchange.call(call, TokenBody);
    return [`errand.token.${token}`];
  }

  #sentEvents(id: string): Connect {
    const { timing } = this.#exchange;
    const headers = { accept: "text/event-stream" };
    return (after, signal) => {
      const call = { endpoint: ENDPOINTS.listEvents, params: { id }, query: { after }, headers, signal };
      return sentEventFrames((whole) => this.#exchange.open(call, whole), { timing, signal });
    };
  }

  #snapshotFirst(id: string): Connect {
    const look = (signal: AbortSignal | undefined) => this.#look(id, signal, Number.POSITIVE_INFINITY);
    const rest = this.#sentEvents(id);
    return async function* snapshotFirst(after, signal) {
      const execution = await look(signal);
      yield { type: "snapshot", seq: execution.seq, execution, turns_in_flight: [] };
      yield* rest(after, signal);
    };
  }
}
