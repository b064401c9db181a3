/** The days of a plot, in UTC, and the number its axis ends with. Pure. */
const DAY_MS = 86_400_000;

/** `2026-11-27` of each day from the one of `since` to the one of `until`, at most a year of them. */
export function daysBetween(since: string, until: string): string[] {
  const first = Math.floor(Date.parse(since) / DAY_MS);
  const last = Math.min(Math.floor(Date.parse(until) / DAY_MS), first + 366);
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, at) =>
    new Date((first + at) * DAY_MS).toISOString().slice(0, 10),
  );
}

/** Each of the days, with its group where one is known. */
export function withoutGaps<G extends { readonly day?: string | undefined }>(
  groups: readonly G[],
  days: readonly string[],
) {
  const known = new Map(groups.map((group) => [group.day, group]));
  return days.map((day) => ({ day, group: known.get(day) }));
}

/** Returns where an axis ends: the smallest of 1, 2, 5, 10, 20, 50 … that is not below `value`. */
export function roundUp(value: number): number {
  if (!(value > 0)) return 1;
  const unit = 10 ** Math.floor(Math.log10(value));
  const step = [1, 2, 5, 10].find((one) => one * unit >= value * (1 - 1e-9)) ?? 10;
  return step * unit;
}
