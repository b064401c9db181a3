/** A schedule at work: each instant one execution, whatever dies between two lines, and whatever people change in between. */
import { describe, expect, test } from "vitest";
import { deleted, paused, respecified, resumed, triggered } from "../../../../src/domain/schedule/changes.ts";
import type { ScheduleSpec } from "../../../../src/domain/schedule/spec.ts";
import { refuse } from "../../../../src/domain/values/fault.ts";
import { SimSchedule } from "../../../support/schedules/sim-schedule.ts";

const T0 = Date.UTC(2026, 10, 27, 12);
const MINUTE = 60_000;
const minutes = (...which: readonly number[]) => which.map((n) => T0 + n * MINUTE);
const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, n) => from + n);

describe("each instant is one execution", () => {
  test.each(["allow", "skip", "queue"] as const)("with a death after each step, overlap %s", async (overlap) => {
    let deaths = 0;
    // Until a run comes to its end before the process would die.
    for (let dies = 1; deaths === dies - 1; dies += 1) {
      const sim = new SimSchedule({ overlap }, T0);
      sim.diesIn = dies;
      await sim.until(T0 + 5.5 * MINUTE);
      deaths += sim.deaths;
      expect([dies, sim.instants]).toEqual([dies, minutes(1, 2, 3, 4, 5)]);
      expect(sim.rows.map(({ outcome }) => outcome)).toEqual(minutes(1, 2, 3, 4, 5).map(() => "started"));
      expect(sim.schedule.runs).toBe(5);
    }
    expect(deaths).toBeGreaterThan(40);
  });

  test("a firing is three commits, and an alarm that finds nothing to do sets the next one and writes nothing", async () => {
    const sim = new SimSchedule({}, T0);
    await sim.until(T0 + 1.5 * MINUTE);
    const before = sim.commits;
    await sim.until(T0 + 2.5 * MINUTE);
    expect([sim.instants, sim.commits - before]).toEqual([minutes(1, 2), 3]);
    await sim.alarm();
    expect([sim.commits - before, sim.alarmAtMs]).toEqual([3, T0 + 3 * MINUTE]);
  });

  test("with two deaths at any two steps", async () => {
    for (let first = 1; first <= 16; first += 1)
      for (let second = 1; second <= 16; second += 1) {
        const sim = new SimSchedule({}, T0);
        sim.diesIn = first;
        await sim.until(T0 + 1.5 * MINUTE);
        sim.diesIn = second;
        await sim.until(T0 + 3.5 * MINUTE);
        expect([first, second, sim.instants]).toEqual([first, second, minutes(1, 2, 3)]);
        expect(sim.rows).toHaveLength(3);
      }
  });

  test("a start that is not heard, or refused for now, is made again under its name until it is", async () => {
    const sim = new SimSchedule({ when: { atMs: T0 + MINUTE, timezone: "UTC" } }, T0);
    sim.answer = () => refuse("overloaded", "no room");
    await sim.until(T0 + 5 * MINUTE);
    expect([sim.executions.size, sim.schedule.status]).toEqual([0, "active"]);
    sim.answer = undefined;
    await sim.until(T0 + 8 * MINUTE);
    expect([sim.instants, sim.schedule.status]).toEqual([minutes(1), "ended"]);
    expect(sim.alarmAtMs === undefined || sim.alarmAtMs <= sim.now).toBe(true);
  });
});

describe("a schedule whose alarm goes off later, because many want the same second,", () => {
  test("is on time: its instant is fired, and not missed", async () => {
    const sim = new SimSchedule({ catchUp: "none", when: { everyMs: 10 * MINUTE, timezone: "UTC" } }, T0);
    sim.paceMs = MINUTE;
    sim.work.commit({ schedule: sim.schedule, firings: [] });
    expect(sim.alarmAtMs).toBe(T0 + 11 * MINUTE);
    await sim.until(T0 + 40 * MINUTE);
    expect(sim.instants).toEqual(minutes(10, 20, 30));
    expect(sim.rows.map(({ outcome }) => outcome)).toEqual(["started", "started", "started"]);
  });

  test("is put off at the start of a process without a start, and what waited for its turn is not missed", async () => {
    const sim = new SimSchedule({ catchUp: "none", when: { everyMs: 10 * MINUTE, timezone: "UTC" } }, T0);
    sim.work.commit({ schedule: sim.schedule, firings: [] });
    sim.now = T0 + 10 * MINUTE + 2_000;
    sim.mayWorkAtMs = sim.now + 90_000;
    await sim.alarm();
    expect([sim.executions.size, sim.alarmAtMs]).toEqual([0, sim.mayWorkAtMs]);
    sim.mayWorkAtMs = undefined;
    sim.now = T0 + 10 * MINUTE + 92_000;
    await sim.alarm();
    expect(sim.rows.map(({ outcome }) => outcome)).toEqual(["started"]);
    expect(sim.instants).toEqual(minutes(10));
  });

  test("is late where it comes later than that", async () => {
    const sim = new SimSchedule({ catchUp: "none", when: { everyMs: 10 * MINUTE, timezone: "UTC" } }, T0);
    sim.paceMs = MINUTE;
    sim.work.commit({ schedule: sim.schedule, firings: [] });
    sim.now = T0 + 11 * MINUTE + 4_000;
    await sim.alarm();
    expect(sim.rows.map(({ outcome }) => outcome)).toEqual(["missed"]);
  });
});

test("one that is deleted while the index is away is looked at until the index knows, and then never again", async () => {
  const sim = new SimSchedule({}, T0);
  sim.indexIsAway = true;
  sim.work.commit({ schedule: deleted(sim.schedule, T0), firings: [] });
  await sim.until(T0 + MINUTE);
  expect([sim.isForgotten, sim.alarmAtMs !== undefined]).toEqual([false, true]);
  sim.indexIsAway = false;
  await sim.until(T0 + 2 * MINUTE);
  expect([sim.isForgotten, sim.alarmAtMs, sim.instants]).toEqual([true, undefined, []]);
});

describe("what people change between firing and start", () => {
  /** Written down, and its start is not answered. */
  async function inTheMiddle(spec: Partial<ScheduleSpec> = {}): Promise<SimSchedule> {
    const sim = new SimSchedule(spec, T0);
    sim.answer = () => refuse("overloaded", "no room");
    await sim.until(T0 + MINUTE);
    expect(sim.schedule.starting?.failures).toBe(1);
    sim.answer = undefined;
    return sim;
  }

  test("another input is that of the next instant: the start is the one that was written down", async () => {
    const sim = await inTheMiddle();
    sim.change((schedule, now) => respecified(schedule, { ...schedule.spec, input: { n: 2 } }, now));
    await sim.until(T0 + 2.5 * MINUTE);
    expect([...sim.executions.values()].map(({ input }) => input)).toEqual([{ n: 1 }, { n: 2 }]);
  });

  test("a pause starts nothing more; what was written down is started", async () => {
    const sim = await inTheMiddle();
    sim.change((schedule, now) => paused(schedule, "tea", now));
    await sim.until(T0 + 5.5 * MINUTE);
    expect(sim.instants).toEqual(minutes(1));
    sim.change(resumed);
    await sim.until(T0 + 7.5 * MINUTE);
    expect(sim.instants).toEqual(minutes(1, 6, 7));
  });

  test("deleted, it starts nothing", async () => {
    const sim = await inTheMiddle();
    sim.change(deleted);
    await sim.until(T0 + 5 * MINUTE);
    expect(sim.executions.size).toBe(0);
  });

  test("another time: nothing that lies before the change is fired anew, and an ended one goes on", async () => {
    const sim = new SimSchedule({ maxRuns: 2 }, T0);
    await sim.until(T0 + 9.5 * MINUTE);
    expect([sim.instants, sim.schedule.status]).toEqual([minutes(1, 2), "ended"]);
    const cron = { cron: "*/5 * * * *", timezone: "UTC" };
    sim.change((schedule, now) => respecified(schedule, { ...schedule.spec, when: cron, maxRuns: 3 }, now));
    await sim.until(T0 + 30 * MINUTE);
    expect([sim.instants, sim.schedule.status]).toEqual([minutes(1, 2, 10), "ended"]);
  });

  test("a target that vanished pauses it, and it says why", async () => {
    const sim = new SimSchedule({}, T0);
    sim.answer = () => refuse("target_not_found", "agent 'gone' not found");
    await sim.until(T0 + 3 * MINUTE);
    expect(sim.schedule).toMatchObject({ status: "paused", reason: "target_not_found: agent 'gone' not found" });
    expect(sim.rows).toMatchObject([{ outcome: "refused", reason: "target_not_found: agent 'gone' not found" }]);
    expect(sim.schedule.runs).toBe(0);
  });

  test("a trigger fires at once, also while it is paused or another runs, and is no run", async () => {
    const sim = new SimSchedule({ overlap: "skip", maxRuns: 1 }, T0);
    sim.takesMs = Number.POSITIVE_INFINITY;
    sim.change((schedule, now) => paused(schedule, "tea", now));
    for (const key of ["2026-11-27T12:00:00.001Z", "2026-11-27T12:00:00.002Z"]) {
      sim.change((schedule, now) => triggered(schedule, key, now));
      await sim.work.work();
    }
    expect([sim.executions.size, sim.schedule.runs]).toEqual([2, 0]);
    expect(sim.rows).toMatchObject([{ manual: true }, { manual: true }]);
  });
});

describe("instants that overlap", () => {
  const long = async (overlap: "skip" | "queue" | "allow") => {
    const sim = new SimSchedule({ overlap }, T0);
    sim.takesMs = 2.5 * MINUTE;
    await sim.until(T0 + 6.5 * MINUTE);
    return sim;
  };

  test("skip: they are skipped, and a row says of which execution", async () => {
    const sim = await long("skip");
    expect(sim.instants).toEqual(minutes(1, 4));
    expect(sim.rows.map(({ outcome }) => outcome)).toEqual([
      ...["started", "skipped", "skipped", "started", "skipped", "skipped"],
    ]);
    expect(sim.rows[1]?.reason).toContain("has not ended, and overlap is skip");
  });

  test("queue: they wait, and none runs beside another", async () => {
    const sim = await long("queue");
    expect(sim.instants).toEqual(minutes(1, 2, 3));
    const starts = [...sim.executions.values()].map(({ atMs }) => atMs);
    for (const [n, at] of starts.entries())
      if (n > 0) expect(at - (starts[n - 1] ?? 0)).toBeGreaterThanOrEqual(sim.takesMs);
    expect(sim.schedule.waiting.map(({ atMs }) => atMs)).toEqual(minutes(4, 5, 6));
  });

  test("allow: they run beside each other", async () => {
    expect((await long("allow")).instants).toEqual(minutes(1, 2, 3, 4, 5, 6));
  });
});

describe("instants that were missed", () => {
  /** Nothing runs from the first alarm until `forMs` later. */
  async function down(spec: Partial<ScheduleSpec>, forMs: number): Promise<SimSchedule> {
    const sim = new SimSchedule(spec, T0);
    sim.now = T0 + forMs;
    await sim.until(sim.now);
    return sim;
  }

  test("all: each is fired, up to the limit, the newest of them", async () => {
    expect((await down({ catchUp: "all" }, 10.2 * MINUTE)).instants).toEqual(minutes(...range(1, 10)));
    const sim = await down({ catchUp: "all", catchUpLimit: 3 }, 1_000.2 * MINUTE);
    expect(sim.instants).toEqual(minutes(998, 999, 1_000));
    expect(sim.rows[0]).toMatchObject({ outcome: "missed", atMs: T0 + MINUTE, untilMs: T0 + 997 * MINUTE });
  });

  test("all with overlap skip: what is caught up waits for what was caught up before it", async () => {
    const sim = new SimSchedule({ catchUp: "all", overlap: "skip" }, T0);
    sim.takesMs = 500;
    sim.now = T0 + 4.2 * MINUTE;
    await sim.until(sim.now + 20_000);
    expect(sim.instants).toEqual(minutes(1, 2, 3, 4));
  });

  test("last: the last; none: none of them, and the next is on time", async () => {
    expect((await down({ catchUp: "last" }, 10.2 * MINUTE)).instants).toEqual(minutes(10));
    const sim = await down({ catchUp: "none" }, 10.2 * MINUTE);
    expect(sim.instants).toEqual([]);
    expect(sim.rows).toMatchObject([{ outcome: "missed", atMs: T0 + MINUTE, untilMs: T0 + 10 * MINUTE }]);
    await sim.until(T0 + 11 * MINUTE);
    expect(sim.instants).toEqual(minutes(11));
  });

  test("a year of seconds is caught up as fast as a minute of them", async () => {
    for (const when of [
      { everyMs: 1_000, timezone: "UTC" },
      { cron: "* * * * * *", timezone: "Europe/Berlin" },
    ]) {
      const sim = await down({ when, catchUp: "all", catchUpLimit: 5 }, 365 * 86_400_000);
      expect(sim.executions.size).toBe(5);
      expect(Math.max(...sim.instants)).toBe(sim.now);
    }
  });

  test("max_runs counts those that wait; the start and the end date bound them", async () => {
    const sim = await down({ maxRuns: 3 }, 10.2 * MINUTE);
    expect([sim.instants, sim.schedule.status, sim.schedule.reason]).toEqual([
      ...[minutes(1, 2, 3), "ended", "it has run 3 times, as max_runs says"],
    ]);
    const dated = await down({ startsAtMs: T0 + 3 * MINUTE, endsAtMs: T0 + 5 * MINUTE }, 10.2 * MINUTE);
    expect([dated.instants, dated.schedule.status]).toEqual([minutes(3, 4, 5), "ended"]);
  });
});

test("jitter moves the firing and not the instant; while nothing is due there is one alarm, and none once it has ended", async () => {
  const sim = new SimSchedule({ jitterMs: 30_000, maxRuns: 3 }, T0);
  expect(sim.alarmAtMs).toBeGreaterThanOrEqual(T0 + MINUTE);
  await sim.until(T0 + 10 * MINUTE);
  expect(sim.instants).toEqual(minutes(1, 2, 3));
  const late = [...sim.executions.values()].map(({ atMs, id }) => atMs - Date.parse(id.slice(5)));
  expect(late.every((ms) => ms >= 0 && ms <= 30_000)).toBe(true);
  expect(new Set(late).size).toBeGreaterThan(1);
  expect(sim.alarmAtMs).toBeUndefined();
});
