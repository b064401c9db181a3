/**
 * Audits the movies table, chunk by chunk: many small durable steps with pauses between them, so that a run takes some
 * seconds and can be killed at any of them without counting a row twice. Films that catalog-enrichment.ts has stored are
 * listed here too.
 */
import * as z from "zod";
import type { Context } from "../define/index.ts";
import { defineAgent, service } from "../define/index.ts";
import type { Tally } from "./catalog/audit.ts";
import { AuditReport, EMPTY_TALLY, mergeTallies, reportOf } from "./catalog/audit.ts";
import type { CatalogItems } from "./catalog/item.ts";
import { CatalogItem } from "./catalog/item.ts";
import { movies } from "./catalog/movies.ts";

const AuditInput = z.strictObject({
  /** Rows a step. */
  chunk_size: z.int().min(10).max(10_000).default(100),
  /** Rest between two steps. */
  pace_ms: z.int().min(0).max(60_000).default(100),
});

async function audit(input: z.infer<typeof AuditInput>, ctx: Context): Promise<AuditReport> {
  const total = await ctx.step("count", async () => (await movies()).rows);
  let sum: Tally = EMPTY_TALLY;
  for (let from = 0; from < total; from += input.chunk_size) {
    if (from > 0 && input.pace_ms > 0) await ctx.sleep(input.pace_ms);
    const to = Math.min(from + input.chunk_size, total);
    sum = mergeTallies(sum, await ctx.step("chunk", async () => (await movies()).audit(from, to)));
    await ctx.progress({ done: to, total, message: `rows ${from + 1} to ${to} of ${total}` });
  }
  return reportOf(sum);
}

const ItemPage = z.strictObject({ items: z.array(CatalogItem) });

const SYSTEM = `You enrich a catalog of films, unattended: nobody is there to ask. Call upsert_item once for every film you are given:
- its title as people write it, with letters mended that a wrong encoding garbled (LÈon is Léon);
- its category, also where the source has none;
- attributes worth knowing, from the source and from what you know for certain. Leave out what you do not know.
If the source of a film is null, send what you can all the same: the answer of the tool says what is wrong with it.`;

export const catalog = defineAgent({
  id: "catalog",
  description: "Looks after the movie catalog.",
  version: "1.0.0",
  tags: ["data"],
  config: { system: SYSTEM },
})
  .skill(
    "audit",
    {
      input: AuditInput,
      output: AuditReport,
      description: "Counts what is missing, malformed, out of range or doubled in 3,201 films.",
    },
    audit,
  )
  .skill(
    "items",
    {
      input: z.strictObject({ after: z.int().min(0).default(0), limit: z.int().min(1).max(100).default(100) }),
      output: ItemPage,
      description: "The films that were enriched for this tenant, by row; `after` the last row of the page before.",
      services: { catalogItems: service<CatalogItems>() },
    },
    async (page, ctx) => {
      const { catalogItems } = ctx.services;
      return ItemPage.parse({
        items: await ctx.effect("list", page, { idempotent: true }, () => catalogItems.list(page)),
      });
    },
  );
