/** Search attributes as conditions on a row of the index. */
import type { SQL } from "drizzle-orm";
import { sql } from "drizzle-orm";
import type { AttributeBound, AttributeFilter } from "../../domain/execution/search-attributes.ts";
import { executions } from "../schema/schema.ts";

/** A row that has `name=value`. */
export function hasAttribute(text: string): SQL {
  return sql`EXISTS (SELECT 1 FROM json_each(${executions.attributes}) AS has WHERE has.value = ${text})`;
}

const COMPARED: Readonly<Record<AttributeBound["op"], SQL>> = {
  gt: sql.raw(">"),
  gte: sql.raw(">="),
  lt: sql.raw("<"),
  lte: sql.raw("<="),
};

/** No index holds them in order: they are looked for in what the other filters leave. */
export function attributeBounds(filters: readonly AttributeFilter[] = []): SQL[] {
  return filters.flatMap(({ name, bounds = [] }) => bounds.map((bound) => withinBound(name, bound)));
}

function withinBound(name: string, { op, value }: AttributeBound): SQL {
  const begin = `${name}=`;
  const rest = sql`substr(has.value, ${begin.length + 1})`;
  const types = typeof value === "number" ? sql`('integer', 'real')` : sql`('text')`;
  return sql`EXISTS (SELECT 1 FROM json_each(${executions.attributes}) AS has
    WHERE substr(has.value, 1, ${begin.length}) = ${begin} AND json_type(${rest}) IN ${types}
      AND json_extract(${rest}, '$') ${COMPARED[op]} ${value})`;
}
