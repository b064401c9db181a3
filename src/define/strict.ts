import { z } from "zod";
import type { StandardSchema } from "./schema.ts";

/**
 * The same schema, refusing keys it does not name, also where the user wrote `z.object`, which drops them in silence. What
 * is loose on purpose (`z.looseObject`, `.catchall`) stays so. A schema of another library is taken as it is.
 */
export function strict<In, Out>(schema: StandardSchema<In, Out>): StandardSchema<In, Out> {
  if (!(schema instanceof z.ZodType)) return schema;
  return strictly(schema, new Map()) as unknown as StandardSchema<In, Out>;
}

/** `seen` holds what was met on the way: a schema may contain itself. */
function strictly(schema: z.ZodType, seen: Map<z.ZodType, z.ZodType | undefined>): z.ZodType {
  if (seen.has(schema)) return seen.get(schema) ?? z.lazy(() => seen.get(schema) ?? schema);
  seen.set(schema, undefined);
  const made = rebuilt(schema, (inner) => strictly(inner as z.ZodType, seen));
  seen.set(schema, made);
  return made;
}

function rebuilt(schema: z.ZodType, inside: (inner: z.core.$ZodType) => z.ZodType): z.ZodType {
  if (schema instanceof z.ZodObject) {
    const fields = Object.entries(schema.shape as z.core.$ZodShape);
    const shape = Object.fromEntries(fields.map(([name, field]) => [name, inside(field)]));
    return schema.clone({ ...schema.def, shape, catchall: schema.def.catchall ?? z.never() });
  }
  if (schema instanceof z.ZodArray) return schema.clone({ ...schema.def, element: inside(schema.def.element) });
  if (schema instanceof z.ZodOptional) return schema.clone({ ...schema.def, innerType: inside(schema.def.innerType) });
  if (schema instanceof z.ZodNullable) return schema.clone({ ...schema.def, innerType: inside(schema.def.innerType) });
  if (schema instanceof z.ZodDefault) return schema.clone({ ...schema.def, innerType: inside(schema.def.innerType) });
  return schema;
}
