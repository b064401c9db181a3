/**
 * A user's schema of an input, refusing keys that it does not name. Called where functions, executions and tools are defined.
 *
 * - Every kind of zod schema is handled: each object inside refuses unknown keys, in any schema around it.
 * - What is loose on purpose stays so: `z.looseObject`, `.catchall`, and the second half of a pipe whose first half names
 *   the keys already. A schema of another library is taken as it is.
 * - What cannot be made strict, or takes what no JSON brings (a Map, a Set), is an error of the definition, with the path.
 */
import * as z from "zod";
import * as core from "zod/v4/core";
import { isKnownKind, kindOf, rebuilt, withParts } from "./rebuilt.ts";
import type { StandardSchema } from "./schema.ts";
import { behindGate, unmergeable } from "./unknown-keys.ts";

interface Walk {
  /** What was met on the way: a schema may contain itself. */
  readonly seen: Map<unknown, z.core.$ZodType | undefined>;
  readonly fault: (path: string, sentence: string) => void;
  readonly path: string;
  /** True when it is handed the JSON itself, not what code of the schema made of it. */
  readonly isFirst: boolean;
  /** How many lazy schemas were looked into: one that makes itself anew each time has no end. */
  readonly lazies: { count: number };
}

const MOST_LAZIES = 100;
const NO_JSON = new Map<string, string>([
  ["map", "a Map: use z.record"],
  ["set", "a Set: use z.array"],
  ["promise", "a promise: JSON holds none"],
  ["function", "a function: JSON holds none"],
]);

/** The same schema, strict. Throws `WHO: PATH …` for what cannot be. */
export function strict<In, Out>(schema: StandardSchema<In, Out>, who = "the schema"): StandardSchema<In, Out> {
  if (!((schema as unknown) instanceof core.$ZodType)) return schema;
  const faults: string[] = [];
  let isDefined = false;
  const fault = (path: string, sentence: string) => {
    const text = `${path} ${sentence}`;
    // A lazy schema shows some of its parts to the first input only.
    if (isDefined) throw new Error(text);
    faults.push(text);
  };
  const walk: Walk = { seen: new Map(), fault, path: "input", isFirst: true, lazies: { count: 0 } };
  const made = strictly(schema as unknown as z.core.$ZodType, walk);
  isDefined = true;
  if (faults.length > 0) throw new Error(`${who}: ${faults.join("; ")}`);
  return made as unknown as StandardSchema<In, Out>;
}

function strictly(schema: z.core.$ZodType, walk: Walk): z.core.$ZodType {
  const { seen, path, fault, isFirst } = walk;
  if (seen.has(schema)) return seen.get(schema) ?? z.lazy(() => seen.get(schema) ?? schema);
  const kind = kindOf(schema);
  if (!isKnownKind(kind)) fault(path, `has the kind "${kind}", which Errand cannot make strict`);
  const wrong = isFirst ? NO_JSON.get(kind) : undefined;
  if (wrong !== undefined) fault(path, `takes ${wrong}, or make it in a transform`);
  seen.set(schema, undefined);
  const made = closed(schema, walk);
  seen.set(schema, made);
  return made;
}

function closed(schema: z.core.$ZodType, walk: Walk): z.core.$ZodType {
  const inside = (inner: z.core.$ZodType, at: string) =>
    strictly(inner, at === "" ? walk : { ...walk, path: `${walk.path}.${at}` });
  const { def } = (schema as z.core.$ZodTypes)._zod;
  // Only kinds with more to it than their parts; all others are rebuilt.
  if (def.type === "object") {
    const made = rebuilt(schema, inside);
    return def.catchall === undefined ? withParts(made, { catchall: z.never() }) : made;
  }
  if (def.type === "pipe") return strictPipe(schema, def, walk);
  if (def.type === "lazy") return strictLazy(schema, def, walk);
  if (def.type === "catch") {
    const made = rebuilt(schema, inside);
    return isOpaque(def.innerType) ? made : behindGate(made, strictly(def.innerType, walk));
  }
  if (def.type === "intersection") {
    const shared = unmergeable(def);
    if (shared !== undefined) {
      const sentence = "is in both sides of an intersection with keys of its own: write one z.object, with .extend";
      walk.fault(`${walk.path}.${shared}`, sentence);
    }
    return behindGate(schema, rebuilt(schema, inside));
  }
  return rebuilt(schema, inside);
}

/** Keys are named by the first half that looks at them: what follows `JSON.parse` in a transform is the first for its keys. */
function strictPipe(schema: z.core.$ZodType, def: z.core.$ZodPipeDef, walk: Walk): z.core.$ZodType {
  const made = { in: strictly(def.in, walk) };
  if (!isOpaque(def.in)) return withParts(schema, made);
  return withParts(schema, { ...made, out: strictly(def.out, { ...walk, isFirst: false }) });
}

/** Looked into when it is defined, for its faults, as far as what it names is there by then. */
function strictLazy(schema: z.core.$ZodType, { getter }: z.core.$ZodLazyDef, walk: Walk): z.core.$ZodType {
  const { seen, lazies } = walk;
  const inner = () => {
    if (!seen.has(getter)) {
      seen.set(getter, undefined);
      seen.set(getter, strictly(getter(), walk));
    }
    return seen.get(getter) ?? z.lazy(() => seen.get(getter) ?? getter());
  };
  const made = withParts(schema, { getter: inner });
  if (seen.has(getter) || lazies.count >= MOST_LAZIES) return made;
  lazies.count += 1;
  try {
    inner();
  } catch (error) {
    if (!(error instanceof ReferenceError)) throw error;
    // It names a constant that is declared further down: its first input looks into it.
    seen.delete(getter);
  }
  return made;
}

const NAMES_KEYS: readonly string[] = ["object", "record", "array", "tuple", "map", "set", "lazy"];

/** True for a schema that looks at no key: a text, a transform, anything. */
function isOpaque(schema: z.core.$ZodType): boolean {
  if (NAMES_KEYS.includes(kindOf(schema))) return false;
  let opaque = true;
  rebuilt(schema, (inner) => {
    opaque &&= isOpaque(inner);
    return inner;
  });
  return opaque;
}
