/** Plots of days, and when schedules fire in words: no day left out, axes that end on round numbers, the next one first. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { daysBetween, roundUp, withoutGaps } from "../../../src/dashboard/operations/days.ts";
import { clockIn, nextFirst, timingOf } from "../../../src/dashboard/schedules/timing.ts";

test("names each day of a span, in UTC, and keeps a place for days of which nothing is known", () => {
  const days = daysBetween("2026-02-27T23:59:59.000Z", "2026-03-01T00:00:00.000Z");
  expect(days).toEqual(["2026-02-27", "2026-02-28", "2026-03-01"]);
  const group = { day: "2026-02-28", executions: 3 };
  expect(withoutGaps([group], days)).toEqual([
    { day: "2026-02-27", group: undefined },
    { day: "2026-02-28", group },
    { day: "2026-03-01", group: undefined },
  ]);
});

test("an axis ends at 1, 2 or 5 times a power of ten, no lower than the highest bar and less than 2.5 times as high", () => {
  fc.assert(
    fc.property(fc.double({ min: 1e-6, max: 1e12, noNaN: true }), (value) => {
      const end = roundUp(value);
      expect(end).toBeGreaterThanOrEqual(value * 0.999_999);
      expect(end).toBeLessThanOrEqual(value * 2.500_001);
      expect([1, 2, 5]).toContain(Math.round(end / 10 ** Math.floor(Math.log10(end * 1.000_001))));
    }),
  );
  expect([roundUp(0), roundUp(3), roundUp(0.02)]).toEqual([1, 5, 0.02]);
});

test("says when a schedule fires, and lists the next one first and those that rest last", () => {
  expect(timingOf({ cron: "0 8 * * *", timezone: "Europe/Berlin" })).toBe("cron 0 8 * * * (Europe/Berlin)");
  expect(timingOf({ every: "15m", timezone: "UTC" })).toBe("every 15m");
  expect(timingOf({ at: "2026-12-24T18:00:00.000Z", timezone: "UTC" })).toContain("once, ");
  expect(clockIn("2027-01-01T16:00:00.000Z", "Europe/Berlin")).toContain("5:00:00");
  expect(clockIn("2027-01-01T16:00:00.000Z", "No/Such_Zone")).not.toBe("");
  const row = (id: string, next_at: string | null, created_at: string) => ({ id, next_at, created_at });
  const rows = [row("old", null, "2026-01"), row("b", "2026-03", "2026-01"), row("new", null, "2026-02")];
  expect(nextFirst([...rows, row("a", "2026-02", "2026-03")]).map(({ id }) => id)).toEqual(["a", "b", "new", "old"]);
});
