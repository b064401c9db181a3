/**
 * What a cron pattern means, told by walking through the minutes one after the other with the platform's own calendar. It
 * shares nothing with the code that is tested: no library, no offset, no arithmetic on local times.
 */
const MINUTE = 60_000;
/** Zones change their clocks at full quarters of an hour. */
const QUARTER = 15 * MINUTE;

export interface Fields {
  /** `undefined`: each. */
  readonly minute?: readonly number[] | undefined;
  readonly hour?: readonly number[] | undefined;
  readonly day?: readonly number[] | undefined;
  readonly month?: readonly number[] | undefined;
  readonly weekday?: readonly number[] | undefined;
}

export function patternOf({ minute, hour, day, month, weekday }: Fields): string {
  return [minute, hour, day, month, weekday].map((values) => values?.join(",") ?? "*").join(" ");
}

/** A minute as the clock on the wall shows it; `at` orders what it shows. */
interface Shown {
  readonly instantMs: number;
  readonly at: number;
}

/** Each minute of the range, as a clock of the zone shows it. */
export function walk(zone: string, from: number, to: number): Shown[] {
  const format = new Intl.DateTimeFormat("sv-SE", { timeZone: zone, dateStyle: "short", timeStyle: "short" });
  const shown: Shown[] = [];
  for (let quarter = from; quarter < to; quarter += QUARTER) {
    const at = Date.parse(`${format.format(quarter).replace(" ", "T")}Z`);
    for (let n = 0; n < 15; n += 1) shown.push({ instantMs: quarter + n * MINUTE, at: at + n * MINUTE });
  }
  return shown;
}

/** The instants at which the pattern fires. */
export function fires(fields: Fields, minutes: readonly Shown[]): number[] {
  const found: number[] = [];
  let newest = (minutes[0]?.at ?? 0) - MINUTE;
  for (const { instantMs, at } of minutes) {
    // It shows a time again: what it shows has fired.
    if (at <= newest) continue;
    // What it never showed fires with the first that it shows afterwards.
    for (let local = newest + MINUTE; local <= at; local += MINUTE)
      if (found.at(-1) !== instantMs && matches(fields, new Date(local))) found.push(instantMs);
    newest = at;
  }
  return found;
}

function matches({ minute, hour, day, month, weekday }: Fields, local: Date): boolean {
  if (minute && !minute.includes(local.getUTCMinutes())) return false;
  if (hour && !hour.includes(local.getUTCHours())) return false;
  if (month && !month.includes(local.getUTCMonth() + 1)) return false;
  const [isDay, isWeekday] = [day?.includes(local.getUTCDate()), weekday?.includes(local.getUTCDay())];
  if (isDay === undefined || isWeekday === undefined) return isDay ?? isWeekday ?? true;
  return isDay || isWeekday;
}
