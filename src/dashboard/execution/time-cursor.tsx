/** One cursor for everything on the page: it folds the events up to any of them. At its end the page is live. */
import { Icon } from "../parts/icon.tsx";
import { useShortcuts } from "../parts/shortcuts.ts";
import { Clock } from "../parts/when.tsx";
import { eventWords } from "./event-words.ts";
import type { Shown } from "./shown.ts";

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
  const move = (to: number) => onMove(to >= last ? undefined : Math.max(first, to));
  useShortcuts((key) => {
    if (key !== "[" && key !== "]") return false;
    move(key === "[" ? seq - 1 : seq + 1);
    return true;
  });
  if (last <= first) return null;
  const event = shown.events.at(-1);
  return (
    <div className="cursor">
      <div className="cursor-steps">
        <button
          type="button"
          className="icon-button"
          aria-label="One event back"
          disabled={seq <= first}
          onClick={() => move(seq - 1)}
        >
          <Icon name="chevron" />
        </button>
        <button
          type="button"
          className="icon-button"
          aria-label="One event on"
          disabled={at === undefined}
          onClick={() => move(seq + 1)}
        >
          <Icon name="chevron" />
        </button>
      </div>
      <input
        className="cursor-range"
        type="range"
        aria-label="Time cursor"
        aria-valuetext={event ? `Event ${seq} of ${last}: ${eventWords(event)}` : `Event ${seq} of ${last}`}
        min={first}
        max={last}
        value={seq}
        onChange={(changed) => move(Number(changed.target.value))}
      />
      <output className="cursor-words">
        <span className="num">
          {seq} <span className="quiet">of {last}</span>
        </span>
        {event && (
          <span className="cursor-event">
            <Clock atMs={event.atMs} /> {eventWords(event)}
          </span>
        )}
      </output>
      <button
        type="button"
        className="button small"
        aria-pressed={at === undefined}
        disabled={at === undefined}
        onClick={() => onMove(undefined)}
      >
        Latest
      </button>
    </div>
  );
}
