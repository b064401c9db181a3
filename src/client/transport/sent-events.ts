/** Server-sent events as frames, over `fetch`: the browser's EventSource can carry no key and cannot be given up in time. */
import type { EventSourceMessage } from "eventsource-parser";
import { createParser } from "eventsource-parser";
import { EventBody } from "../../contract/executions/event-body.ts";
import type { Frame } from "../../contract/stream/frames.ts";
import { DeltaFrame } from "../../contract/stream/frames.ts";
import { isCut } from "./errors.ts";
import type { Timing } from "./pace.ts";

/** Characters of one event: twice the largest result that an execution may have. */
const LARGEST_EVENT = 33_554_432;

interface Reading {
  readonly timing: Timing;
  /** How long the answer may take to begin; default that of the timing. */
  readonly connectMs?: number;
  readonly signal: AbortSignal | undefined;
}

/** The frames of an execution. */
export async function* sentEventFrames(
  open: (signal: AbortSignal) => Promise<Response>,
  reading: Reading,
): AsyncGenerator<Frame> {
  for await (const message of sentMessages(open, reading)) {
    const frame = frameOf(message);
    if (frame) yield frame;
  }
}

/** `open` makes the request; a broken connection and an aborted one just end, a refusal is thrown. */
export async function* sentMessages(
  open: (signal: AbortSignal) => Promise<Response>,
  { timing, connectMs = timing.connectMs, signal }: Reading,
): AsyncGenerator<EventSourceMessage> {
  const silence = new AbortController();
  const hush = () => silence.abort();
  let timer = setTimeout(hush, connectMs);
  try {
    const response = await open(signal ? AbortSignal.any([signal, silence.signal]) : silence.signal);
    clearTimeout(timer);
    timer = setTimeout(hush, timing.silenceMs);
    for await (const messages of piecesOf(response)) {
      clearTimeout(timer);
      timer = setTimeout(hush, timing.silenceMs);
      yield* messages;
    }
  } catch (error) {
    if (!signal?.aborted && !silence.signal.aborted && !isCut(error)) throw error;
  } finally {
    clearTimeout(timer);
    silence.abort();
  }
}

/** The events that each piece of the body completes, often none. A cut leaves half of one, which is dropped: it comes again. */
async function* piecesOf({ body }: Response): AsyncGenerator<readonly EventSourceMessage[]> {
  if (!body) return;
  const reader = body.getReader();
  const decoder = new TextDecoder();
  const found: EventSourceMessage[] = [];
  let isTooLarge = false;
  const parser = createParser({
    maxBufferSize: LARGEST_EVENT,
    onEvent: (message) => found.push(message),
    onError: ({ type }) => {
      isTooLarge ||= type === "max-buffer-size-exceeded";
    },
  });
  while (!isTooLarge) {
    const { done, value } = await reader.read().catch(() => ({ done: true, value: undefined }));
    if (done) return;
    parser.feed(decoder.decode(value, { stream: true }));
    yield found.splice(0);
  }
  throw new Error(
    `an event of the server has more than ${LARGEST_EVENT} characters: no event of an execution is as large`,
  );
}

/** What has an id is an event of the log; of the rest only deltas are known. */
function frameOf({ id, event, data }: EventSourceMessage): Frame | undefined {
  if (id !== undefined) return { type: "event", event: EventBody.parse(JSON.parse(data)) };
  if (event !== "delta") return undefined;
  return DeltaFrame.parse({ type: "delta", ...JSON.parse(data) });
}
