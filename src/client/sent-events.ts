/** Server-sent events as frames, over `fetch`: the browser's EventSource can carry no key and cannot be given up in time. */
import { EventBody } from "../contract/executions/event-body.ts";
import type { Frame } from "../contract/stream/frames.ts";
import { DeltaFrame } from "../contract/stream/frames.ts";
import { isCut } from "./errors.ts";
import type { Timing } from "./pace.ts";

/** `open` makes the request; a broken connection and an aborted one just end, a refusal is thrown. */
export async function* sentEventFrames(
  open: (signal: AbortSignal) => Promise<Response>,
  { timing, signal }: { readonly timing: Timing; readonly signal: AbortSignal | undefined },
): AsyncGenerator<Frame> {
  const silence = new AbortController();
  const hush = () => silence.abort();
  let timer = setTimeout(hush, timing.silenceMs);
  try {
    const response = await open(signal ? AbortSignal.any([signal, silence.signal]) : silence.signal);
    for await (const block of blocks(response)) {
      clearTimeout(timer);
      timer = setTimeout(hush, timing.silenceMs);
      const frame = frameOf(block);
      if (frame) yield frame;
    }
  } catch (error) {
    if (!signal?.aborted && !silence.signal.aborted && !isCut(error)) throw error;
  } finally {
    clearTimeout(timer);
    silence.abort();
  }
}

/** A cut in the middle leaves half a block, which is dropped: it comes again. */
async function* blocks({ body }: Response): AsyncGenerator<string> {
  if (!body) return;
  const reader = body.getReader();
  const decoder = new TextDecoder();
  // Each piece is looked through once, however long the block is that it belongs to.
  let open: string[] = [];
  let half = "";
  while (true) {
    const { done, value } = await reader.read().catch(() => ({ done: true, value: undefined }));
    if (done) return;
    const text = half + decoder.decode(value, { stream: true });
    half = text.endsWith("\n") && !text.endsWith("\n\n") ? "\n" : "";
    const [first = "", ...next] = text.slice(0, text.length - half.length).split("\n\n");
    open.push(first);
    for (const begin of next) {
      yield open.join("");
      open = [begin];
    }
  }
}

/** Comments have no data. What has an id is an event of the log; of the rest only deltas are known. */
function frameOf(block: string): Frame | undefined {
  const data = fieldOf(block, "data");
  if (data === undefined) return undefined;
  if (fieldOf(block, "id") !== undefined) return { type: "event", event: EventBody.parse(JSON.parse(data)) };
  if (fieldOf(block, "event") !== "delta") return undefined;
  return DeltaFrame.parse({ type: "delta", ...JSON.parse(data) });
}

function fieldOf(block: string, name: string): string | undefined {
  const lines = block.split("\n").filter((line) => line.startsWith(`${name}:`));
  return lines.length === 0 ? undefined : lines.map((line) => line.slice(name.length + 1).trimStart()).join("\n");
}
