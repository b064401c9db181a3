/** What one schedule takes. docs/schedules.md says the same to people; how many a tenant has is in `values/limits.ts`. */
export const SCHEDULE_LIMITS = {
  /** UTF-8 bytes of the input and of the metadata, each as JSON. */
  inputBytes: 262_144,
  cronLength: 200,
  everyMs: { min: 1_000, max: 366 * 86_400_000 },
  jitterMs: 3_600_000,
  /** Of the instants that were missed at once, so many are caught up at most; the older ones are dropped. */
  catchUp: { usual: 100, max: 1_000 },
  maxRuns: 1_000_000_000,
  /** Instants that wait for the execution before them; further ones are skipped. */
  waiting: 1_000,
  /** Rows of the history that are kept. */
  history: 1_000,
  reasonLength: 2_000,
} as const;

/** An instant that is handled no later than this is on time. One handled later was missed, and `catch_up` says what becomes of it. */
export const ON_TIME_MS = 3_000;
/** With `overlap: skip` an instant that is caught up waits so long for the execution before it, which was caught up too. */
export const CAUGHT_UP_WAITS_MS = 10_000;
