import { expect, test } from "vitest";
import { FoldedStates } from "../../../src/dashboard/execution/folded-states.ts";
import type { Event } from "../../../src/domain/execution/event.ts";
import type { ExecutionState } from "../../../src/domain/execution/state.ts";
import { evolve } from "../../../src/domain/fold/evolve.ts";
import { running } from "../../support/log.ts";

/** A log of some hundred events: notes are the smallest ones. */
function long(): readonly Event[] {
  const log = running();
  for (let n = 0; n < 400; n += 1) log.tell({ type: "add_note", message: `note ${n}`, tags: [], by: "ada" });
  return log.events;
}

test("each state is the one that the fold gives, in whatever order they are asked for", () => {
  const events = long();
  const all: (ExecutionState | undefined)[] = [];
  for (const event of events) all.push(evolve(all.at(-1), event));
  const states = new FoldedStates(events);
  expect([states.newest, states.at(0)]).toEqual([undefined, undefined]);
  states.grow();
  const last = events.length - 1;
  expect(last).toBeGreaterThan(300);
  for (const place of [last, 0, 1, 127, 128, 129, 300, 299, 301, last - 1, 5])
    expect(states.at(place)).toEqual(all[place]);
  expect(events.map((_, place) => states.at(place)?.seq)).toEqual(all.map((state) => state?.seq));
  expect([states.at(-1), states.at(events.length)]).toEqual([undefined, undefined]);
});

test("a log that grows has its newest state at once", () => {
  const whole = long();
  const events: Event[] = [];
  const states = new FoldedStates(events);
  for (const event of whole) {
    events.push(event);
    states.grow();
    expect(states.newest?.seq).toBe(event.seq);
  }
  expect(states.at(200)?.seq).toBe(whole[200]?.seq);
});
