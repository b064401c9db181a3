/** The feed of a tenant's lists: each change of an execution as the row that lists show. */
import * as z from "zod";
import type { ExecutionSummary } from "../../domain/read-models/summary.ts";
import { SummaryBody, summaryBody } from "../lists.ts";
import { numberText } from "../query-values.ts";

/**
 * `version` is when the row last changed, in ms. A reader comes back with the last one it has: rows of that very
 * millisecond may come again, and applying a row twice changes nothing.
 */
export const FeedFrame = z.object({ type: z.literal("execution"), version: z.number().int(), execution: SummaryBody });
export type FeedFrame = z.infer<typeof FeedFrame>;

export const FeedQuery = z.object({
  after: numberText(z.number().int().min(0))
    .optional()
    .describe("The last version the reader has; absent: only what comes."),
});

export function feedFrame(row: ExecutionSummary): FeedFrame {
  return { type: "execution", version: row.updatedAtMs, execution: summaryBody(row) };
}
