import { useEffect, useState } from "react";

/** The present instant, said anew each `everyMs`; standing still while `moving` is false. */
export function useNow(everyMs: number, moving = true): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    if (!moving) return undefined;
    setNow(Date.now());
    const timer = setInterval(() => setNow(Date.now()), everyMs);
    return () => clearInterval(timer);
  }, [everyMs, moving]);
  return now;
}
