/** How long ended executions are kept: the deployment's word, and a tenant's own by status. */
import * as z from "zod";

const DAY_MS = 86_400_000;
const DEFAULT_DAYS = 90;
/** A century. */
const MOST_DAYS = 36_525;

/** How long logs are kept, and in words for health. */
export interface Retention {
  readonly ms: number;
  readonly report: string;
}

/** `forever`, or days (parts of a day too). What is neither removes nothing: a typo must not. */
export function parseRetention(text: string | undefined): Retention {
  const days = Number(text || DEFAULT_DAYS);
  if (days > 0 && days <= MOST_DAYS) return { ms: days * DAY_MS, report: `${days} days after their end` };
  if (text === "forever") return { ms: Number.POSITIVE_INFINITY, report: "for ever" };
  const report = `for ever: ERRAND_RETENTION_DAYS is neither "forever" nor a number of days from 0 to ${MOST_DAYS}`;
  return { ms: Number.POSITIVE_INFINITY, report };
}

/** The statuses in which an execution ends. */
export const END_STATUSES = ["succeeded", "failed", "cancelled", "timeout"] as const;
export type EndStatus = (typeof END_STATUSES)[number];

export const KeptDays = z.union([z.literal("forever"), z.number().gt(0).max(MOST_DAYS)]);
export type KeptDays = z.infer<typeof KeptDays>;

/** What a tenant says of each status; of one that it says nothing of the deployment's word counts. */
export const RetentionPolicy = z.object({
  succeeded: KeptDays.optional(),
  failed: KeptDays.optional(),
  cancelled: KeptDays.optional(),
  timeout: KeptDays.optional(),
});
export type RetentionPolicy = z.infer<typeof RetentionPolicy>;

/** Milliseconds from the end; `Infinity`: for ever. */
export function retentionMsOf(policy: RetentionPolicy | undefined, status: EndStatus, usualMs: number): number {
  const days = policy?.[status];
  if (days === undefined) return usualMs;
  return days === "forever" ? Number.POSITIVE_INFINITY : days * DAY_MS;
}

/** The inverse, as the API says it. */
export function keptDays(ms: number): KeptDays {
  return Number.isFinite(ms) ? ms / DAY_MS : "forever";
}
