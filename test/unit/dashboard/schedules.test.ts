import { expect, test } from "vitest";
import type { ScheduleRecord } from "../../../src/client/schedules.ts";
import { daysOf, mondayOf } from "../../../src/dashboard/schedules/calendar.ts";
import { changeOf, newTyped, scheduleOf, typedOf } from "../../../src/dashboard/schedules/wanted.ts";

const KNOWN: ScheduleRecord = {
  ...{ schedule_id: "tea", target: "clock.remind", status: "active", paused: false, owner: "ada", declared: false },
  ...{ cron: "0 17 * * *", timezone: "Europe/Berlin", overlap: "skip", jitter: "0s", catch_up: "all" },
  ...{ catch_up_limit: 100, max_runs: 7, next_at: "2026-11-27T16:00:00.000Z", input: { message: "tea" } },
  ...{ created_at: "2026-11-01T00:00:00.000Z", updated_at: "2026-11-01T00:00:00.000Z" },
  ...{ runs: 2, waiting: 0, next_instants: [] },
};

test("a schedule that was not edited changes nothing", () => {
  expect(changeOf(KNOWN, typedOf(KNOWN), undefined)).toEqual({});
});

test("only what was edited is sent, and an emptied field is taken away", () => {
  const typed = { ...typedOf(KNOWN), when: "0 18 * * *", maxRuns: "", session: " chat-7 " };
  expect(changeOf(KNOWN, typed, undefined)).toEqual({ cron: "0 18 * * *", max_runs: null, session_id: "chat-7" });
  expect(changeOf(KNOWN, typedOf(KNOWN), { message: "coffee" })).toEqual({ input: { message: "coffee" } });
});

test("another kind of timing is sent in place of the one before", () => {
  expect(changeOf(KNOWN, { ...typedOf(KNOWN), kind: "every", when: "15m" }, undefined)).toEqual({ every: "15m" });
});

test("a new schedule has what was typed, and nothing for what was left empty", () => {
  const typed = {
    ...newTyped("Europe/Berlin"),
    target: "clock.remind",
    when: "15m ",
    startsAt: "2026-12-01T00:00:00Z",
  };
  expect(scheduleOf(typed, { message: "tea" })).toEqual({
    ...{ target: "clock.remind", every: "15m", timezone: "Europe/Berlin", overlap: "skip", catch_up: "all", jitter: 0 },
    ...{ starts_at: "2026-12-01T00:00:00Z", input: { message: "tea" } },
  });
});

/** Instants of the reader's clock, as the calendar has them. */
const local = (day: number, hour: number) => new Date(2026, 10, day, hour).toISOString();

test("a calendar begins with a Monday, and each instant stands on its day", () => {
  const monday = mondayOf(new Date(2026, 10, 27, 12).getTime());
  expect(new Date(monday).toString()).toContain("Mon Nov 23 2026 00:00:00");
  const days = daysOf(monday, 7, [
    { schedule: { schedule_id: "late" }, instants: [local(27, 17)], more: false },
    { schedule: { schedule_id: "early" }, instants: [local(27, 8), local(27, 9), local(29, 8)], more: false },
  ]);
  expect(days.map(({ entries }) => entries.map(({ id, count }) => `${id} ${count}`))).toEqual([
    ...[[], [], [], [], ["early 2", "late 1"], [], ["early 1"]],
  ]);
});

test("behind the last counted instant a schedule goes on, until it ends", () => {
  const monday = new Date(2026, 10, 23).getTime();
  const schedule = { schedule_id: "often", ends_at: local(26, 12) };
  const days = daysOf(monday, 5, [{ schedule, instants: [local(24, 8), local(24, 9)], more: true }]);
  const said = days.map(({ entries }) => entries.map(({ count, isWhole }) => [count, isWhole]));
  expect(said).toEqual([[], [[2, false]], [[undefined, false]], [[undefined, false]], []]);
});
