import * as z from "zod";

/** Anything JSON can say. What crosses a boundary of Errand is always a `Json`. */
export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };
/**
 * What this parses came out of `JSON.parse`, so it is JSON already: only its absence is looked at. Walking the whole value
 * (`z.json()`) was a third of what reading a log cost.
 */
export const Json: z.ZodType<Json> = z
  .unknown()
  .refine((value) => value !== undefined, "must be there") as unknown as z.ZodType<Json>;

/**
 * A `T` as it comes back from where it was stored: what has `toJSON` in that form (a Date is a text), nothing at all as
 * `null`. What JSON cannot carry is `never`: storing it is refused (`value_not_json`).
 */
export type Jsonify<T> = unknown extends T
  ? T
  : T extends Json
    ? T
    : T extends void
      ? null
      : T extends { toJSON(key: string): infer Form }
        ? Jsonify<Form>
        : T extends bigint | symbol | ((...given: never[]) => unknown)
          ? never
          : T extends object
            ? { [K in keyof T]: IsOptional<T, K> extends true ? Jsonify<Exclude<T[K], undefined>> : JsonifyField<T[K]> }
            : never;

type IsOptional<T, K extends keyof T> = Record<never, never> extends Pick<T, K> ? true : false;
/** A field that may be `undefined` is left out when it is, and reads as `undefined`. */
type JsonifyField<T> = unknown extends T ? T : T extends undefined ? undefined : Jsonify<T>;

/** The same value always gives the same text: object keys sorted, `undefined` left out. Digests are made of this. */
export function canonicalJson(value: unknown): string {
  const parts: string[] = [];
  writeCanonical(value, parts);
  return parts.join("");
}

/** In one list of parts: a text that each level put together anew would be copied once for each level around it. */
function writeCanonical(value: unknown, parts: string[]): void {
  if (value === null || typeof value !== "object") return void parts.push(JSON.stringify(value) ?? "null");
  if (Array.isArray(value)) {
    for (const [at, item] of value.entries()) {
      parts.push(at === 0 ? "[" : ",");
      writeCanonical(item, parts);
    }
    return void parts.push(value.length === 0 ? "[]" : "]");
  }
  const fields = Object.entries(value)
    .filter(([, field]) => field !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  for (const [at, [key, field]] of fields.entries()) {
    parts.push(at === 0 ? "{" : ",", JSON.stringify(key), ":");
    writeCanonical(field, parts);
  }
  parts.push(fields.length === 0 ? "{}" : "}");
}

/** A copy of a value whose type says that it is JSON, without its `undefined`. What user code gives goes through `jsonText`. */
export function toJson(value: unknown): Json {
  if (value === undefined) return null;
  const text = JSON.stringify(value);
  return text === undefined ? null : (JSON.parse(text) as Json);
}

/** The end of a closed union: a new member that no case handles is a compile error here. */
export function unreachable(value: never): never {
  throw new Error(`unhandled case: ${JSON.stringify(value)}`);
}
