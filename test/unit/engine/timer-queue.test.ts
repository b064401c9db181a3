/** The earliest of many timers, as a look at all of them would say; and what many gates cost a flush. */
import fc from "fast-check";
import { expect, it } from "vitest";
import { timerActs } from "../../../src/domain/hold.ts";
import type { ExecutionState } from "../../../src/domain/state.ts";
import { Beside } from "../../../src/engine/beside.ts";
import type { Tempo } from "../../../src/engine/ports.ts";
import { DEFAULT_TEMPO } from "../../../src/engine/ports.ts";
import { TimerQueue } from "../../../src/engine/timer-queue.ts";
import { running } from "../../support/log.ts";

const names = ["sleep:a", "sleep:b", "retry:a", "signal:s", "gate:g1", "gate:g2", "deadline:", "files:"];
const acts = fc.array(
  fc.record({
    what: fc.constantFrom("set", "set", "clear", "fire"),
    name: fc.constantFrom(...names),
    atMs: fc.nat(50),
    status: fc.constantFrom("running" as const, "paused" as const, "waiting" as const),
    requested: fc.boolean(),
  }),
  { maxLength: 60 },
);

it("is what a look at all of them finds, whatever was set, moved, cleared and fired", () => {
  const base = running().state as ExecutionState;
  fc.assert(
    fc.property(acts, (told) => {
      const timers = new Map<string, number>();
      const fired = new Set<string>();
      const queue = new TimerQueue(timers);
      for (const { what, name, atMs, status, requested } of told) {
        if (what === "set") {
          timers.set(name, atMs);
          queue.add(name, atMs);
        } else if (what === "fire" && timers.has(name)) fired.add(name);
        else {
          timers.delete(name);
          fired.delete(name);
        }
        const gates = { ...base.gates, ...(requested ? { requested: "x" } : {}) };
        const state = { ...base, status, gates };
        const acting = [...timers].filter(([one]) => timerActs(state, one) && !fired.has(one)).map(([, at]) => at);
        expect(queue.earliest(state, fired)).toBe(Math.min(Number.POSITIVE_INFINITY, ...acting));
      }
    }),
    { numRuns: 2_000 },
  );
});

it("costs a flush no look at the others: none of 5,000 timers is read to find that nothing is to be done", () => {
  const timers = new Map(Array.from({ length: 5_000 }, (_, at) => [`gate:g${at}`, 1_000 + at] as const));
  const tempo: Tempo = DEFAULT_TEMPO;
  const beside = new Beside({ state: undefined, timers, outbox: new Map(), alarmAtMs: 1 }, tempo);
  const state = running().state as ExecutionState;
  let looks = 0;
  const { all } = beside.timers;
  const iterator = all[Symbol.iterator].bind(all);
  Object.defineProperty(all, Symbol.iterator, {
    value: () => {
      looks += 1;
      return iterator();
    },
  });
  for (let times = 0; times < 100; times += 1) beside.alarmChange(state, 0);
  expect(looks).toBe(0);
});
