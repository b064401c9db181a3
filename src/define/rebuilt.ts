/**
 * A zod schema with its inner schemas replaced: how `strict.ts` and `json-schema.ts` walk one. What a schema says beside
 * its parts stays as it is: checks, descriptions, and defaults, which are getters that run the user's own function; copied
 * as values they would run once, and give one object to everybody.
 */
import { z } from "zod";

type Inner = (inner: z.core.$ZodType) => z.ZodType;

/** The kinds that only wrap another schema, under `innerType`. */
const WRAPPERS = [z.ZodOptional, z.ZodExactOptional, z.ZodNullable, z.ZodDefault, z.ZodPrefault, z.ZodReadonly];

/**
 * The same schema with `change` made of each schema directly inside it. Kinds whose inside decides which of several ways is
 * taken stay whole: unions, intersections, `catch`.
 */
export function rebuilt(schema: z.ZodType, change: Inner): z.ZodType {
  const parts = partsOf(schema, change);
  return parts === undefined ? schema : withParts(schema, parts);
}

/** A clone in which these fields of the definition are others. */
export function withParts(schema: z.ZodType, parts: object): z.ZodType {
  return described(schema.clone(z.core.util.mergeDefs(schema.def, parts)), schema);
}

/** The clone says of itself what the original says. Its name in a registry stays the original's. */
export function described<S extends z.ZodType>(made: S, original: z.ZodType): S {
  const { id: _id, ...meta } = z.globalRegistry.get(original) ?? {};
  if (Object.keys(meta).length > 0) z.globalRegistry.add(made, meta);
  return made;
}

function partsOf(schema: z.ZodType, change: Inner): object | undefined {
  if (schema instanceof z.ZodObject) return { shape: mapped(schema.shape as z.core.$ZodShape, change) };
  if (schema instanceof z.ZodArray) return { element: change(schema.def.element) };
  if (schema instanceof z.ZodRecord) return { valueType: change(schema.def.valueType) };
  if (schema instanceof z.ZodTuple) {
    const { items, rest } = schema.def;
    return { items: items.map(change), rest: rest && change(rest) };
  }
  if (schema instanceof z.ZodLazy) return { getter: () => change(schema.def.getter()) };
  if (schema instanceof z.ZodDiscriminatedUnion) return { options: schema.def.options.map(change) };
  if (schema instanceof z.ZodPipe) return { in: change(schema.def.in) };
  for (const Wrapper of WRAPPERS)
    if (schema instanceof Wrapper)
      return { innerType: change((schema.def as { innerType: z.core.$ZodType }).innerType) };
  return undefined;
}

function mapped(shape: z.core.$ZodShape, change: Inner): Record<string, z.ZodType> {
  return Object.fromEntries(Object.entries(shape).map(([name, field]) => [name, change(field)]));
}
