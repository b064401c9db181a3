/** One cursor for everything on the page: it folds the events up to any of them. At its end the page is live. */
import { CursorBar } from "../../parts/cursor-bar.tsx";
import { Clock } from "../../parts/when.tsx";
import { eventWords } from "../event-words.ts";
import type { Shown } from "../shown.ts";

interface Props {
  readonly shown: Shown;
  /** `undefined`: live. */
  readonly onMove: (seq: number | undefined) => void;
}

export function TimeCursor({ shown, onMove }: Props) {
  const { log, at } = shown;
  const first = log.events[0]?.seq ?? 0;
  const last = log.lastSeq;
  const seq = at ?? last;
  const event = shown.events.at(-1);
  const spoken = event ? `Event ${seq} of ${last}: ${eventWords(event)}` : `Event ${seq} of ${last}`;
  return (
    <CursorBar what="event" {...{ first, last, at, spoken, onMove }}>
      <span className="num">
        {seq} <span className="quiet">of {last}</span>
      </span>
      {event && (
        <span className="cursor-event">
          <Clock atMs={event.atMs} /> {eventWords(event)}
        </span>
      )}
    </CursorBar>
  );
}
