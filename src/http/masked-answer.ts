/** The one place where an answer is masked: behind every row of the endpoint table, so that a new one cannot forget it. */
import type { Endpoint } from "../contract/endpoint.ts";
import { maskBody, maskPersonalData, seesPersonalData } from "../contract/mask.ts";
import type { C } from "./app.ts";

/**
 * Whoever sees everything pays nothing. Streams are masked where their frames are made: each socket in the actor, the feed
 * in its relay. Files that are not text are not looked into.
 */
export async function maskAnswer(c: C, { answersSender }: Endpoint): Promise<void> {
  if (answersSender || seesPersonalData(c.get("caller"))) return;
  const { status, headers, body } = c.res;
  const type = headers.get("content-type") ?? "";
  const isJson = /^application\/(?:[\w.-]+\+)?json\b/.test(type);
  if (body === null || type.startsWith("text/event-stream") || !(isJson || type.startsWith("text/"))) return;
  const text = await c.res.text();
  const masked = isJson ? JSON.stringify(maskBody(JSON.parse(text))) : maskPersonalData(text);
  const kept = new Headers(headers);
  kept.delete("content-length");
  // Hono copies the headers of the answer that stands into one that is set over it.
  c.res = undefined;
  c.res = new Response(masked, { status, headers: kept });
}
