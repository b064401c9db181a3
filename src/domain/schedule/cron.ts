/**
 * Cron patterns. The library reads a pattern and finds local times; what instants these are is the business of
 * zoned-time.ts. So the library counts in UTC, where no clock is ever changed.
 */
import { Cron } from "croner";
import { LruCache } from "../values/lru-cache.ts";
import { instantOf, localAfter } from "./zoned-time.ts";

const REMEMBERED = 1_000;
const known = new LruCache<string, Cron>(REMEMBERED);

function patternOf(text: string): Cron {
  const found = known.get(text);
  if (found) return found;
  const made = new Cron(text, { utcOffset: 0, mode: "5-or-6-parts" });
  known.set(text, made);
  return made;
}

/** What is wrong with a pattern; `undefined` when it is one and matches at all. */
export function faultOfCron(text: string): string | undefined {
  if (/^\d{4}-/.test(text.trim())) return 'is an instant and no cron pattern: send it as "at"';
  try {
    if (patternOf(text).nextRun(new Date(0)) !== null) return undefined;
    return "matches no day of any year";
  } catch (error) {
    const words =
      error instanceof Error ? error.message.replace(/^CronPattern: /, "").slice(0, 200) : "it cannot be read";
    return `is no cron pattern of five fields (minute hour day month weekday), or six with seconds first: ${words}`;
  }
}

/** The first instant after this one; `undefined` when none follows. */
export function cronAfter({ cron, zone }: { readonly cron: string; readonly zone: string }, afterMs: number) {
  const next = patternOf(cron).nextRun(new Date(localAfter(zone, afterMs) - 1_000));
  return next ? instantOf(zone, next.getTime()) : undefined;
}

/** The newest instants up to and including this one, ascending, so many at most. */
export function cronUpTo(
  { cron, zone }: { readonly cron: string; readonly zone: string },
  { upToMs, count }: { readonly upToMs: number; readonly count: number },
): number[] {
  const found: number[] = [];
  let before = localAfter(zone, upToMs);
  while (found.length < count) {
    const locals = patternOf(cron).previousRuns(count, new Date(before));
    for (const local of locals) {
      const instant = instantOf(zone, local.getTime());
      // Several local times of a gap are one instant.
      if (instant !== found.at(-1) && found.length < count) found.push(instant);
    }
    const oldest = locals.at(-1);
    if (!oldest || locals.length < count) break;
    before = oldest.getTime();
  }
  return found.reverse();
}
