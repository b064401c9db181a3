/** A caller of memory, and a reader of its feed, against the Worker in this isolate. */
import type { Deployment, Got } from "../workers/deployment.ts";

type Headers = Readonly<Record<string, string>>;

export class MemoryCaller {
  readonly #server: Deployment;
  readonly #key: string;
  readonly #headers: Headers;

  constructor(server: Deployment, key: string, headers: Headers = {}) {
    this.#server = server;
    this.#key = key;
    this.#headers = headers;
  }

  with(headers: Headers): MemoryCaller {
    return new MemoryCaller(this.#server, this.#key, { ...this.#headers, ...headers });
  }

  post(path: string, body: unknown): Promise<Got> {
    return this.#server.call("POST", `/api/v1/memory/${path}`, { key: this.#key, body, headers: this.#headers });
  }

  get(path: string): Promise<Got> {
    return this.#server.call("GET", `/api/v1/memory/${path}`, { key: this.#key, headers: this.#headers });
  }

  delete(path: string, body?: unknown): Promise<Got> {
    const sent = body === undefined ? {} : { body };
    return this.#server.call("DELETE", `/api/v1/memory/${path}`, { key: this.#key, headers: this.#headers, ...sent });
  }

  /** The value, or `undefined` when it is not there. */
  async value(body: Readonly<Record<string, unknown>>): Promise<unknown> {
    const { status, body: record } = await this.post("get", body);
    if (status !== 200 && status !== 404) throw new Error(JSON.stringify(record));
    return status === 200 ? record.data : undefined;
  }

  async socket(query = ""): Promise<FeedReader> {
    const headers = { ...this.#headers, upgrade: "websocket" };
    const sent = { key: this.#key, headers };
    const { webSocket, status } = await this.#server.fetch("GET", `/api/v1/memory/events/ws${query}`, sent);
    if (!webSocket) throw new Error(`no socket: ${status}`);
    return new FeedReader(webSocket);
  }

  events(query = "", headers: Headers = {}): Promise<Response> {
    const sent = { key: this.#key, headers: { ...this.#headers, accept: "text/event-stream", ...headers } };
    return this.#server.fetch("GET", `/api/v1/memory/events/sse${query}`, sent);
  }
}

export interface FeedEvent {
  readonly id: string;
  readonly key: string;
  readonly action: string;
  readonly [field: string]: unknown;
}

export class FeedReader {
  readonly events: FeedEvent[] = [];
  readonly #socket: WebSocket;

  constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.addEventListener("message", ({ data }) => this.events.push(JSON.parse(String(data)) as FeedEvent));
    socket.accept();
  }

  get keys(): string[] {
    return this.events.map(({ key }) => key);
  }

  close(): void {
    this.#socket.close();
  }
}
