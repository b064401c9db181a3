/** Drawn schedules of agents at a plan: polls, duplicates, late reports, deaths of agents and of the process. */
import { describe, expect, it } from "vitest";
import { runSchedule } from "../../support/plans/agents-schedule.ts";

const SCHEDULES = 30;

describe("agents that poll", () => {
  it("whatever they do and whoever dies, do each subtask once at most, and all of it ends", async () => {
    const sums = { completed: 0, late: 0, apart: 0, crashes: 0, effects: 0 };
    for (let seed = 1; seed <= SCHEDULES; seed += 1) {
      const { broken, ...told } = await runSchedule(seed, { agents: 4, subtasks: 12, steps: 150 });
      expect({ seed, broken }).toEqual({ seed, broken: [] });
      sums.completed += told.completed;
      sums.late += told.late;
      sums.apart += told.apart;
      sums.crashes += told.crashes;
      sums.effects += told.effects;
    }
    // What was drawn has in it what it is drawn for.
    expect(Object.values(sums).every((sum) => sum > SCHEDULES / 2)).toBe(true);
  });
});
