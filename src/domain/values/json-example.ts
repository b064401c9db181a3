/**
 * A plausible value for a JSON Schema, always the same for the same schema and text. What the text already says is
 * taken from it: a field of a JSON object in the text goes to the property of the same name.
 *
 * Knows the words that `z.toJSONSchema` writes; of the others it takes no notice, so a value is plausible and no proof.
 */

import * as z from "zod";
import { isRecord } from "./is-record.ts";
import type { Json } from "./json.ts";
import { Json as JsonValue } from "./json.ts";

export type Schema = { readonly [key: string]: Json };
type Fields = { readonly [key: string]: Json };

const JsonObject = z.record(z.string(), JsonValue);
const MAX_DEPTH = 8;
const MOST_BRACES = 25;
const FORMATS: ReadonlyMap<string, string> = new Map([
  ["date", "2026-01-01"],
  ["date-time", "2026-01-01T00:00:00Z"],
  ["email", "someone@example.com"],
  ["uri", "https://example.com/"],
  ["uuid", "00000000-0000-4000-8000-000000000000"],
]);

/** Where a value is made: the schema that holds the definitions, and what the user said. */
interface Place {
  readonly root: Schema;
  readonly text: string;
  readonly fields: Fields;
  readonly depth: number;
}

export function jsonExample(schema: Schema, text: string): Json {
  return make(schema, { root: schema, text, fields: firstObject(text) ?? {}, depth: 0 });
}

/** The first JSON object written in a text; looked for at its first braces only, so that the work is a multiple of the text. */
export function firstObject(text: string): Fields | undefined {
  let start = text.indexOf("{");
  for (let tried = 0; start >= 0 && tried < MOST_BRACES; start = text.indexOf("{", start + 1), tried += 1) {
    const end = closingBrace(text, start);
    const found = end === undefined ? undefined : readObject(text.slice(start, end + 1));
    if (found) return found;
  }
  return undefined;
}

function closingBrace(text: string, start: number): number | undefined {
  let depth = 0;
  let quoted = false;
  for (let index = start; index < text.length; index += 1) {
    const char = text[index];
    if (quoted && char === "\\") index += 1;
    else if (char === '"') quoted = !quoted;
    else if (!quoted && char === "{") depth += 1;
    else if (!quoted && char === "}") {
      depth -= 1;
      if (depth === 0) return index;
    }
  }
  return undefined;
}

function readObject(text: string): Fields | undefined {
  try {
    return JsonObject.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

function make(given: Schema, place: Place): Json {
  const schema = resolved(given, place.root);
  if (schema.const !== undefined) return schema.const;
  const chosen = [schema.enum, schema.examples].find((list) => Array.isArray(list) && list.length > 0);
  if (Array.isArray(chosen)) return chosen[0] ?? null;
  if (schema.default !== undefined) return schema.default;
  const type = Array.isArray(schema.type) ? schema.type[0] : schema.type;
  if (place.depth > MAX_DEPTH) return null;
  if (type === "object") return makeObject(schema, place);
  if (type === "array") return makeArray(schema, place);
  if (type === "string") return makeString(schema, place.text);
  if (type === "number" || type === "integer") return makeNumber(schema, place.text);
  return type === "boolean" ? true : null;
}

function makeObject({ properties, required }: Schema, place: Place): Json {
  const needed = Array.isArray(required) ? required : [];
  const made: { [key: string]: Json } = {};
  for (const [name, value] of Object.entries(asSchema(properties))) {
    const schema = resolved(asSchema(value), place.root);
    const said = fieldOf(place.fields, name);
    if (said !== undefined && fits(said, schema)) made[name] = said;
    else if (needed.includes(name)) made[name] = make(schema, { ...place, depth: place.depth + 1 });
  }
  return made;
}

function makeArray({ items, minItems }: Schema, place: Place): Json {
  const count = typeof minItems === "number" ? Math.max(1, minItems) : 1;
  const item = make(asSchema(items), { ...place, depth: place.depth + 1 });
  return Array.from({ length: count }, () => item);
}

function makeString({ format, minLength, maxLength }: Schema, text: string): string {
  const known = typeof format === "string" ? FORMATS.get(format) : undefined;
  if (known !== undefined) return known;
  const quoted = /["“']([^"“”']{1,200})["”']/.exec(text)?.[1];
  const value = (quoted ?? text).trim() || "example";
  const longest = typeof maxLength === "number" ? maxLength : 200;
  return value.slice(0, longest).padEnd(typeof minLength === "number" ? minLength : 0, "x");
}

function makeNumber(schema: Schema, text: string): number {
  const whole = schema.type === "integer";
  const said = Number(/-?\d+(\.\d+)?/.exec(text)?.[0] ?? "1");
  const bound = (value: Json | undefined, none: number) => (typeof value === "number" ? value : none);
  const least = Math.max(bound(schema.minimum, -Infinity), bound(schema.exclusiveMinimum, -Infinity) + 1);
  const most = Math.min(bound(schema.maximum, Infinity), bound(schema.exclusiveMaximum, Infinity) - 1);
  return Math.min(Math.max(whole ? Math.trunc(said) : said, least), most);
}

/** Follows local references, and takes the first of several possibilities. */
function resolved(schema: Schema, root: Schema): Schema {
  let current = schema;
  for (let step = 0; step < MAX_DEPTH; step += 1) {
    const { $ref: reference } = current;
    const choice = [current.anyOf, current.oneOf, current.allOf].find((list) => Array.isArray(list));
    if (typeof reference === "string") current = asSchema(at(root, reference));
    else if (Array.isArray(choice)) current = asSchema(choice[0]);
    else break;
  }
  return current;
}

function at(root: Schema, reference: string): Json | undefined {
  const path = reference.replace(/^#\/?/, "").split("/").filter(Boolean);
  return path.reduce<Json | undefined>((value, key) => fieldOf(asSchema(value), key), root);
}

/** What a text says under a name; words that every object inherits are not said. */
function fieldOf(fields: Fields, name: string): Json | undefined {
  return Object.hasOwn(fields, name) ? fields[name] : undefined;
}

function asSchema(value: Json | undefined): Schema {
  return isRecord(value) ? value : {};
}

function fits(value: Json, { type, enum: allowed }: Schema): boolean {
  if (Array.isArray(allowed)) return allowed.includes(value);
  if (type === "array") return Array.isArray(value);
  if (type === "integer") return Number.isInteger(value);
  if (type === "object") return isRecord(value);
  return type === undefined || typeof value === type;
}
