/** Live readers: a WebSocket straight to the actor, or server-sent events made of the same frames. */
import { z } from "zod";
import { ENDPOINTS } from "../contract/endpoints.ts";
import { FeedQuery } from "../contract/feed.ts";
import type { Frame } from "../contract/frames.ts";
import { planFrame } from "../contract/plan-frames.ts";
import { StreamQuery } from "../contract/requests.ts";
import { CLOSE_EXPIRED } from "../contract/tokens.ts";
import type { Caller } from "../domain/caller.ts";
import { refuse } from "../domain/fault.ts";
import { feedOf } from "../operations/feed.ts";
import { framesOf } from "../operations/watch.ts";
import { answerRefusal } from "./answer.ts";
import type { App, C } from "./app.ts";
import { idOf, parseQuery } from "./parse.ts";
import { route } from "./route.ts";

/** A comment this often keeps proxies from closing a quiet stream. */
const HEARTBEAT_MS = 15_000;
const NEEDS_SOCKET = "this path speaks WebSocket; for server-sent events ask …/events with Accept: text/event-stream";

export function streamRoutes(app: App): void {
  route(app, ENDPOINTS.stream, stream);
  route(app, ENDPOINTS.planStream, planStream);
  route(app, ENDPOINTS.feed, feed);
}

async function stream(c: C): Promise<Response> {
  const query = parseQuery(c, StreamQuery);
  if (!query.ok) return answerRefusal(c, query);
  const refused = notStreamable(c);
  if (refused) return refused;
  const answer = await c.get("services").door.stream(c.get("caller"), idOf(c), query.value.after);
  return answer.status === 101 ? answer : answerRefusal(c, refuse("not_found", "there is no such execution"));
}

export function wantsEventStream(c: C): boolean {
  return c.req.header("accept")?.includes("text/event-stream") ?? false;
}

/** `id:` is the seq, so a browser that reconnects resumes by `Last-Event-ID`. Ends after the execution's end. */
export async function eventStream(c: C, after: number): Promise<Response> {
  const { door } = c.get("services");
  const caller = c.get("caller");
  const known = await door.view(caller, idOf(c));
  if (!known.ok) return answerRefusal(c, known);
  const last = z.coerce.number().int().min(0).safeParse(c.req.header("last-event-id"));
  const signal = AbortSignal.any([c.req.raw.signal, ...expiryOf(caller)]);
  const frames = framesOf({ door, caller, executionId: idOf(c) }, last.success ? last.data : after, signal);
  const headers = { "content-type": "text/event-stream", "cache-control": "no-store" };
  return new Response(serverSentEvents(frames), { headers });
}

/** Pulled by the reader: one that is slow holds back its own frames and nobody else's. */
function serverSentEvents(frames: AsyncGenerator<Frame>): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  let beat: ReturnType<typeof setInterval> | undefined;
  return new ReadableStream<Uint8Array>({
    start(controller) {
      beat = setInterval(() => {
        if ((controller.desiredSize ?? 0) > 0) controller.enqueue(encoder.encode(": heartbeat\n\n"));
      }, HEARTBEAT_MS);
    },
    async pull(controller) {
      for (let next = await frames.next(); !next.done; next = await frames.next()) {
        if (next.value.type !== "event") continue;
        const { seq, type } = next.value.event;
        const data = JSON.stringify(next.value.event);
        return controller.enqueue(encoder.encode(`id: ${seq}\nevent: ${type}\ndata: ${data}\n\n`));
      }
      clearInterval(beat);
      controller.close();
    },
    async cancel() {
      clearInterval(beat);
      await frames.return(undefined);
    },
  });
}

/** Reference 3's socket: the same execution in that document's two frames. */
async function planStream(c: C): Promise<Response> {
  const refused = notStreamable(c);
  if (refused) return refused;
  const { door } = c.get("services");
  const id = idOf(c);
  const known = await door.view(c.get("caller"), id);
  if (!known.ok) return answerRefusal(c, known);
  return relayed(c.get("caller"), async function* texts(signal) {
    for await (const frame of framesOf(
      { door, caller: c.get("caller"), executionId: id },
      known.value.state.seq,
      signal,
    )) {
      const translated = planFrame(id, frame);
      if (translated) yield JSON.stringify(translated);
    }
  });
}

/** The tenant's list changes. */
async function feed(c: C): Promise<Response> {
  const query = parseQuery(c, FeedQuery);
  if (!query.ok) return answerRefusal(c, query);
  const refused = notStreamable(c);
  if (refused) return refused;
  const { registry, feedShards } = c.get("services");
  return relayed(c.get("caller"), async function* texts(signal) {
    const frames = feedOf({ registry, shards: feedShards }, c.get("caller"), { after: query.value.after, signal });
    for await (const frame of frames) yield JSON.stringify(frame);
  });
}

function notStreamable(c: C): Response | undefined {
  if (c.req.header("upgrade")?.toLowerCase() === "websocket") return undefined;
  return answerRefusal(c, refuse("upgrade_required", NEEDS_SOCKET));
}

/** A socket whose other end is here: for frames that are not the actor's own. */
function relayed(caller: Caller, texts: (signal: AbortSignal) => AsyncGenerator<string>): Response {
  const { 0: client, 1: server } = new WebSocketPair();
  const gone = new AbortController();
  server.addEventListener("close", () => gone.abort());
  server.addEventListener("error", () => gone.abort());
  for (const expiry of expiryOf(caller)) {
    expiry.addEventListener("abort", () => {
      server.close(CLOSE_EXPIRED, "the token has expired");
      gone.abort();
    });
  }
  server.accept();
  void pump(server, texts(gone.signal));
  return new Response(null, { status: 101, webSocket: client });
}

/** Aborted when the stream token that the caller came with ends; none for a key. */
function expiryOf({ expiresAtMs }: Caller): AbortSignal[] {
  return expiresAtMs === undefined ? [] : [AbortSignal.timeout(Math.max(0, expiresAtMs - Date.now()))];
}

async function pump(socket: WebSocket, texts: AsyncGenerator<string>): Promise<void> {
  try {
    for await (const text of texts) socket.send(text);
    socket.close(1000, "ended");
  } catch {
    // Whoever read this is gone, or its source was cut: it comes back with the last it has.
    socket.close(1011, "cut: come back with the last you have");
  }
}
