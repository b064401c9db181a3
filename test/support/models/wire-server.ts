/**
 * A model provider on 127.0.0.1: answers as planned, in the wire format of a dialect, with the weather of a real
 * network. What it was asked is kept. It knows no SDK and nothing of src/models.
 */
import { once } from "node:events";
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { StopReason } from "../../../src/domain/model/conversation.ts";
import type { Json } from "../../../src/domain/values/json.ts";

interface PlannedTool {
  readonly id: string;
  readonly name: string;
  /** Pieces of the input's JSON, as they are sent. */
  readonly json: readonly string[];
}

/** What goes wrong after so many frames of a stream. */
interface Weather {
  readonly afterFrames: number;
  /** `cut`: the socket dies. `end`: the body ends in good order. `hang`: nothing comes any more. */
  readonly how: "cut" | "end" | "hang" | "hang before the head" | { readonly type: string; readonly message: string };
}

export interface Planned {
  readonly text?: readonly string[];
  readonly tools?: readonly PlannedTool[];
  readonly stopReason?: StopReason;
  /** Whole blocks in the dialect's own form, before all others. */
  readonly blocks?: readonly { readonly [key: string]: Json }[];
  readonly usage?: { readonly input: number; readonly output: number; readonly read?: number; readonly write?: number };
  readonly model?: string;
  readonly weather?: Weather;
  /** Between two frames. */
  readonly pauseMs?: number;
  /** The stream stands still after so many frames until this resolves. */
  readonly waits?: { readonly afterFrames: number; readonly until: Promise<void> };
}

interface Refused {
  readonly status: number;
  readonly type?: string;
  readonly message?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Instead of the dialect's own error body. */
  readonly body?: string;
}

export type Reaction = Planned | Refused;

export interface Recorded {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: { readonly [key: string]: Json };
  /** Resolves when the caller is gone before the answer was whole. */
  readonly abandoned: Promise<void>;
}

/** How one family of APIs writes things down. */
export interface Dialect {
  readonly path: string;
  /** Each text is one server-sent event, without the blank line. */
  frames(planned: Planned): string[];
  whole(planned: Planned): Json;
  errorFrame(type: string, message: string): string;
  errorBody(type: string, message: string): Json;
}

/** One answer, or how it is found; a promise that never resolves leaves the caller waiting. */
type Plan = Reaction | ((request: Recorded) => Reaction | Promise<Reaction>);

export interface WireServer {
  readonly url: string;
  readonly requests: Recorded[];
  /** Answers for the next requests, one each. */
  plan(...reactions: Plan[]): void;
  close(): Promise<void>;
}

export async function startWireServer(dialect: Dialect): Promise<WireServer> {
  const planned: Plan[] = [];
  const requests: Recorded[] = [];
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const recorded = await record(request, response);
    requests.push(recorded);
    const next = planned.shift() ?? { status: 500, message: "nothing is planned for this request" };
    const reaction = typeof next === "function" ? await next(recorded) : next;
    if (recorded.path !== dialect.path) refuse(response, dialect, { status: 404, message: `no ${recorded.path}` });
    else if ("status" in reaction) refuse(response, dialect, reaction);
    else if (recorded.body.stream === true) await stream(response, dialect, reaction);
    else sendJson(response, 200, dialect.whole(reaction));
  };
  // A server that is killed while it speaks breaks off.
  const server = createServer((request, response) => void answer(request, response).catch(() => response.destroy()));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    plan: (...reactions) => planned.push(...reactions),
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

async function record(request: IncomingMessage, response: ServerResponse): Promise<Recorded> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const abandoned = new Promise<void>((resolve) => {
    response.on("close", () => response.writableFinished || resolve());
  });
  const body = JSON.parse(Buffer.concat(chunks).toString() || "{}");
  return { path: request.url ?? "", headers: request.headers, body, abandoned };
}

function refuse(response: ServerResponse, dialect: Dialect, { status, headers, ...refused }: Refused): void {
  const { type = "api_error", message = "refused as planned", body } = refused;
  for (const [name, value] of Object.entries({ "request-id": "req_planned", ...headers }))
    response.setHeader(name, value);
  if (body === undefined) sendJson(response, status, dialect.errorBody(type, message));
  else response.writeHead(status, { "content-type": "text/html" }).end(body);
}

function sendJson(response: ServerResponse, status: number, body: Json): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}

async function stream(response: ServerResponse, dialect: Dialect, planned: Planned): Promise<void> {
  const { weather, pauseMs = 0, waits } = planned;
  if (weather?.how === "hang before the head") return;
  response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-cache" });
  response.flushHeaders();
  for (const [index, frame] of dialect.frames(planned).entries()) {
    if (waits?.afterFrames === index) await waits.until;
    if (weather?.afterFrames === index) return spoil(response, dialect, weather);
    response.write(`${frame}\n\n`);
    if (pauseMs > 0) await sleep(pauseMs);
    if (response.destroyed) return;
  }
  response.end();
}

async function spoil(response: ServerResponse, dialect: Dialect, { how }: Weather): Promise<void> {
  if (how === "hang" || how === "hang before the head") return;
  // What was written before must be out before the socket dies.
  await sleep(10);
  if (how === "cut") response.destroy();
  else if (how === "end") response.end();
  else response.end(`${dialect.errorFrame(how.type, how.message)}\n\n`);
}
