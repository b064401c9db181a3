/** How often which value of a search attribute is in the index. */
import * as z from "zod";
import { attributeOf } from "../../domain/execution/search-attributes.ts";
import type { AttributeCounts } from "../../domain/read-models/attribute-counts.ts";
import type { ListScope } from "../../domain/read-models/summary.ts";
import type { ReadableRegistries } from "../databases/read-replicas.ts";
import { readIn } from "../databases/read-replicas.ts";

/** Entries of the index that one question looks at. */
const LOOKED_AT = 10_000;

const Counted = z.object({ name: z.string(), n: z.number() });

/** The values of one attribute, the most frequent first; off the links alone. */
async function countAttribute(
  database: D1Database,
  { tenant, owner }: ListScope,
  { name, limit }: { readonly name: string; readonly limit: number },
): Promise<AttributeCounts> {
  const mine = owner === undefined ? "" : "AND owner = ?5";
  const looked = `SELECT name FROM execution_links
WHERE tenant = ?1 AND kind = 'attribute' AND name >= ?2 AND name < ?3 ${mine} LIMIT ${LOOKED_AT + 1}`;
  const sums = "SELECT name, count(*) AS n FROM looked GROUP BY name ORDER BY n DESC, name LIMIT ?4";
  const bound = [tenant, `${name}=`, `${name}>`, limit + 1, ...(owner === undefined ? [] : [owner])];
  const [values, all] = await database.batch<Readonly<Record<string, unknown>>>([
    database.prepare(`WITH looked AS MATERIALIZED (${looked}) ${sums}`).bind(...bound),
    database.prepare(`SELECT count(*) AS n FROM (${looked}) WHERE ?4 = ?4`).bind(...bound),
  ]);
  const rows = (values?.results ?? []).map((row) => Counted.parse(row));
  const entries = Number(all?.results[0]?.n ?? 0);
  return {
    items: rows.slice(0, limit).map(({ name: text, n }) => ({ value: attributeOf(text)[1], count: n })),
    executions: Math.min(entries, LOOKED_AT),
    complete: entries <= LOOKED_AT && rows.length <= limit,
  };
}

export function attributeRegistry(registries: ReadableRegistries) {
  return {
    count: (scope: ListScope, which: { readonly name: string; readonly limit: number }) =>
      readIn(registries, scope, (database) => countAttribute(database, scope, which)),
  };
}
