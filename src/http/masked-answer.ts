/** Whether an answer is masked, and the net behind every row of the endpoint table, so that a new one cannot forget it. */
import { maskBody, maskPersonalData, seesPersonalData } from "../contract/mask.ts";
import type { C, Vars } from "./app.ts";

/** Whoever sees everything pays nothing, and before somebody is let in there is nothing of anybody's to be seen. */
export function masks(c: C): boolean {
  const caller: Vars["caller"] | undefined = c.get("caller");
  return caller !== undefined && !c.get("asked").endpoint.answersSender && !seesPersonalData(caller);
}

/**
 * What was not masked as a value already (`answerJson`). Streams are masked where their frames are made: each socket in the
 * actor, the feed in its relay. Files that are not text are not looked into.
 */
export async function maskAnswer(c: C): Promise<void> {
  if (!masks(c) || c.res === c.get("maskedAnswer")) return;
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
