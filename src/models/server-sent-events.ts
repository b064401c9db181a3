import { createParser } from "eventsource-parser";
import { TurnFailure } from "../domain/model/conversation.ts";

/** Characters of one event. A piece of an answer is far smaller, an answer in one piece too; more is no answer. */
const LARGEST_EVENT = 16_777_216;

/**
 * The `data` of each event of a text/event-stream, as it arrives; names and ids are left out. The last event counts without
 * the blank line that ends it, which some servers leave out. What grows beyond the largest event is a `TurnFailure`.
 */
export async function* eventData(body: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  const found: string[] = [];
  let isTooLarge = false;
  const parser = createParser({
    maxBufferSize: LARGEST_EVENT,
    onEvent: ({ data }) => found.push(data),
    onError: ({ type }) => {
      isTooLarge ||= type === "max-buffer-size-exceeded";
    },
  });
  try {
    for (let done = false; !done; ) {
      const read = await reader.read();
      done = read.done;
      parser.feed(read.done ? `${decoder.decode()}\n\n` : decoder.decode(read.value, { stream: true }));
      yield* found.splice(0);
      if (isTooLarge) throw tooLarge();
    }
  } finally {
    // A reader that stops early lets go of the connection; after the end this does nothing.
    await reader.cancel().catch(() => {});
  }
}

function tooLarge(): TurnFailure {
  const message = `an event of the answer has more than ${LARGEST_EVENT} characters: it was not read on`;
  return new TurnFailure("server_error", message, { spent: "unknown" });
}
