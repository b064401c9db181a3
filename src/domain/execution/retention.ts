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
