/** Server-sent events in the words of AgentField: of one execution, of a run, and of all that a caller lists. */
import { ENDPOINTS } from "../../contract/endpoints.ts";
import { ResumeHeaders } from "../../contract/executions/requests.ts";
import { maskBody, seesPersonalData } from "../../contract/privacy/mask.ts";
import type { NumberedFrame } from "../../contract/stream/agentfield-frames.ts";
import { ExecutionFrames, RowFrames } from "../../contract/stream/agentfield-frames.ts";
import type { Refusal } from "../../domain/values/fault.ts";
import { runFrames } from "../../operations/runs/run-frames.ts";
import { route } from "../access/route.ts";
import { answerRefusal } from "../answers/answer.ts";
import { leaveOf } from "../answers/relay.ts";
import { sentEvents } from "../answers/sent-events.ts";
import type { App, C } from "../requests/app.ts";
import { idOf, parseHeaders } from "../requests/parse.ts";
import { headOnly, openedOrRefused } from "./streams.ts";

const HEADERS = { "content-type": "text/event-stream", "cache-control": "no-cache" };
/** As the stream of the original's pages has it. */
const UI_HEARTBEAT_MS = 30_000;

export function agentFieldStreamRoutes(app: App): void {
  route(app, ENDPOINTS.uiEvents, uiEvents);
}

/** Of the execution, or of the run, that has this id. */
export async function agentFieldStream(c: C, asked: number): Promise<Response> {
  const given = parseHeaders(c, ResumeHeaders);
  if (!given.ok) return answerRefusal(c, given);
  const { "last-event-id": from = asked } = given.value;
  const { live } = c.get("services");
  const [caller, id] = [c.get("caller"), idOf(c)];
  const opened = await openedOrRefused(await live.open(caller, id, { after: from, deltas: false }));
  if (!opened.ok) return opened.code === "not_found" ? runStream(c, from, opened) : answerRefusal(c, opened);
  const first = opened.value;
  if (c.req.method === "HEAD") return headOnly(first, HEADERS);
  const gone = new AbortController();
  const leave = leaveOf(c, AbortSignal.any([c.req.raw.signal, gone.signal]));
  const frames = live.frames(caller, id, { after: from, deltas: false, signal: leave.ended, first });
  const reader = new ExecutionFrames(from);
  const textOf = (frame: Parameters<ExecutionFrames["read"]>[0]) => reader.read(frame).map(executionText).join("");
  return new Response(sentEvents(frames, { leave, gone, textOf }), { headers: HEADERS });
}

/** What is no execution may be a run. */
async function runStream(c: C, from: number, refusal: Refusal): Promise<Response> {
  const gone = new AbortController();
  const leave = leaveOf(c, AbortSignal.any([c.req.raw.signal, gone.signal]));
  const asked = { runId: idOf(c), from, signal: leave.ended };
  const { runs, live } = c.get("services");
  const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
  const found = await runFrames({ runs, live, now: Date.now, pause }, c.get("caller"), asked);
  if (!found.ok) return answerRefusal(c, found.code === "not_found" ? refusal : found);
  if (c.req.method === "HEAD") return ended(found.value);
  const shown = shownTo(c);
  const textOf = (numbered: NumberedFrame) => executionText(shown(numbered));
  return new Response(sentEvents(found.value, { leave, gone, textOf }), { headers: HEADERS });
}

async function ended(frames: AsyncGenerator<unknown>): Promise<Response> {
  await frames.return(undefined);
  return new Response(null, { headers: HEADERS });
}

async function uiEvents(c: C): Promise<Response> {
  if (c.req.method === "HEAD") return new Response(null, { headers: HEADERS });
  const gone = new AbortController();
  const leave = leaveOf(c, AbortSignal.any([c.req.raw.signal, gone.signal]));
  const rows = new RowFrames();
  const { live } = c.get("services");
  const caller = c.get("caller");
  const shown = shownTo(c);
  const texts = async function* texts() {
    yield dataText({ type: "connected" });
    for await (const changed of live.feed(caller, { after: undefined, signal: leave.ended })) {
      const numbered = rows.read(changed);
      if (numbered) yield dataText(shown(numbered).frame);
    }
  };
  const sending = { leave, gone, textOf: (text: string) => text, heartbeatMs: UI_HEARTBEAT_MS };
  return new Response(sentEvents(texts(), sending), { headers: HEADERS });
}

/** Of rows: those of an actor are masked there. */
function shownTo(c: C): (numbered: NumberedFrame) => NumberedFrame {
  if (seesPersonalData(c.get("caller"))) return (numbered) => numbered;
  return ({ frame, ...id }) => ({ ...id, frame: maskBody(frame) as NumberedFrame["frame"] });
}

function executionText({ id, frame }: NumberedFrame): string {
  return `${id === undefined ? "" : `id: ${id}\n`}event: execution\n${dataText(frame)}`;
}

const dataText = (data: unknown) => `data: ${JSON.stringify(data)}\n\n`;
