import type { ModelJson } from "../../domain/values/strict-json.ts";
import { readModelJson } from "../../domain/values/strict-json.ts";

const FENCED = /^```(?:json)?[ \t]*\n([\s\S]*?)\n?```$/i;

/** The response as JSON, if it is nothing else; a code fence around the whole of it is taken off. */
export function readJson(response: string): ModelJson {
  const text = response.trim();
  return readModelJson(FENCED.exec(text)?.[1] ?? text);
}
