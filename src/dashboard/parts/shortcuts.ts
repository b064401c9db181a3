/**
 * Keys that do something wherever one is on a page. Not while something is typed or a dialog is open, and not after they were turned
 * off (WCAG 2.1.4): that is kept for the next visit.
 */
import { useEffect, useRef } from "react";

const STORED = "errand.shortcuts";

export function areShortcutsOn(): boolean {
  return localStorage.getItem(STORED) !== "off";
}

export function turnShortcuts(on: boolean): void {
  if (on) localStorage.removeItem(STORED);
  else localStorage.setItem(STORED, "off");
}

function isForPage(event: KeyboardEvent): boolean {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || event.isComposing) return false;
  if (!areShortcutsOn() || document.querySelector("dialog[open]") !== null) return false;
  return !(event.target instanceof Element) || event.target.closest("input, textarea, select") === null;
}

/** `onKey` says whether it had a use for the key; then nothing else is done with it. */
export function useShortcuts(onKey: (key: string) => boolean): void {
  const latest = useRef(onKey);
  latest.current = onKey;
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      if (isForPage(event) && latest.current(event.key)) event.preventDefault();
    };
    addEventListener("keydown", pressed);
    return () => removeEventListener("keydown", pressed);
  }, []);
}
