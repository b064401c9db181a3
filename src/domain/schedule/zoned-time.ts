/**
 * Wall-clock times of a time zone as instants. A local time is written as the instant that it would be in UTC, so that it is a
 * number too. The rules are one-sided, so that `instantOf` never goes back where local time goes on:
 *
 * - a local time that does not exist (clocks went forward) is the first instant after the gap;
 * - one that exists twice (clocks went back) is the first of the two.
 */
import { LruCache } from "../values/lru-cache.ts";

const DAY_MS = 86_400_000;
/** Zones that one isolate has formats of. */
const MOST_FORMATS = 500;
const formats = new LruCache<string, Intl.DateTimeFormat>(MOST_FORMATS);

function formatOf(zone: string): Intl.DateTimeFormat {
  const known = formats.get(zone);
  if (known) return known;
  const number = "numeric" as const;
  const fields = { year: number, month: number, day: number, hour: number, minute: number, second: number };
  const made = new Intl.DateTimeFormat("en-US", { timeZone: zone, hourCycle: "h23", calendar: "gregory", ...fields });
  formats.set(zone, made);
  return made;
}

/** Whether the platform knows the zone: an IANA name such as `Europe/Berlin`, or UTC. */
export function isZone(zone: string): boolean {
  try {
    formatOf(zone);
    return true;
  } catch {
    return false;
  }
}

/** What a clock on the wall shows at an instant, to the second below. */
function localOf(zone: string, instantMs: number): number {
  const shown = { year: 0, month: 0, day: 0, hour: 0, minute: 0, second: 0 };
  for (const { type, value } of formatOf(zone).formatToParts(instantMs))
    if (type in shown) shown[type as keyof typeof shown] = Number(value);
  const { year, month, day, hour, minute, second } = shown;
  return Date.UTC(year, month - 1, day, hour, minute, second);
}

const secondOf = (ms: number) => Math.floor(ms / 1_000) * 1_000;
const offsetAt = (zone: string, instantMs: number) => localOf(zone, instantMs) - secondOf(instantMs);

/** The instant of a local time, a whole second. */
export function instantOf(zone: string, localMs: number): number {
  const before = offsetAt(zone, localMs - DAY_MS);
  const after = offsetAt(zone, localMs + DAY_MS);
  // The larger offset is the earlier instant.
  const offsets = before >= after ? [before, after] : [after, before];
  for (const offset of offsets) if (localOf(zone, localMs - offset) === localMs) return localMs - offset;
  return changeBetween(zone, localMs - Math.max(before, after), localMs - Math.min(before, after));
}

/** The first second of the offset that holds at `to`; another one holds at `from`. */
function changeBetween(zone: string, from: number, to: number): number {
  const offset = offsetAt(zone, to);
  let [low, high] = [secondOf(from), secondOf(to)];
  while (high - low > 1_000) {
    const middle = secondOf((low + high) / 2);
    if (offsetAt(zone, middle) === offset) high = middle;
    else low = middle;
  }
  return high;
}

/** The smallest local time, a whole second, whose instant lies behind this one. */
export function localAfter(zone: string, instantMs: number): number {
  const next = localOf(zone, instantMs) + 1_000;
  if (instantOf(zone, next) > instantMs) return next;
  // The clock shows an hour for the second time: what it shows was over before.
  let [low, high] = [next, next + 2 * DAY_MS];
  while (high - low > 1_000) {
    const middle = secondOf((low + high) / 2);
    if (instantOf(zone, middle) > instantMs) high = middle;
    else low = middle;
  }
  return high;
}
