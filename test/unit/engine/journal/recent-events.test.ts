import { expect, test } from "vitest";
import type { Event } from "../../../../src/domain/execution/event.ts";
import { RecentEvents } from "../../../../src/engine/journal/recent-events.ts";

const event = (seq: number) => ({ seq, atMs: seq, actor: "ann", v: 1, type: "note.added" }) as Event;
const text = (seq: number) => JSON.stringify(event(seq));

test("the first event stays, whether it was written here or read; of the others the newest stay", () => {
  const recent = new RecentEvents();
  for (let seq = 1; seq <= 200; seq += 1) recent.add(seq, text(seq));
  recent.trim(190);
  expect([1, 2, 126, 127, 200].map((seq) => recent.get(seq)?.seq)).toEqual([1, undefined, undefined, 127, 200]);
  const woken = new RecentEvents();
  woken.keepFirst(event(7), 1);
  expect(woken.get(7)).toBeUndefined();
  woken.keepFirst(event(1), 1);
  woken.trim(500);
  expect(woken.get(1)?.seq).toBe(1);
});

test("nothing of a log that was removed stays", () => {
  const recent = new RecentEvents();
  for (let seq = 1; seq <= 5; seq += 1) recent.add(seq, text(seq));
  recent.forget(4);
  expect([1, 2, 4, 5].map((seq) => recent.get(seq)?.seq)).toEqual([undefined, undefined, undefined, 5]);
});
