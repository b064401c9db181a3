import { z } from "zod";
import { rebuilt, withParts } from "./rebuilt.ts";
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
  const inside = rebuilt(schema, (inner) => strictly(inner as z.ZodType, seen));
  const open = inside instanceof z.ZodObject && inside.def.catchall === undefined;
  const made = open ? withParts(inside, { catchall: z.never() }) : inside;
  seen.set(schema, made);
  return made;
}
