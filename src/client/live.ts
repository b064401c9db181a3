/** The two ways to read along, `events` and `stream`: which connection each makes. How it resumes is in `follow.ts`. */
import { ENDPOINTS } from "../contract/endpoints.ts";
import type { EventBody } from "../contract/event-body.ts";
import { ExecutionBody } from "../contract/execution-body.ts";
import type { Frame } from "../contract/frames.ts";
import type { Exchange } from "./exchange.ts";
import type { Connect } from "./follow.ts";
import { follow } from "./follow.ts";
import type { FollowOptions } from "./options.ts";
import { sentEventFrames } from "./sent-events.ts";
import type { SocketConstructor } from "./socket-frames.ts";
import { socketFrames } from "./socket-frames.ts";

export class Live {
  readonly #exchange: Exchange;
  readonly #newSocket: SocketConstructor | undefined;

  constructor(exchange: Exchange, newSocket: SocketConstructor | undefined) {
    this.#exchange = exchange;
    this.#newSocket = newSocket;
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
    return follow({ connect, look, after, signal, tempo: this.#exchange.tempo });
  }

  #look(id: string, signal: AbortSignal | undefined, patienceMs: number): Promise<ExecutionBody> {
    return this.#exchange.call({ endpoint: ENDPOINTS.getExecution, params: { id }, signal, patienceMs }, ExecutionBody);
  }

  #socket(id: string, NewSocket: SocketConstructor): Connect {
    const { tempo } = this.#exchange;
    return (after, signal) => {
      const url = this.#exchange.url({ endpoint: ENDPOINTS.stream, params: { id }, query: { after } });
      return socketFrames(new NewSocket(url.replace(/^http/, "ws")), { tempo, signal });
    };
  }

  #sentEvents(id: string): Connect {
    const { tempo } = this.#exchange;
    const headers = { accept: "text/event-stream" };
    return (after, signal) => {
      const call = { endpoint: ENDPOINTS.listEvents, params: { id }, query: { after }, headers, signal };
      return sentEventFrames((whole) => this.#exchange.open(call, whole), { tempo, signal });
    };
  }

  #snapshotFirst(id: string): Connect {
    const look = (signal: AbortSignal | undefined) => this.#look(id, signal, Number.POSITIVE_INFINITY);
    const rest = this.#sentEvents(id);
    return async function* snapshotFirst(after, signal) {
      const execution = await look(signal);
      yield { type: "snapshot", seq: execution.seq, execution };
      yield* rest(after, signal);
    };
  }
}
