import * as z from "zod";
import { described, rebuilt } from "./rebuilt.ts";
import type { StandardSchema } from "./schema.ts";
import { behind } from "./unknown-keys.ts";

type JsonSchema = Readonly<Record<string, unknown>>;

/**
 * The JSON Schema of a zod schema; `undefined` for one of another library. Runs none of the user's functions: a default may
 * be a function, and zod does not say which one is, so no default is shown (`.meta({ default: … })` shows one).
 *
 * `strict`: throws for what JSON Schema cannot say, a Date for one; else that may be anything.
 */
export function jsonSchemaOf(
  schema: StandardSchema | z.ZodType,
  io: "input" | "output",
  { strict = false }: { readonly strict?: boolean } = {},
): JsonSchema | undefined {
  if (!(schema instanceof z.ZodType)) return undefined;
  const {
    $schema: _draft,
    "~standard": _standard,
    ...shape
  } = z.toJSONSchema(withoutDefaults(schema, { io, seen: new Map() }), {
    io,
    unrepresentable: strict ? "throw" : "any",
  });
  return shape;
}

interface Walk {
  readonly io: "input" | "output";
  /** What was met on the way: a schema may contain itself. */
  readonly seen: Map<z.core.$ZodType, z.core.$ZodType | undefined>;
}

function withoutDefaults(given: z.core.$ZodType, walk: Walk): z.core.$ZodType {
  const { seen } = walk;
  const schema = behind(given);
  if (seen.has(schema)) return seen.get(schema) ?? z.lazy(() => seen.get(schema) ?? z.unknown());
  seen.set(schema, undefined);
  const made = plain(schema, walk);
  seen.set(schema, made);
  return made;
}

/** Where a value may be missing it is optional for who sends it, and always there for who gets it. */
function plain(schema: z.core.$ZodType, walk: Walk): z.core.$ZodType {
  const inside = (inner: z.core.$ZodType) => withoutDefaults(inner, walk);
  if (schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault || schema instanceof z.ZodCatch) {
    const inner = inside(schema.def.innerType);
    return described(walk.io === "input" ? z.optional(inner) : z.nonoptional(inner), schema);
  }
  return rebuilt(schema, inside);
}
