import { timerClassOf } from "../../src/domain/execution/hold.ts";
import type { StoredTimers, Timer } from "../../src/engine/ports.ts";

/** Timers that are held in memory, as a store has them. */
export function storedTimersIn(timers: () => ReadonlyMap<string, number>): StoredTimers {
  const sorted = (is: (timer: Timer) => boolean) =>
    [...timers()]
      .map(([name, atMs]) => ({ name, atMs }))
      .filter(is)
      .sort((a, b) => a.atMs - b.atMs);
  return {
    get isEmpty() {
      return timers().size === 0;
    },
    has: (name) => timers().has(name),
    behind: (timerClass, after, limit) =>
      sorted(({ name, atMs }) => atMs > after && timerClassOf(name) === timerClass).slice(0, limit),
    until: (untilMs) => sorted(({ atMs }) => atMs <= untilMs),
  };
}
