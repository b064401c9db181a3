/** Concurrency limits under crashes at any point. `node test/simulator/limits.ts` runs thousands of these schedules. */
import { describe, expect, test } from "vitest";
import type { LimitSchedule } from "../../support/simulator/limits/limit-schedule.ts";
import { runLimitSchedule, scheduleOf } from "../../support/simulator/limits/limit-schedule.ts";
import { nodeScheduleOf, runNodeSchedule } from "../../support/simulator/limits/node-schedule.ts";

describe("a node with slots, whose calls, reports and processes may be lost", () => {
  test("never has more executions than it takes, does none twice, and leaves no slot taken: 100 schedules", async () => {
    for (let seed = 1; seed <= 100; seed += 1)
      expect([seed, ...(await runNodeSchedule(nodeScheduleOf(seed)))]).toEqual([seed]);
  });
});

describe("executions under limits all end, hold no more slots than there are, and leave none taken", () => {
  test("limit 1, nesting 5, fan-out 20", async () => {
    const schedule: LimitSchedule = { seed: 1, limit: 1, nesting: 5, fanOut: 20, crashes: 0 };
    expect(await runLimitSchedule(schedule)).toEqual([]);
    expect(await runLimitSchedule({ ...schedule, agentLimit: 1 })).toEqual([]);
  });

  test("a crash of everything at every third point of a small schedule", async () => {
    for (let crashAt = 0; crashAt < 150; crashAt += 3) {
      const schedule: LimitSchedule = { seed: 5, limit: 1, agentLimit: 2, nesting: 2, fanOut: 2, crashes: 0, crashAt };
      expect([crashAt, ...(await runLimitSchedule(schedule))]).toEqual([crashAt]);
    }
  });

  test("60 schedules of a hundred thousand", async () => {
    for (let seed = 1; seed <= 60; seed += 1)
      expect([seed, ...(await runLimitSchedule(scheduleOf(seed)))]).toEqual([seed]);
  });
});
