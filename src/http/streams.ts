/** Live readers: a WebSocket straight to the actor, or server-sent events made of the same frames. */
import { z } from "zod";
import { ENDPOINTS } from "../contract/endpoints.ts";
import { StreamQuery } from "../contract/requests.ts";
import { refuse } from "../domain/fault.ts";
import { framesOf } from "../operations/watch.ts";
import { answerRefusal } from "./answer.ts";
import type { App, C } from "./app.ts";
import { idOf, parseQuery } from "./parse.ts";
import { route } from "./route.ts";

/** A comment this often keeps proxies from closing a quiet stream. */
const HEARTBEAT_MS = 15_000;

export function streamRoutes(app: App): void {
  route(app, ENDPOINTS.stream, stream);
}

async function stream(c: C): Promise<Response> {
  const query = parseQuery(c, StreamQuery);
  if (!query.ok) return answerRefusal(c, query);
  if (c.req.header("upgrade")?.toLowerCase() !== "websocket") {
    return answerRefusal(
      c,
      refuse(
        "upgrade_required",
        "this path speaks WebSocket; for server-sent events ask …/events with Accept: text/event-stream",
      ),
    );
  }
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
  const frames = framesOf({ door, caller, executionId: idOf(c) }, last.success ? last.data : after, c.req.raw.signal);
  const encoder = new TextEncoder();
  const body = new ReadableStream<Uint8Array>({
    async start(controller) {
      const beat = setInterval(() => controller.enqueue(encoder.encode(": heartbeat\n\n")), HEARTBEAT_MS);
      try {
        for await (const frame of frames) {
          if (frame.type !== "event") continue;
          const { seq, type } = frame.event;
          controller.enqueue(encoder.encode(`id: ${seq}\nevent: ${type}\ndata: ${JSON.stringify(frame.event)}\n\n`));
        }
      } finally {
        clearInterval(beat);
        controller.close();
      }
    },
  });
  return new Response(body, { headers: { "content-type": "text/event-stream", "cache-control": "no-store" } });
}
