import { StepError } from "../define/errors.ts";
import type { Json } from "../domain/json.ts";
import { toJson } from "../domain/json.ts";

/** Rows of the store may hold 2 MB; what is above this is refused with the limit in the message. */
const MAX_VALUE_BYTES = 1_500_000;

const encoder = new TextEncoder();

/** The value as it is stored. Throws `value_too_large`, and what `JSON.stringify` throws for what is no JSON. */
export function storable(value: unknown, what: string): Json {
  const json = toJson(value);
  const text = JSON.stringify(json);
  if (fitsRow(text)) return json;
  const bytes = encoder.encode(text).length;
  throw new StepError("value_too_large", `${what} has ${bytes} bytes; at most ${MAX_VALUE_BYTES} are stored`);
}

/** A character is at most three bytes: short texts need no encoding to be known as short. */
export function fitsRow(text: string): boolean {
  return text.length * 3 <= MAX_VALUE_BYTES || encoder.encode(text).length <= MAX_VALUE_BYTES;
}
