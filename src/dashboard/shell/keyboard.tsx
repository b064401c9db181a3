/** The page by keys alone: which key leads where, the list of them, and the switch that turns them off. */
import { useRef, useState } from "react";
import { useLocation } from "wouter";
import { Dialog } from "../parts/dialog.tsx";
import { Icon } from "../parts/icon.tsx";
import { areShortcutsOn, turnShortcuts, useShortcuts } from "../parts/shortcuts.ts";
import { PLACES } from "./places.ts";
import "../styles/keyboard.css";

/** The second key of two comes so soon after the first. */
const SECOND_MS = 1_500;

export function Keyboard() {
  const [open, setOpen] = useState(false);
  const [, navigate] = useLocation();
  const goUntil = useRef(0);
  useShortcuts((key) => {
    const goes = performance.now() < goUntil.current;
    goUntil.current = 0;
    if (key === "?") setOpen(true);
    else if (goes) {
      const place = PLACES.find((one) => one.key === key);
      if (place) navigate(place.to);
      return place !== undefined;
    } else if (key === "g") goUntil.current = performance.now() + SECOND_MS;
    else return false;
    return true;
  });
  return (
    <>
      <button
        type="button"
        className="icon-button keys-open"
        aria-label="Keyboard shortcuts"
        title="Keyboard shortcuts (?)"
        onClick={() => setOpen(true)}
      >
        <Icon name="keyboard" />
      </button>
      {open && <Help onClose={() => setOpen(false)} />}
    </>
  );
}

const EVERYWHERE = [
  [["?"], "This list"],
  [["/"], "Search, on the page of executions"],
  [["↑", "↓"], "From line to line in a list"],
  [["←", "→"], "From tab to tab; along the time cursor while it has the focus"],
  [["[", "]"], "One event back or on, on the page of an execution"],
  [["Esc"], "Close what is open"],
] as const;

function Help({ onClose }: { readonly onClose: () => void }) {
  const [on, setOn] = useState(areShortcutsOn);
  const turn = (wanted: boolean) => {
    turnShortcuts(wanted);
    setOn(wanted);
  };
  return (
    <Dialog title="Keyboard shortcuts" onClose={onClose}>
      <div className="dialog-body">
        <dl className="keys-list">
          {EVERYWHERE.map(([keys, words]) => (
            <Line key={words} keys={keys} words={words} />
          ))}
        </dl>
        <h3>Go to a page</h3>
        <dl className="keys-list keys-places">
          {PLACES.map(({ key, words }) => (
            <Line key={key} keys={["g", key]} words={words} />
          ))}
        </dl>
        <label className="choice">
          <input type="checkbox" checked={on} onChange={(event) => turn(event.target.checked)} />
          <span>Letters and signs are shortcuts</span>
        </label>
      </div>
    </Dialog>
  );
}

function Line({ keys, words }: { readonly keys: readonly string[]; readonly words: string }) {
  return (
    <div>
      <dt>
        {keys.map((key) => (
          <kbd key={key}>{key}</kbd>
        ))}
      </dt>
      <dd>{words}</dd>
    </div>
  );
}
