/** The feed of memory: a socket straight to the actor, server-sent events of the same changes, and the history. */
import type { z } from "zod";
import { ENDPOINTS } from "../../contract/endpoints.ts";
import { memoryEventBody } from "../../contract/memory/feed.ts";
import { FeedHeaders, FeedQuery, HistoryQuery, SocketQuery } from "../../contract/memory/requests.ts";
import type { Result } from "../../domain/values/fault.ts";
import { accept, refuse } from "../../domain/values/fault.ts";
import type { AskedFeed, SentChange } from "../../operations/memory/memory-feeds.ts";
import { refusalOf } from "../../operations/stream/watch.ts";
import { route } from "../access/route.ts";
import { answerJson } from "../answers/answer.ts";
import { leaveOf } from "../answers/relay.ts";
import { sentEvents } from "../answers/sent-events.ts";
import type { App, C } from "../requests/app.ts";
import { parseHeaders, parseQuery } from "../requests/parse.ts";
import { answerMemoryRefusal } from "./memory.ts";

export function memoryFeedRoutes(app: App): void {
  route(app, ENDPOINTS.memorySocket, socket);
  route(app, ENDPOINTS.memoryEvents, events);
  route(app, ENDPOINTS.memoryHistory, history);
}

function asked<Q extends z.infer<typeof FeedQuery>>(c: C, schema: z.ZodType<Q>): Result<Q & AskedFeed> {
  const query = parseQuery(c, schema);
  if (!query.ok) return query;
  const given = parseHeaders(c, FeedHeaders);
  if (!given.ok) return given;
  const { "last-event-id": last, ...headers } = given.value;
  // A reader that comes back by itself says where it is: that is newer than the address with which it began.
  return accept({ ...query.value, ...(last === undefined ? {} : { since: { after: last } }), headers });
}

async function socket(c: C): Promise<Response> {
  const query = asked(c, SocketQuery);
  if (!query.ok) return answerMemoryRefusal(c, query);
  if (c.req.header("upgrade")?.toLowerCase() !== "websocket" || c.req.method !== "GET") {
    const sse = "this path speaks WebSocket; for server-sent events ask /api/v1/memory/events/sse";
    return answerMemoryRefusal(c, refuse("upgrade_required", sse));
  }
  const answer = await c.get("services").memoryFeeds.open(c.get("caller"), query.value, query.value.checks === "true");
  return answer.status === 101 ? answer : answerMemoryRefusal(c, await refusalOf(answer));
}

async function events(c: C): Promise<Response> {
  const query = asked(c, FeedQuery);
  if (!query.ok) return answerMemoryRefusal(c, query);
  const { memoryFeeds } = c.get("services");
  const opened = await memoryFeeds.open(c.get("caller"), query.value, true);
  const { webSocket: first } = opened;
  if (!first) return answerMemoryRefusal(c, await refusalOf(opened));
  const headers = { "content-type": "text/event-stream", "cache-control": "no-cache" };
  if (c.req.method === "HEAD") {
    first.accept();
    first.close(1000);
    return new Response(null, { headers });
  }
  const gone = new AbortController();
  const leave = leaveOf(c, AbortSignal.any([c.req.raw.signal, gone.signal]));
  const changes = memoryFeeds.follow(c.get("caller"), query.value, { first, signal: leave.ended });
  return new Response(sentEvents(changes, { leave, gone, textOf: eventText }), { headers });
}

function eventText({ id, text }: SentChange): string {
  return `id: ${id}\nevent: message\ndata: ${text}\n\n`;
}

async function history(c: C): Promise<Response> {
  const query = asked(c, HistoryQuery);
  if (!query.ok) return answerMemoryRefusal(c, query);
  const found = await c.get("services").memoryFeeds.history(c.get("caller"), query.value);
  return found.ok ? answerJson(c, found.value.map(memoryEventBody)) : answerMemoryRefusal(c, found);
}
