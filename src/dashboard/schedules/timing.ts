/** When a schedule fires, in words. Pure. */
import type { ScheduleListed } from "../../client/schedules.ts";

type Timed = Pick<ScheduleListed, "cron" | "every" | "at" | "timezone">;

/** `cron 0 8 * * 1-5 (Europe/Berlin)`, `every 15m`, `once, 24 Dec 2026, 18:00:00`. */
export function timingOf({ cron, every, at, timezone }: Timed): string {
  const zone = timezone === "UTC" ? "" : ` (${timezone})`;
  if (cron !== undefined) return `cron ${cron}${zone}`;
  if (every !== undefined) return `every ${every}`;
  return at === undefined ? "" : `once, ${new Date(at).toLocaleString()}`;
}

/** Schedules that fire, the next first; then those that do not, the newest first. */
export function nextFirst<S extends Pick<ScheduleListed, "next_at" | "created_at">>(items: readonly S[]): S[] {
  return [...items].sort((a, b) => {
    if (a.next_at !== null && b.next_at !== null) return a.next_at < b.next_at ? -1 : 1;
    if (a.next_at === null && b.next_at === null) return a.created_at > b.created_at ? -1 : 1;
    return a.next_at === null ? 1 : -1;
  });
}

/** An instant on the clocks of a time zone; on the reader's where the browser does not know the zone. */
export function clockIn(at: string, timeZone: string): string {
  try {
    return new Date(at).toLocaleString([], { timeZone, dateStyle: "medium", timeStyle: "medium" });
  } catch {
    return new Date(at).toLocaleString();
  }
}
