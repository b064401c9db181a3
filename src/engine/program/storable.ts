import { stepError } from "../../define/errors.ts";
import type { Json } from "../../domain/values/json.ts";
import { fitsBytes, jsonText, MAX_VALUE_BYTES } from "../../domain/values/json-text.ts";

/** A copy of the value as it is stored. Throws `value_not_json` with the path, or `value_too_large` with the limit. */
export function storable(value: unknown, what: string): Json {
  const made = jsonText(value, what);
  if (!made.ok) throw stepError(made.code, made.detail, { path: made.path });
  return JSON.parse(made.text) as Json;
}

/** What is larger is no value of an event, and has to be kept elsewhere. */
export function fitsRow(text: string): boolean {
  return fitsBytes(text, MAX_VALUE_BYTES);
}
