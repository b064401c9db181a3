/** Server-sent events as frames, over `fetch`: the browser's EventSource can carry no key and cannot be given up in time. */
import { EventBody } from "../contract/event-body.ts";
import type { Frame } from "../contract/frames.ts";
import { isCut } from "./errors.ts";
import type { Tempo } from "./pace.ts";

/** `open` makes the request; a broken connection and an aborted one just end, a refusal is thrown. */
export async function* sentEventFrames(
  open: (signal: AbortSignal) => Promise<Response>,
  { tempo, signal }: { readonly tempo: Tempo; readonly signal: AbortSignal | undefined },
): AsyncGenerator<Frame> {
  const silence = new AbortController();
  const hush = () => silence.abort();
  let timer = setTimeout(hush, tempo.silenceMs);
  try {
    const response = await open(signal ? AbortSignal.any([signal, silence.signal]) : silence.signal);
    for await (const block of blocks(response)) {
      clearTimeout(timer);
      timer = setTimeout(hush, tempo.silenceMs);
      const data = dataOf(block);
      if (data !== undefined) yield { type: "event", event: EventBody.parse(JSON.parse(data)) };
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
  let rest = "";
  while (true) {
    const { done, value } = await reader.read().catch(() => ({ done: true, value: undefined }));
    if (done) return;
    rest += decoder.decode(value, { stream: true });
    const whole = rest.split("\n\n");
    rest = whole.pop() ?? "";
    yield* whole;
  }
}

function dataOf(block: string): string | undefined {
  const lines = block.split("\n").filter((line) => line.startsWith("data:"));
  return lines.length === 0 ? undefined : lines.map((line) => line.slice(5).trimStart()).join("\n");
}
