/** The log itself: filtered by subject, each event with its data and an address of its own. */
import { useVirtualizer } from "@tanstack/react-virtual";
import { useMemo, useRef, useState } from "react";
import type { Event } from "../../domain/execution/event.ts";
import { JsonView } from "../parts/json-view.tsx";
import { moveFocus } from "../parts/move-focus.ts";
import { Segments } from "../parts/segments.tsx";
import { Clock } from "../parts/when.tsx";
import { aboutEvent } from "./event-words.ts";
import { grownWithEvents } from "./prefix.ts";
import type { Shown } from "./shown.ts";

interface Props {
  readonly shown: Shown;
  readonly onMove: (seq: number) => void;
}

const ROW = 34;

const subjectsOf = grownWithEvents({
  begin: () => new Set<string>(),
  read: (subjects, event) => {
    subjects.add(subjectOf(event));
  },
  give: (subjects): readonly string[] => [...subjects].sort(),
});

export function EventList({ shown: { events }, onMove }: Props) {
  const [subject, setSubject] = useState("");
  const [opened, setOpened] = useState<ReadonlySet<number>>(new Set());
  const subjects = subjectsOf(events);
  const listed = useMemo(
    () => (subject === "" ? events : events.filter((event) => subjectOf(event) === subject)),
    [events, subject],
  );
  const box = useRef<HTMLDivElement>(null);
  const rows = useVirtualizer({
    count: listed.length,
    getScrollElement: () => box.current,
    estimateSize: () => ROW,
    getItemKey: (at) => listed[at]?.seq ?? at,
    overscan: 8,
  });
  const toggle = (seq: number) =>
    setOpened((before) =>
      before.has(seq) ? new Set([...before].filter((one) => one !== seq)) : new Set([...before, seq]),
    );
  return (
    <>
      <Segments
        label="Events about"
        options={["", ...subjects]}
        chosen={subject}
        wordsOf={(one) => one || "All"}
        onChoose={setSubject}
      />
      <div ref={box} className="events-box">
        <ol className="events" style={{ height: rows.getTotalSize() }} aria-label="Events">
          {rows.getVirtualItems().map(({ key, index, start }) => {
            const event = listed[index];
            return (
              event && (
                <li
                  key={key}
                  ref={rows.measureElement}
                  data-index={index}
                  style={{ transform: `translateY(${start}px)` }}
                >
                  <EventRow event={event} isOpen={opened.has(event.seq)} onToggle={toggle} onMove={onMove} />
                </li>
              )
            );
          })}
        </ol>
      </div>
    </>
  );
}

function subjectOf({ type }: Event): string {
  return type.split(".")[0] ?? type;
}

interface EventRowProps {
  readonly event: Event;
  readonly isOpen: boolean;
  readonly onToggle: (seq: number) => void;
  readonly onMove: (seq: number) => void;
}

function EventRow({ event, isOpen, onToggle, onMove }: EventRowProps) {
  const { seq, type, atMs, actor, data } = event;
  return (
    <>
      <div className="event">
        <button
          type="button"
          className="event-open"
          aria-expanded={isOpen}
          onKeyDown={moveFocus}
          onClick={() => onToggle(seq)}
        >
          <span className="num quiet event-seq">{seq}</span>
          <Clock atMs={atMs} />
          <span className="mono event-type">{type}</span>
          <span className="event-about">{aboutEvent(event)}</span>
          <span className="quiet event-actor">{actor}</span>
        </button>
        <button type="button" className="button plain small" onClick={() => onMove(seq)}>
          <span aria-hidden="true">Show then</span>
          <span className="unseen">Show the page at event {seq}</span>
        </button>
      </div>
      {isOpen && (
        <div className="event-data">
          <JsonView value={data} name={`data of event ${seq}`} />
        </div>
      )}
    </>
  );
}
