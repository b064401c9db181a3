/** Follows the stream of one execution or conversation while its page is open. Draws a long log less often, as its draws take long. */
import { useEffect, useRef, useState } from "react";
import { ProblemError } from "../../client/transport/errors.ts";
import { useSession } from "../session/session.tsx";
import type { Followed, Following } from "./following.ts";
import { begun, followOnPage } from "./following.ts";

/** Tokens come every few milliseconds: a page is drawn at most this often. */
const DRAW_MS = 32;
/** Of the time between two draws a draw takes at most a third: a long log under many events leaves room for the reader. */
const ROOM = 3;
/** However long a draw took: the next one comes. */
const LONGEST_MS = 500;

/** Both arguments must be stable: a new `follow` begins anew with a new log. */
export function useFollowing<Log, C extends string = never>(
  newLog: () => Log,
  follow: (following: Following<Log, C>) => Promise<void>,
): Followed<Log, C> {
  const { heard } = useSession();
  const [followed, setFollowed] = useState<Followed<Log, C>>(() => begun(newLog()));
  const cost = useRef({ beganMs: 0, ms: 0 });
  // biome-ignore lint/correctness/useExhaustiveDependencies: each drawn state is measured.
  useEffect(() => {
    const { beganMs } = cost.current;
    if (beganMs > 0) cost.current = { beganMs: 0, ms: performance.now() - beganMs };
  }, [followed]);
  useEffect(() => {
    const leaving = new AbortController();
    followOnPage(newLog(), follow, {
      signal: leaving.signal,
      show: (next) => {
        cost.current.beganMs = performance.now();
        setFollowed(next);
      },
      waitMs: () => Math.min(LONGEST_MS, Math.max(DRAW_MS, (ROOM - 1) * cost.current.ms)),
      refusalOf: (error) => ({ status: error instanceof ProblemError ? error.status : 0, sentence: heard(error) }),
    });
    return () => leaving.abort();
  }, [newLog, follow, heard]);
  return followed;
}
