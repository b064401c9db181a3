/** Five weeks of coming instants, of all schedules that fire. */
import { useCallback, useEffect, useMemo, useRef } from "react";
import { Link } from "wouter";
import type { Client } from "../../client/client.ts";
import type { ScheduleListed } from "../../client/schedules.ts";
import { useNow } from "../live/now.ts";
import { Notice } from "../parts/notice.tsx";
import { ReadView } from "../parts/read-view.tsx";
import { useGathered, useRead } from "../parts/use-read.ts";
import { useClient } from "../session/session.tsx";
import type { Coming, Day, DayEntry } from "./calendar.ts";
import { daysOf, mondayOf } from "./calendar.ts";

/** One call each: those that fire next are asked. */
const MOST_SCHEDULES = 40;
const INSTANTS = 100;
const DAYS = 35;
/** A schedule that fires each second has another next instant each second. */
const AGAIN_MS = 5_000;
/** Names that a day has room for. */
const SHOWN = 4;

export function Calendar({ items }: { readonly items: readonly ScheduleListed[] }) {
  const client = useClient();
  const firing = items.filter(({ next_at: at }) => at !== null);
  const asked = firing.slice(0, MOST_SCHEDULES);
  const latest = useRef(asked);
  latest.current = asked;
  const read = useRead(useCallback((signal: AbortSignal) => comingOf(client, latest.current, signal), [client]));
  const soon = useGathered(read.reload, AGAIN_MS);
  const key = asked.map(({ schedule_id: id, next_at: at }) => `${id} ${at}`).join("\n");
  const seen = useRef(key);
  useEffect(() => {
    if (seen.current === key) return;
    seen.current = key;
    soon();
  }, [key, soon]);
  if (firing.length === 0)
    return (
      <Notice icon="clock" title="Nothing fires by itself">
        Schedules that are paused or have ended are not in the calendar.
      </Notice>
    );
  return (
    <section className="calendar" aria-label="Coming instants">
      <ReadView read={read} what="The calendar">
        {(coming) => <Weeks coming={coming} />}
      </ReadView>
      {firing.length > asked.length && (
        <p className="quiet small">
          The {asked.length} schedules that fire next are shown, of {firing.length}.
        </p>
      )}
    </section>
  );
}

function comingOf(client: Client, asked: readonly ScheduleListed[], signal: AbortSignal): Promise<Coming[]> {
  return Promise.all(
    asked.map(async (schedule) => {
      const instants = await client.schedules.next(schedule.schedule_id, { count: INSTANTS, signal });
      return { schedule, instants, more: instants.length === INSTANTS };
    }),
  );
}

function Weeks({ coming }: { readonly coming: readonly Coming[] }) {
  const now = useNow(60_000);
  const monday = mondayOf(now);
  const days = useMemo(() => daysOf(monday, DAYS, coming), [monday, coming]);
  return (
    <>
      <ol className="calendar-days">
        {days.map((day, at) => (
          <DayBox key={day.startMs} day={day} isPast={(days[at + 1]?.startMs ?? Number.POSITIVE_INFINITY) <= now} />
        ))}
      </ol>
      <p className="quiet small">Days of your time zone. Of each schedule the next {INSTANTS} instants are counted.</p>
    </>
  );
}

function DayBox({ day: { startMs, entries }, isPast }: { readonly day: Day; readonly isPast: boolean }) {
  const date = new Date(startMs);
  const shown = entries.length > SHOWN ? entries.slice(0, SHOWN - 1) : entries;
  return (
    <li className="calendar-day" data-past={isPast} data-empty={entries.length === 0}>
      <time className="calendar-date" dateTime={date.toISOString()}>
        {date.toLocaleDateString([], { weekday: "short" })} <b className="num">{date.getDate()}</b>{" "}
        {date.toLocaleDateString([], { month: "short" })}
      </time>
      <ul>
        {shown.map((entry) => (
          <li key={entry.id}>
            <Link
              className="calendar-entry"
              href={`/schedules/${encodeURIComponent(entry.id)}`}
              title={`${entry.id}, ${wordsOf(entry)}`}
            >
              <span className="cut">{entry.id}</span>
              <span className="quiet num">{wordsOf(entry)}</span>
            </Link>
          </li>
        ))}
        {entries.length > shown.length && <li className="quiet small">and {entries.length - shown.length} more</li>}
      </ul>
    </li>
  );
}

function wordsOf({ count, isWhole, firstAt }: DayEntry): string {
  if (count === undefined) return "goes on";
  if (count === 1 && firstAt !== undefined && isWhole)
    return new Date(firstAt).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", hour12: false });
  return `${count}${isWhole ? "" : "+"} ×`;
}
