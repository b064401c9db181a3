/**
 * Inputs of nodes that asked for it (`validate_input`), checked against the JSON Schemas that they registered.
 *
 * - Nothing of a schema runs as code of strangers: regular expressions (`pattern`, `patternProperties`, `format`) stay the node's own
 *   to check, because a few characters of one can hold a processor for hours.
 * - What one value may cost is bounded by the schema: references are written out, none may lead back to itself, and there are at
 *   most so many parts, alternatives and levels.
 * - An input is sent on as it came: no default is filled in, no key is dropped.
 */
import * as z from "zod";
import type { StandardSchema } from "../../define/schema.ts";
import { check } from "../../define/schema.ts";
import type { FieldError, Result } from "../../domain/values/fault.ts";
import { accept, refuse } from "../../domain/values/fault.ts";
import { issueWords } from "../../domain/values/field-errors.ts";
import { isRecord } from "../../domain/values/is-record.ts";
import type { Json } from "../../domain/values/json.ts";
import { LruCache } from "../../domain/values/lru-cache.ts";

const MOST_PARTS = 2_000;
/** Members of `anyOf`, `oneOf` and `allOf` together: each may look at the same value. */
const MOST_ALTERNATIVES = 64;
const MOST_LEVELS = 50;
/** Of the texts of schemas that are remembered: what is made of one is some twenty times as large. */
const MOST_CACHED_BYTES = 1_048_576;

const DROPPED: ReadonlySet<string> = new Set([
  ...["pattern", "patternProperties", "format", "contentEncoding", "contentMediaType", "contentSchema"],
  ...["default", "$defs", "definitions", "$id", "id", "$anchor"],
]);
const LISTS: ReadonlySet<string> = new Set(["anyOf", "oneOf", "allOf"]);
const PARTS: ReadonlySet<string> = new Set([
  ...["items", "prefixItems", "additionalItems", "additionalProperties", "contains", "propertyNames", "not"],
  ...["if", "then", "else", "unevaluatedItems", "unevaluatedProperties"],
]);
const MAPS: ReadonlySet<string> = new Set(["properties", "dependentSchemas"]);

class Unfit extends Error {}

interface Walk {
  readonly root: Json;
  parts: number;
  alternatives: number;
}

/** Schemas that were made lately, by their text: a start, a call and a registration ask for the same one. */
const made = new LruCache<string, { readonly known: Result<StandardSchema>; readonly bytes: number }>(
  MOST_CACHED_BYTES,
  ({ bytes }) => bytes,
);

/** Refused, in words that go behind the name of the field, where a schema cannot be checked here. */
export function inputSchemaOf(schema: Json): Result<StandardSchema> {
  const text = JSON.stringify(schema);
  const before = made.get(text);
  if (before) return before.known;
  const known = compiled(schema);
  made.set(text, { known, bytes: text.length });
  return known;
}

function compiled(schema: Json): Result<StandardSchema> {
  try {
    const parser = z.fromJSONSchema(
      written(schema, { root: schema, parts: 0, alternatives: 0 }, { through: [], level: 0 }) as never,
    );
    const validate: StandardSchema["~standard"]["validate"] = (value) => {
      const { success, error } = parser.safeParse(value, { error: issueWords });
      return success ? { value } : { issues: error.issues };
    };
    return accept({ "~standard": { version: 1, vendor: "errand", validate } });
  } catch (error) {
    const why = error instanceof Error ? error.message.slice(0, 200) : "it is no JSON Schema";
    return refuse("invalid_input", `cannot be checked here: ${why}; register with validate_input false`);
  }
}

/** Nothing when it fits. A schema that cannot be checked was registered before that was asked: it holds nobody up. */
export async function inputErrors(schema: Json, input: Json): Promise<readonly FieldError[]> {
  const known = inputSchemaOf(schema);
  const checked = known.ok ? await check(known.value, input) : { ok: true as const };
  return checked.ok ? [] : checked.errors;
}

/** How a part was reached: by these references, so many levels deep. */
interface Place {
  readonly through: readonly string[];
  readonly level: number;
}

/** The schema without references, and without what is not looked at. */
function written(given: unknown, walk: Walk, { through, level }: Place): unknown {
  walk.parts += 1;
  if (walk.parts > MOST_PARTS) throw new Unfit(`with its references written out it has more than ${MOST_PARTS} parts`);
  if (level > MOST_LEVELS) throw new Unfit(`it is nested deeper than ${MOST_LEVELS} levels`);
  if (!isRecord(given)) return given;
  const { $ref: reference } = given;
  if (typeof reference === "string") {
    if (through.includes(reference)) throw new Unfit(`"${reference}" leads back to itself`);
    return written(found(walk.root, reference), walk, { through: [...through, reference], level });
  }
  const inside = (part: unknown) => written(part, walk, { through, level: level + 1 });
  const fields = Object.entries(given).flatMap(([key, value]): [string, unknown][] => {
    if (DROPPED.has(key)) return [];
    if (key === "type" && Array.isArray(value)) return [[key, [...new Set(value)]]];
    if (LISTS.has(key) && Array.isArray(value)) {
      walk.alternatives += value.length;
      if (walk.alternatives > MOST_ALTERNATIVES) throw new Unfit(`it has more than ${MOST_ALTERNATIVES} alternatives`);
      return [[key, value.map(inside)]];
    }
    if (PARTS.has(key)) return [[key, Array.isArray(value) ? value.map(inside) : inside(value)]];
    if (!MAPS.has(key) || !isRecord(value)) return [[key, value]];
    return [[key, Object.fromEntries(Object.entries(value).map(([name, part]) => [name, inside(part)]))]];
  });
  return Object.fromEntries(fields);
}

function found(root: Json, reference: string): unknown {
  if (!reference.startsWith("#")) throw new Unfit(`"${reference.slice(0, 100)}" is not in the schema itself`);
  const path = reference.slice(1).split("/").filter(Boolean);
  const names = path.map((name) => name.replaceAll("~1", "/").replaceAll("~0", "~"));
  const part = names.reduce<unknown>(
    (at, name) => (isRecord(at) && Object.hasOwn(at, name) ? at[name] : undefined),
    root,
  );
  if (part === undefined) throw new Unfit(`"${reference.slice(0, 100)}" names nothing in it`);
  return part;
}
