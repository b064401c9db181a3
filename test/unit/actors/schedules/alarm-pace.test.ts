/** Alarms of many objects that want the same second, on a machine with few files. */
import { expect, test } from "vitest";
import { AlarmPace } from "../../../../src/actors/schedules/alarm-pace.ts";

const T0 = Date.UTC(2026, 10, 27, 12);
const second = (n: number) => T0 + n * 1_000;

test("so many go off in one second as there is room for, the others after them, and none before it wants to", () => {
  const pace = new AlarmPace(2, () => T0);
  const given = Array.from({ length: 5 }, (_, n) => pace.at(`s${n}`, second(10) + 500));
  expect(given).toEqual([second(10) + 500, second(10) + 500, second(11), second(11), second(12)]);
  expect(pace.at("other", second(11) + 250)).toBe(second(12));
});

test("one that is set again gives its second back", () => {
  const pace = new AlarmPace(1, () => T0);
  expect([pace.at("a", second(5)), pace.at("a", second(5)), pace.at("b", second(5))]).toEqual([
    ...[second(5), second(5), second(6)],
  ]);
  pace.at("a", second(9));
  expect(pace.at("c", second(5))).toBe(second(5));
});

test("what has gone off is forgotten, and without a limit nothing is kept", () => {
  let now = T0;
  const pace = new AlarmPace(1, () => now);
  pace.at("a", second(5));
  now = second(120);
  expect(pace.at("b", second(121))).toBe(second(121));
  expect(pace.at("c", second(5))).toBe(second(5));
  const free = new AlarmPace(Number.POSITIVE_INFINITY, () => T0);
  expect(Array.from({ length: 100 }, (_, n) => free.at(`s${n}`, second(1)))).toEqual(Array(100).fill(second(1)));
});

test("of thousands that were due before the process so few a second do their work, each put off once", () => {
  let now = T0;
  const pace = new AlarmPace(Number.POSITIVE_INFINITY, () => now);
  const due = T0 - 60_000;
  const given = Array.from({ length: 5_000 }, (_, n) => pace.mayWorkAt(`s${n}`, due));
  const perSecond = Map.groupBy(given, (atMs) => Math.floor((atMs - T0) / 1_000));
  expect(perSecond.size).toBe(100);
  expect(Math.max(...[...perSecond.values()].map(({ length }) => length))).toBe(50);
  expect(Math.min(...given)).toBe(T0);
  expect(pace.comingWithin(10)).toBe(500);
  // Each comes in its second, and does its work then.
  now = given.at(-1) ?? now;
  expect(pace.mayWorkAt("s4999", due)).toBe(now);
});

test("an alarm that comes in time waits for none of those, and none does once the process has been there for a while", () => {
  let now = T0;
  const pace = new AlarmPace(1, () => now);
  for (let n = 0; n < 100; n += 1) pace.mayWorkAt(`late${n}`, T0 - 60_000);
  expect(pace.mayWorkAt("in time", T0 - 50)).toBe(T0);
  now = second(31);
  expect(pace.mayWorkAt("a machine that is busy", second(20))).toBe(now);
});
