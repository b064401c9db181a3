import type { ReactNode } from "react";
import { Icon } from "./icon.tsx";
import { useShortcuts } from "./shortcuts.ts";

interface Props {
  /** Of what the cursor goes from one to the next: "event". */
  readonly what: string;
  readonly first: number;
  readonly last: number;
  /** Where it is; undefined: at the end, and along with what comes. */
  readonly at: number | undefined;
  /** Of the place, for those who hear the page. */
  readonly spoken: string;
  readonly children: ReactNode;
  /** `undefined`: to the end. */
  readonly onMove: (to: number | undefined) => void;
}

/** A slider through the past, with a button and a key for each direction. At its end the page is live. */
export function CursorBar({ what, first, last, at, spoken, children, onMove }: Props) {
  const here = at ?? last;
  const move = (to: number) => onMove(to >= last ? undefined : Math.max(first, to));
  useShortcuts((key) => {
    if (key !== "[" && key !== "]") return false;
    move(key === "[" ? here - 1 : here + 1);
    return true;
  });
  if (last <= first) return null;
  return (
    <div className="cursor">
      <div className="cursor-steps">
        <button
          type="button"
          className="icon-button"
          aria-label={`One ${what} back`}
          disabled={here <= first}
          onClick={() => move(here - 1)}
        >
          <Icon name="chevron" />
        </button>
        <button
          type="button"
          className="icon-button"
          aria-label={`One ${what} on`}
          disabled={at === undefined}
          onClick={() => move(here + 1)}
        >
          <Icon name="chevron" />
        </button>
      </div>
      <input
        className="cursor-range"
        type="range"
        aria-label="Time cursor"
        aria-valuetext={spoken}
        min={first}
        max={last}
        value={here}
        onChange={(changed) => move(Number(changed.target.value))}
      />
      <output className="cursor-words">{children}</output>
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
