/** Whether an answer is masked, and the net behind every row of the endpoint table, so that a new one cannot forget it. */
import { maskBody, maskPersonalData, seesPersonalData } from "../../contract/privacy/mask.ts";
import type { C, Vars } from "../requests/app.ts";

/**
 * Returns whether an answer to this caller is masked. A caller that sees personal data pays nothing; before a caller is let
 * in, an answer holds no user's data.
 */
export function masks(c: C): boolean {
  const caller: Vars["caller"] | undefined = c.get("caller");
  return caller !== undefined && !seesPersonalData(caller);
}

/**
 * What was not masked as a value already (`answerJson`). Streams are masked where their frames are made: each socket in the
 * actor, the feed in its relay. JSON lines are masked one by one, as they pass. Files that are not text are not looked into.
 */
export async function maskAnswer(c: C): Promise<void> {
  if (!masks(c) || c.res === c.get("maskedAnswer")) return;
  const { headers, body } = c.res;
  const type = headers.get("content-type") ?? "";
  if (body === null || type.startsWith("text/event-stream")) return;
  if (type.startsWith("application/jsonl")) return setBody(c, body.pipeThrough(maskedLines()));
  const isJson = /^application\/(?:[\w.-]+\+)?json\b/.test(type);
  if (!isJson && !type.startsWith("text/") && !type.startsWith("application/xml")) return;
  const text = await c.res.text();
  const masked = isJson ? JSON.stringify(maskBody(JSON.parse(text))) : maskPersonalData(text);
  setBody(c, masked);
}

function setBody(c: C, body: BodyInit | null): void {
  const { status, headers } = c.res;
  const kept = new Headers(headers);
  kept.delete("content-length");
  // Hono copies the headers of the answer that stands into one that is set over it.
  c.res = undefined;
  c.res = new Response(body, { status, headers: kept });
}

function maskedLines(): ReadableWritablePair<Uint8Array, Uint8Array> {
  const decoder = new TextDecoder();
  const encoder = new TextEncoder();
  const maskLine = (line: string) => (line.trim() === "" ? line : JSON.stringify(maskBody(JSON.parse(line))));
  let line: string[] = [];
  return new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      const [end = "", ...next] = decoder.decode(chunk, { stream: true }).split("\n");
      line.push(end);
      for (const begin of next) {
        controller.enqueue(encoder.encode(`${maskLine(line.join(""))}\n`));
        line = [begin];
      }
    },
    flush(controller) {
      controller.enqueue(encoder.encode(maskLine(line.join("") + decoder.decode())));
    },
  });
}
