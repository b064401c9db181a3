/** The schedules, the next to fire first, beside the one that is looked at or being made. */
import { useCallback } from "react";
import { Link, useLocation, useSearch } from "wouter";
import type { ScheduleListed } from "../../client/schedules.ts";
import { useNow } from "../live/now.ts";
import { Icon } from "../parts/icon.tsx";
import { ListPage } from "../parts/list-page.tsx";
import { SideList } from "../parts/side-list.tsx";
import { upTo } from "../parts/up-to.ts";
import { useRead, useReloadOnChange } from "../parts/use-read.ts";
import { When } from "../parts/when.tsx";
import { useClient } from "../session/session.tsx";
import { Calendar } from "./calendar.tsx";
import { ScheduleForm } from "./schedule-form.tsx";
import { ScheduleMark } from "./schedule-mark.tsx";
import { ScheduleView } from "./schedule-view.tsx";
import { nextFirst, timingOf } from "./timing.ts";
import "../styles/tables.css";
import "../styles/schedules.css";

const MOST = 500;
/** An execution that moves may be one that a schedule has just started: then its next instant is another. */
const AGAIN_MS = 1_000;

export function SchedulesPage({ chosen }: { readonly chosen: string | undefined }) {
  const client = useClient();
  const [, navigate] = useLocation();
  const asked = new URLSearchParams(useSearch());
  const making = asked.has("new");
  const calendar = asked.has("calendar");
  const read = useRead(useCallback((signal: AbortSignal) => upTo(MOST, client.schedules.list({ signal })), [client]));
  const { reload, value } = read;
  const targets = new Set(value?.items.map(({ target }) => target));
  useReloadOnChange(reload, AGAIN_MS, ({ target }) => targets.has(target));
  const goTo = (id: string | undefined) => {
    reload();
    navigate(id === undefined ? "/schedules" : pathOf(id));
  };
  const item = making ? (
    <ScheduleForm before={undefined} onDone={goTo} />
  ) : chosen !== undefined ? (
    <ScheduleView key={chosen} id={chosen} editing={asked.has("edit")} onChanged={reload} onLeave={goTo} />
  ) : undefined;
  return (
    <ListPage
      title="Schedules"
      href="/schedules"
      icon="clock"
      read={read}
      isEmpty={({ items }) => items.length === 0}
      none={{
        title: "There are no schedules yet",
        words: "A schedule starts a function again and again, or once at an instant of your choosing.",
      }}
      choose={{
        title: "Choose a schedule",
        words: "Its next instants and what became of the last ones are shown here.",
      }}
      list={({ items, more }) => <ScheduleList items={items} more={more} chosen={chosen} />}
      item={item}
      buttons={
        <>
          {!calendar && (
            <Link href="/schedules?calendar" className="button">
              <Icon name="clock" size={14} /> Calendar
            </Link>
          )}
          <Link href="/schedules?new" className="button">
            <Icon name="plus" size={14} /> New schedule
          </Link>
        </>
      }
      instead={calendar ? ({ items }) => <Calendar items={nextFirst(items)} /> : undefined}
    />
  );
}

const pathOf = (id: string) => `/schedules/${encodeURIComponent(id)}`;

interface ListProps {
  readonly items: readonly ScheduleListed[];
  readonly more: boolean;
  readonly chosen: string | undefined;
}

function ScheduleList({ items, more, chosen }: ListProps) {
  const now = useNow(1_000);
  return (
    <SideList
      label="Schedules"
      items={nextFirst(items)}
      hrefOf={({ schedule_id: id }) => pathOf(id)}
      chosen={items.find(({ schedule_id: id }) => id === chosen)}
      more={more}
    >
      {(item) => (
        <>
          <span className="inbox-name">
            <b className="cut">{item.schedule_id}</b>
            <span className="quiet num">{item.next_at !== null && <When at={item.next_at} now={now} />}</span>
          </span>
          <span className="quiet cut">{item.target}</span>
          <span className="inbox-name">
            <span className="cut">{timingOf(item)}</span>
            {item.status !== "active" && <ScheduleMark status={item.status} />}
          </span>
        </>
      )}
    </SideList>
  );
}
