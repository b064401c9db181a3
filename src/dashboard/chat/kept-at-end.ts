import { useCallback, useLayoutEffect, useRef } from "react";

/** A reader who is nearer to the end than this waits for what comes. */
const NEAR_PX = 100;

/**
 * Keeps a talk at its end while it grows, under what is written below it, unless its reader has scrolled up. A new message (`newest`)
 * is gone to all the same. Returns the `ref` of the list.
 */
export function useKeptAtEnd(newest: unknown): (list: HTMLElement | null) => (() => void) | undefined {
  const isAtEnd = useRef(true);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new message is gone to.
  useLayoutEffect(() => {
    isAtEnd.current = true;
  }, [newest]);
  return useCallback((list) => {
    const box = list?.closest(".content");
    if (!list || !box) return undefined;
    let before = box.scrollTop;
    const noted = () => {
      const isNear = box.scrollHeight - box.scrollTop - box.clientHeight < NEAR_PX;
      // Only a reader scrolls up. Far from the end for any other reason: more has come since this place was scrolled to.
      if (isNear) isAtEnd.current = true;
      else if (box.scrollTop < before) isAtEnd.current = false;
      before = box.scrollTop;
    };
    const grown = new ResizeObserver(() => {
      if (isAtEnd.current) box.scrollTop = box.scrollHeight;
    });
    // The page grows with what is written too, and the box with the window.
    for (const one of [list.parentElement ?? list, box]) grown.observe(one);
    box.addEventListener("scroll", noted, { passive: true });
    return () => {
      grown.disconnect();
      box.removeEventListener("scroll", noted);
    };
  }, []);
}
