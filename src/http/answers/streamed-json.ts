/**
 * A JSON answer that is written while its parts are read: what is in memory is one part, however long the answer is. Masked
 * part by part for masked readers. A part that cannot be read cuts the answer: half of it parses as no JSON.
 */
import { maskBody } from "../../contract/privacy/mask.ts";
import type { C } from "../requests/app.ts";
import { masks } from "./masked-answer.ts";

/** A field with its value, or with items that come one by one. */
export type Field = readonly [name: string, value: unknown] | readonly [name: string, items: AsyncIterable<unknown>];

/** Characters that are gathered before they are handed to the connection. */
const CHUNK = 64 * 1_024;

export function answerStream(c: C, fields: () => AsyncIterable<Field>): Response {
  const show = masks(c) ? maskBody : (value: unknown) => value;
  const answer = streamOf(c, textsOf(fields(), show), { "content-type": "application/json" });
  c.set("maskedAnswer", answer);
  return answer;
}

/** The same as JSON lines, which are masked as they pass (`masked-answer.ts`). */
export function answerLines(c: C, items: () => AsyncIterable<unknown>): Response {
  const lines = async function* lines() {
    for await (const item of items()) yield `${JSON.stringify(item)}\n`;
  };
  return streamOf(c, lines(), { "content-type": "application/jsonl" });
}

/** Texts that are masked already where they have to be. */
export function answerTexts(c: C, texts: AsyncIterable<string>, headers: Readonly<Record<string, string>>): Response {
  const answer = streamOf(c, texts, headers);
  c.set("maskedAnswer", answer);
  return answer;
}

function streamOf(c: C, parts: AsyncIterable<string>, headers: Readonly<Record<string, string>>): Response {
  const texts = chunksOf(parts);
  const encoder = new TextEncoder();
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        const { done, value } = await texts.next();
        if (done) controller.close();
        else controller.enqueue(encoder.encode(value));
      } catch (error) {
        c.get("services").log({ level: "error", message: "an answer was cut", error: String(error) });
        controller.error(error);
      }
    },
    async cancel() {
      await texts.return(undefined);
    },
  });
  return new Response(body, { headers });
}

async function* textsOf(fields: AsyncIterable<Field>, show: (value: unknown) => unknown): AsyncGenerator<string> {
  let before = "{";
  for await (const [name, value] of fields) {
    yield `${before}${JSON.stringify(name)}:`;
    before = ",";
    if (isAsync(value)) yield* itemTexts(name, value, show);
    else yield textOf(name, value, show);
  }
  yield before === "{" ? "{}" : "}";
}

async function* itemTexts(
  name: string,
  items: AsyncIterable<unknown>,
  show: (value: unknown) => unknown,
): AsyncGenerator<string> {
  let before = "[";
  for await (const item of items) {
    const text = textOf(name, [item], show);
    yield before + text.slice(1, -1);
    before = ",";
  }
  yield before === "[" ? "[]" : "]";
}

/** Under its name, because what is masked depends on it. */
function textOf(name: string, value: unknown, show: (value: unknown) => unknown): string {
  const shown = show({ [name]: value }) as Readonly<Record<string, unknown>>;
  return JSON.stringify(shown[name] ?? null);
}

function isAsync(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === "object" && value !== null && Symbol.asyncIterator in value;
}

async function* chunksOf(texts: AsyncIterable<string>): AsyncGenerator<string> {
  let parts: string[] = [];
  let size = 0;
  for await (const text of texts) {
    parts.push(text);
    size += text.length;
    if (size < CHUNK) continue;
    yield parts.join("");
    parts = [];
    size = 0;
  }
  if (parts.length > 0) yield parts.join("");
}
