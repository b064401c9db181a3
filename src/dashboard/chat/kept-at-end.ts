import { useCallback, useEffect, useRef } from "react";

/** A reader who is nearer to the end than this waits for what comes. */
const NEAR_PX = 100;

/**
 * Keeps a talk at its end while it grows, under what is written below it, unless its reader has scrolled up. A new message (`newest`)
 * is gone to all the same. Returns the `ref` of the list.
 */
export function useKeptAtEnd(newest: unknown): (list: HTMLElement | null) => (() => void) | undefined {
  const isAtEnd = useRef(true);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new message is gone to.
  useEffect(() => {
    isAtEnd.current = true;
  }, [newest]);
  return useCallback((list) => {
    const box = list?.closest(".content");
    if (!list || !box) return undefined;
    const noted = () => {
      isAtEnd.current = box.scrollHeight - box.scrollTop - box.clientHeight < NEAR_PX;
    };
    const grown = new ResizeObserver(() => {
      if (isAtEnd.current) box.scrollTop = box.scrollHeight;
    });
    grown.observe(list);
    box.addEventListener("scroll", noted, { passive: true });
    return () => {
      grown.disconnect();
      box.removeEventListener("scroll", noted);
    };
  }, []);
}
