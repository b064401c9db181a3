/**
 * Audits the movies table, chunk by chunk: many small durable steps with pauses between them, so that a run takes some
 * seconds and can be killed at any of them without counting a row twice.
 */
import { z } from "zod";
import type { Context } from "../define/index.ts";
import { defineAgent } from "../define/index.ts";
import type { Tally } from "./catalog/audit.ts";
import { AuditReport, EMPTY_TALLY, mergeTallies, reportOf } from "./catalog/audit.ts";
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
    ctx.progress({ done: to, total, message: `rows ${from + 1} to ${to} of ${total}` });
  }
  return reportOf(sum);
}

export const catalog = defineAgent({
  id: "catalog",
  description: "Looks after the movie catalog.",
  version: "1.0.0",
  tags: ["data"],
}).skill(
  "audit",
  {
    input: AuditInput,
    output: AuditReport,
    description: "Counts what is missing, malformed, out of range or doubled in 3,201 films.",
  },
  audit,
);
