/** Promises of a log that is larger than the memory it is checked in. */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, expect, it } from "vitest";
import type { Event } from "../../../src/domain/execution/event.ts";
import { checkInvariants } from "../../../src/domain/invariants/invariants.ts";
import { Log, ORIGIN } from "../../support/log.ts";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;
const MB = 1_000_000;

describe("promises of a log with 120 events of 1 MB", () => {
  const log = new Log();
  log.tell({ type: "create", origin: ORIGIN, input: null }, { type: "begin" });
  const small = log.events.length;
  for (let n = 0; n < 120; n += 1) log.tell({ type: "signal", signals: [{ name: `s${n}`, data: n }], by: "ann" });

  /** Each event is made when it is read, with a megabyte in it, as its store makes it. */
  function* events(heap: number[]): Generator<Event> {
    for (const [at, event] of log.events.entries()) {
      if (at % 20 === 19) {
        collect();
        heap.push(process.memoryUsage().heapUsed);
      }
      if (at < small) yield event;
      else yield JSON.parse(JSON.stringify({ ...event, data: { ...event.data, data: `${at}`.padEnd(MB, "x") } }));
    }
  }

  it("are checked in one reading, which keeps none of them", () => {
    const { state, now, timers } = log;
    if (!state) throw new Error("there is no state");
    const heap: number[] = [];
    const reports = checkInvariants({ events: events(heap), state, now, timers, alarmAtMs: now });
    expect(reports.filter(({ verdict }) => verdict === "violated")).toEqual([]);
    expect(heap.length).toBeGreaterThan(5);
    expect(Math.max(...heap) - Math.min(...heap)).toBeLessThan(10 * MB);
  });
});
