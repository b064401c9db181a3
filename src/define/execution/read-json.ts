import type { Json } from "../../domain/json.ts";

const FENCED = /^```(?:json)?[ \t]*\n([\s\S]*?)\n?```$/i;

/** The response as JSON, if it is nothing else; a code fence around the whole of it is taken off. */
export function readJson(
  response: string,
): { readonly ok: true; readonly value: Json } | { readonly ok: false; readonly reason: string } {
  const text = response.trim();
  try {
    return { ok: true, value: JSON.parse(FENCED.exec(text)?.[1] ?? text) as Json };
  } catch (error) {
    return { ok: false, reason: error instanceof Error ? error.message : String(error) };
  }
}
