/**
 * Unknown keys where zod itself would lose them: `z.catch` would answer them with its fallback, and the sides of an
 * intersection would refuse each other's keys, or leave their own refinements out. There an approval stands before the schema: it
 * parses once with every object closed, hears of unknown keys only, and lets all else pass. Called by `strict.ts`.
 */
import * as z from "zod";
import * as core from "zod/v4/core";
import { kindOf, withParts } from "./rebuilt.ts";

interface Issue {
  readonly code?: string;
  readonly path?: readonly PropertyKey[];
  readonly keys?: readonly string[];
  readonly errors?: readonly (readonly Issue[])[];
}

interface UnknownKeys {
  readonly path: readonly PropertyKey[];
  readonly keys: readonly string[];
}

interface Gate {
  /** What stands behind it: JSON Schema describes that. */
  readonly schema: z.core.$ZodType;
  /** What it asks about keys. */
  readonly closed: z.core.$ZodType;
}

const GATES = new WeakMap<z.core.$ZodType, Gate>();

export function behind(schema: z.core.$ZodType): z.core.$ZodType {
  return GATES.get(schema)?.schema ?? schema;
}

/** `schema` for what has no key that `closed` does not know. */
export function behindGate(schema: z.core.$ZodType, closed: z.core.$ZodType): z.core.$ZodType {
  const apart = distributed(closed);
  const gate = z
    .unknown()
    .optional()
    .superRefine((value, ctx) => {
      const report = (result: z.core.util.SafeParseResult<unknown>) => {
        for (const { path, keys } of unknownKeys(result.error?.issues ?? []))
          ctx.addIssue({
            code: "unrecognized_keys",
            path: [...path],
            keys: [...keys],
            input: value as Record<string, unknown>,
          });
      };
      try {
        report(core.safeParse(apart, value));
      } catch (error) {
        if (!(error instanceof core.$ZodAsyncError)) throw error;
        return core.safeParseAsync(apart, value).then(report);
      }
      return undefined;
    });
  const made = z.pipe(gate, schema);
  GATES.set(made, { schema, closed });
  return made;
}

/** All unknown keys that issues tell of. Of a union: those of the first option that nothing else is wrong with. */
export function unknownKeys(issues: readonly Issue[]): UnknownKeys[] {
  return issues.flatMap(({ code, path = [], keys = [], errors = [] }) => {
    if (code === "unrecognized_keys") return [{ path, keys }];
    const option = errors.find((inner) => inner.length > 0 && inner.every(isUnknownKeys));
    return unknownKeys(option ?? []).map((found) => ({ ...found, path: [...path, ...found.path] }));
  });
}

function isUnknownKeys({ code, errors = [] }: Issue): boolean {
  return (
    code === "unrecognized_keys" || (code === "invalid_union" && errors.some((inner) => inner.every(isUnknownKeys)))
  );
}

/** `A & (B | C)` as `(A & B) | (A & C)`: only both sides of one intersection know which keys are unknown. */
function distributed(schema: z.core.$ZodType): z.core.$ZodType {
  const { def } = (schema as z.core.$ZodTypes)._zod;
  if (def.type !== "intersection") return schema;
  const [lefts, rights] = [alternatives(def.left), alternatives(def.right)];
  const both = lefts.flatMap((left) => rights.map((right) => withParts(schema, { left, right })));
  return both.length === 1 && both[0] ? both[0] : z.union(both);
}

function alternatives(schema: z.core.$ZodType): z.core.$ZodType[] {
  const inner = distributed(GATES.get(schema)?.closed ?? schema);
  const { def } = (inner as z.core.$ZodTypes)._zod;
  return def.type === "union" ? def.options.flatMap(alternatives) : [inner];
}

/** A key that both sides of an intersection name and look into: neither knows the other's keys in there. */
export function unmergeable({ left, right }: z.core.$ZodIntersectionDef): string | undefined {
  const others = fieldsOf(right);
  return [...fieldsOf(left)].find(([name, field]) => {
    const other = others.get(name);
    return other !== undefined && holdsKeys(field) && holdsKeys(other);
  })?.[0];
}

function fieldsOf(schema: z.core.$ZodType): Map<string, z.core.$ZodType> {
  const { def } = (schema as z.core.$ZodTypes)._zod;
  if (def.type === "object") return new Map(Object.entries(def.shape));
  if (def.type === "intersection") return new Map([...fieldsOf(def.left), ...fieldsOf(def.right)]);
  if (def.type === "union") return new Map(def.options.flatMap((option) => [...fieldsOf(option)]));
  return new Map();
}

function holdsKeys(schema: z.core.$ZodType): boolean {
  const { def } = (schema as z.core.$ZodTypes)._zod;
  if ("innerType" in def) return holdsKeys(def.innerType);
  return ["object", "intersection", "union", "array", "tuple"].includes(kindOf(schema)) && !isPlainUnion(def);
}

function isPlainUnion(def: z.core.$ZodTypes["_zod"]["def"]): boolean {
  return def.type === "union" && !def.options.some(holdsKeys);
}
