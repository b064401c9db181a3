/** Two years of cron patterns, across every change of clocks, beside a walk through the minutes with the platform's calendar. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { durationText, parseDuration } from "../../src/domain/schedule/duration.ts";
import type { When } from "../../src/domain/schedule/spec.ts";
import { instantAfter, jitterOf, newestInstants } from "../../src/domain/schedule/spec.ts";
import type { Fields } from "../support/schedules/oracle.ts";
import { fires, patternOf, walk } from "../support/schedules/oracle.ts";

const FROM = Date.UTC(2026, 0, 1);
const TO = Date.UTC(2028, 0, 1);
/** Changes of an hour in both halves of the year and both halves of the world, of half an hour, at midnight, and none. */
const ZONES = ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "America/Santiago", "Asia/Kolkata"];

const some = (min: number, max: number, most: number) =>
  fc.option(fc.uniqueArray(fc.integer({ min, max }), { minLength: 1, maxLength: most }), { nil: undefined });
/** At most a hundred firings a day; hours around those at which clocks are changed. */
const seldom: fc.Arbitrary<Fields> = fc.record({
  minute: fc.uniqueArray(fc.integer({ min: 0, max: 59 }), { minLength: 1, maxLength: 4 }),
  hour: fc.option(fc.uniqueArray(fc.integer({ min: 0, max: 4 }), { minLength: 1, maxLength: 3 }), { nil: undefined }),
  day: some(1, 31, 5),
  month: some(1, 12, 6),
  weekday: some(0, 6, 3),
});

const instantsOf = (when: When, from: number, to: number): number[] => {
  const found: number[] = [];
  for (let at = instantAfter({ when }, 0, from - 1); at !== undefined && at < to; at = instantAfter({ when }, 0, at))
    found.push(at);
  return found;
};

describe.each(ZONES)("cron in %s", (zone) => {
  const minutes = walk(zone, FROM, TO);
  const changes = minutes.filter(({ at }, n) => n > 0 && at - (minutes[n - 1]?.at ?? 0) !== 60_000);

  test("two years: the same instants", () => {
    fc.assert(
      fc.property(seldom, (fields) => {
        const expected = fires(fields, minutes);
        const when: When = { cron: patternOf(fields), timezone: zone };
        expect(instantsOf(when, FROM, TO)).toEqual(expected);
        const newest = newestInstants({ when }, { anchorMs: 0, afterMs: FROM - 1, upToMs: TO - 1, count: 40 });
        expect(newest).toEqual(expected.slice(-40));
      }),
      { numRuns: 2, seed: 20_261_127 },
    );
  });

  test("each minute of the days around each change; also from an instant in the middle of it", () => {
    expect(changes.length).toBe(zone === "Asia/Kolkata" ? 0 : 4);
    for (const { instantMs } of changes) {
      const [from, to] = [instantMs - 5 * 3_600_000, instantMs + 5 * 3_600_000];
      const around = minutes.filter((one) => one.instantMs >= from && one.instantMs < to);
      const every = instantsOf({ cron: "* * * * *", timezone: zone }, from, to);
      expect(every).toEqual(fires({}, around));
      const when: When = { cron: "*/20 * * * *", timezone: zone };
      const expected = fires({ minute: [0, 20, 40] }, around);
      for (let at = from; at < to; at += 7 * 60_000) {
        const next = expected.find((instant) => instant > at);
        if (next !== undefined) expect(instantAfter({ when }, 0, at)).toBe(next);
        const upTo = expected.filter((instant) => instant <= at).slice(-3);
        const range = { anchorMs: 0, afterMs: from - 1, upToMs: at, count: 3 };
        expect(newestInstants({ when }, range)).toEqual(upTo);
      }
    }
  });
});

test("a time that does not exist fires once, after the gap; one that exists twice the first time only", () => {
  const berlin = (cron: string): When => ({ cron, timezone: "Europe/Berlin" });
  const next = (when: When, at: string) => new Date(instantAfter({ when }, 0, Date.parse(at)) ?? 0).toISOString();
  expect(next(berlin("30 2 * * *"), "2026-03-28T12:00:00Z")).toBe("2026-03-29T01:00:00.000Z");
  expect(next(berlin("30 2 * * *"), "2026-03-29T01:00:00Z")).toBe("2026-03-30T00:30:00.000Z");
  expect(next(berlin("30 2 * * *"), "2026-10-24T12:00:00Z")).toBe("2026-10-25T00:30:00.000Z");
  expect(next(berlin("30 2 * * *"), "2026-10-25T00:30:00Z")).toBe("2026-10-26T01:30:00.000Z");
  expect(next(berlin("15 30 2 * * *"), "2026-10-25T00:45:00Z")).toBe("2026-10-26T01:30:15.000Z");
});

test("intervals are counted from their anchor, or from the start date, and know no clocks on walls", () => {
  const instants = fc.integer({ min: FROM, max: TO });
  fc.assert(
    fc.property(fc.integer({ min: 1_000, max: 90_000_000 }), instants, instants, (everyMs, anchor, at) => {
      const when: When = { everyMs, timezone: "Europe/Berlin" };
      const next = instantAfter({ when }, anchor, at) ?? Number.NaN;
      expect(next).toBeGreaterThan(Math.max(at, anchor));
      expect((next - anchor) % everyMs).toBe(0);
      expect(next - everyMs <= at || next - everyMs === anchor).toBe(true);
      expect(instantAfter({ when, startsAtMs: at + 5 }, anchor, at)).toBe(at + 5);
      expect(instantAfter({ when, endsAtMs: next - 1 }, anchor, at)).toBeUndefined();
      const range = { anchorMs: anchor, afterMs: anchor, upToMs: next + 2 * everyMs, count: 3 };
      expect(newestInstants({ when }, range)).toEqual([next, next + everyMs, next + 2 * everyMs]);
    }),
    { seed: 20_261_127 },
  );
});

test("durations are read as they are written, and jitter is the same for an instant each time", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 366 * 86_400_000 }), (ms) => {
      expect(parseDuration(durationText(ms))).toBe(ms);
    }),
  );
  expect(["2s", "15m", "1h30m", "1d", "500ms"].map(parseDuration)).toEqual([
    2_000, 900_000, 5_400_000, 86_400_000, 500,
  ]);
  for (const text of ["", "s", "2", "2 s", "-2s", "1.5h", "30m1h", "2S", "1m1m"])
    expect(parseDuration(text)).toBeUndefined();
  const drawn = Array.from({ length: 1_000 }, (_, n) => jitterOf("uid", n * 60_000, 30_000));
  expect(drawn).toEqual(Array.from({ length: 1_000 }, (_, n) => jitterOf("uid", n * 60_000, 30_000)));
  expect([Math.min(...drawn) >= 0, Math.max(...drawn) <= 30_000, new Set(drawn).size > 900]).toEqual([
    true,
    true,
    true,
  ]);
});
