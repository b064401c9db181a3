/**
 * A zod schema with its inner schemas replaced: how `strict.ts` and `json-schema.ts` walk one. What a schema says beside
 * its parts stays as it is: checks, descriptions, and defaults, which are getters that run the user's own function; copied
 * as values they would run once, and give one object to every parse.
 */
import * as z from "zod";
import * as core from "zod/v4/core";

/** `at`: where it stands in its container; empty for what only wraps it. */
type Inner = (inner: z.core.$ZodType, at: string) => z.core.$ZodType;

type AnyDef = z.core.$ZodTypes["_zod"]["def"];
export type ZodKind = AnyDef["type"];

const whole = () => undefined;
const wrapper = ({ innerType }: { readonly innerType: z.core.$ZodType }, change: Inner) => ({
  innerType: change(innerType, ""),
});

/** The parts of each kind that zod has: one that a new version brings does not compile until it has its line. */
const PARTS: { readonly [K in ZodKind]: (def: Extract<AnyDef, { type: K }>, change: Inner) => object | undefined } = {
  object: ({ shape, catchall }, change) => ({
    shape: Object.fromEntries(Object.entries(shape).map(([name, field]) => [name, change(field, name)])),
    ...(catchall && { catchall: change(catchall, "*") }),
  }),
  array: ({ element }, change) => ({ element: change(element, "*") }),
  record: ({ valueType }, change) => ({ valueType: change(valueType, "*") }),
  tuple: ({ items, rest }, change) => ({
    items: items.map((item, place) => change(item, String(place))),
    rest: rest && change(rest, "*"),
  }),
  map: ({ keyType, valueType }, change) => ({ keyType: change(keyType, "*"), valueType: change(valueType, "*") }),
  set: ({ valueType }, change) => ({ valueType: change(valueType, "*") }),
  lazy: ({ getter }, change) => ({ getter: () => change(getter(), "") }),
  union: ({ options }, change) => ({ options: options.map((option) => change(option, "")) }),
  intersection: ({ left, right }, change) => ({ left: change(left, ""), right: change(right, "") }),
  pipe: (def, change) => ({ in: change(def.in, ""), out: change(def.out, "") }),
  ...{ optional: wrapper, nullable: wrapper, nonoptional: wrapper, readonly: wrapper, success: wrapper },
  ...{ default: wrapper, prefault: wrapper, catch: wrapper, promise: wrapper },
  ...{ string: whole, number: whole, bigint: whole, boolean: whole, symbol: whole, date: whole, nan: whole },
  ...{ undefined: whole, null: whole, void: whole, never: whole, any: whole, unknown: whole },
  ...{ enum: whole, literal: whole, template_literal: whole, file: whole, custom: whole },
  ...{ transform: whole, function: whole },
};

export function kindOf(schema: z.core.$ZodType): ZodKind {
  return (schema as z.core.$ZodTypes)._zod.def.type;
}

export function isKnownKind(kind: string): kind is ZodKind {
  return Object.hasOwn(PARTS, kind);
}

/** The same schema with `change` made of each schema directly inside it. */
export function rebuilt(schema: z.core.$ZodType, change: Inner): z.core.$ZodType {
  const kind = kindOf(schema);
  const parts = isKnownKind(kind) ? PARTS[kind](schema._zod.def as never, change) : undefined;
  return parts === undefined ? schema : withParts(schema, parts);
}

/** A clone in which these fields of the definition are others. */
export function withParts(schema: z.core.$ZodType, parts: object): z.core.$ZodType {
  return described(core.clone(schema, core.util.mergeDefs(schema._zod.def, parts) as never), schema);
}

/** The clone says of itself what the original says. Its name in a registry stays the original's. */
export function described<S extends z.core.$ZodType>(made: S, original: z.core.$ZodType): S {
  const { id: _id, ...meta } = z.globalRegistry.get(original) ?? {};
  if (Object.keys(meta).length > 0) z.globalRegistry.add(made, meta);
  return made;
}
