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
