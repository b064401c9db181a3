/** Live readers: a WebSocket straight to the actor, or server-sent events made of the same frames. */
import { ENDPOINTS } from "../../contract/endpoints.ts";
import { ResumeHeaders, StreamQuery } from "../../contract/executions/requests.ts";
import { maskBody, seesPersonalData } from "../../contract/privacy/mask.ts";
import { FeedQuery } from "../../contract/stream/feed.ts";
import type { Frame } from "../../contract/stream/frames.ts";
import { PlanFrames } from "../../contract/stream/plan-frames.ts";
import type { Result } from "../../domain/values/fault.ts";
import { accept, refuse } from "../../domain/values/fault.ts";
import { unreachable } from "../../domain/values/json.ts";
import { refusalOf } from "../../operations/stream/watch.ts";
import { route } from "../access/route.ts";
import { answerRefusal } from "../answers/answer.ts";
import { leaveOf, relayed } from "../answers/relay.ts";
import { sentEvents } from "../answers/sent-events.ts";
import type { App, C } from "../requests/app.ts";
import { idOf, parseHeaders, parseQuery } from "../requests/parse.ts";
import { orLetGo } from "./or-let-go.ts";

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
  const { after, batch } = query.value;
  const wanted = { after, deltas: true, batches: batch === "true" };
  const answer = await c.get("services").live.stream(c.get("caller"), idOf(c), wanted);
  return answer.status === 101 ? answer : answerRefusal(c, await refusalOf(answer));
}

/** The socket of an actor, or the refusal in its place. */
export async function openedOrRefused(opened: Response): Promise<Result<WebSocket>> {
  return opened.webSocket ? accept(opened.webSocket) : refusalOf(opened);
}

export function wantsEventStream(c: C): boolean {
  return c.req.header("accept")?.includes("text/event-stream") ?? false;
}

/**
 * `id:` is the seq, so a browser that reconnects resumes by `Last-Event-ID`. Deltas have none. Ends after the execution's
 * end.
 */
export async function eventStream(c: C, after: number): Promise<Response> {
  const given = parseHeaders(c, ResumeHeaders);
  if (!given.ok) return answerRefusal(c, given);
  const { "last-event-id": last = after } = given.value;
  const { live } = c.get("services");
  const [caller, id] = [c.get("caller"), idOf(c)];
  const headers = { "content-type": "text/event-stream" };
  const opened = await live.open(caller, id, { after: last, deltas: true });
  const { webSocket: first } = opened;
  if (!first) return answerRefusal(c, await refusalOf(opened));
  if (c.req.method === "HEAD") return headOnly(first, headers);
  const gone = new AbortController();
  const leave = leaveOf(c, AbortSignal.any([c.req.raw.signal, gone.signal]));
  const frames = live.frames(caller, id, { after: last, deltas: true, signal: leave.ended, first });
  return new Response(sentEvents(frames, { leave, gone, textOf: eventText }), { headers });
}

export function headOnly(socket: WebSocket, headers: Readonly<Record<string, string>>): Response {
  socket.accept();
  socket.close(1000);
  return new Response(null, { headers });
}

/** A snapshot shows itself only by the text that turns in flight have written so far. */
function eventText(frame: Frame): string {
  switch (frame.type) {
    case "event": {
      const { seq, type } = frame.event;
      return `id: ${seq}\nevent: ${type}\ndata: ${JSON.stringify(frame.event)}\n\n`;
    }
    case "delta": {
      const { type, ...delta } = frame;
      return `event: ${type}\ndata: ${JSON.stringify(delta)}\n\n`;
    }
    case "snapshot":
      return frame.turns_in_flight.map((turn) => eventText({ type: "delta", offset: 0, ...turn })).join("");
    case "execution_update":
      return "";
  }
  return unreachable(frame);
}

/** The same execution in the two frames of plans: a state, and an event. */
async function planStream(c: C): Promise<Response> {
  const refused = notStreamable(c);
  if (refused) return refused;
  const { live } = c.get("services");
  const [caller, id] = [c.get("caller"), idOf(c)];
  const newest = await live.newest(caller, id);
  if (!newest.ok) return answerRefusal(c, newest);
  const after = newest.value;
  const opened = await live.open(caller, id, { after, deltas: false });
  const { webSocket: first } = opened;
  if (!first) return answerRefusal(c, await refusalOf(opened));
  return orLetGo(first, async () => {
    const plan = await c.get("services").planExecutions.get(caller, id);
    const frames = new PlanFrames(id, plan.ok ? plan.value : undefined);
    const texts = async function* texts(signal: AbortSignal) {
      for await (const frame of live.frames(caller, id, { after, deltas: false, signal, first })) {
        const translated = frames.of(frame);
        if (translated) yield JSON.stringify(seesPersonalData(caller) ? translated : maskBody(translated));
      }
    };
    return relayed(c, { texts, asks: false });
  });
}

/** The tenant's list changes. */
async function feed(c: C): Promise<Response> {
  const query = parseQuery(c, FeedQuery);
  if (!query.ok) return answerRefusal(c, query);
  const refused = notStreamable(c);
  if (refused) return refused;
  const { live } = c.get("services");
  const caller = c.get("caller");
  const texts = async function* texts(signal: AbortSignal) {
    const frames = live.feed(caller, { after: query.value.after, signal });
    for await (const frame of frames) yield JSON.stringify(seesPersonalData(caller) ? frame : maskBody(frame));
  };
  return relayed(c, { texts, asks: true });
}

function notStreamable(c: C): Response | undefined {
  if (c.req.header("upgrade")?.toLowerCase() === "websocket" && c.req.method === "GET") return undefined;
  return answerRefusal(c, refuse("upgrade_required", NEEDS_SOCKET));
}
