import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { expect } from "vitest";
import { ALL_PROGRAMS } from "./programs/all-programs.ts";
import type { Program } from "./programs/program.ts";
import { scheduleOf } from "./schedule-text.ts";
import { reproduction, shrink, sweep } from "./sweep.ts";

/** Of all programs together, in the suite; `npm run sweep` runs 100,000. */
const SCHEDULES_IN_THE_SUITE = 3_000;

/** For each kept mutation of the engine, the schedule that notices it: the suite would see each of those faults. */
const NOTICED_BY = resolve(import.meta.dirname, "mutations/noticed-by.json");
const WITNESSES = Object.values(JSON.parse(readFileSync(NOTICED_BY, "utf8")) as Record<string, string>);

/**
 * Sweeps a program: the schedules that notice mutations, then single points and mixtures in a drawn order. A failure is
 * shrunk and said with the line that runs it again.
 */
export async function expectSweep(program: Program): Promise<void> {
  const witnesses = [...new Set(WITNESSES)].flatMap((text) => scheduleOf(text, [program]) ?? []);
  const schedules = Math.ceil(SCHEDULES_IN_THE_SUITE / ALL_PROGRAMS.length) + witnesses.length;
  const swept = await sweep(program, { schedules, first: witnesses, order: "mixed" });
  const [failure] = swept.failures;
  if (failure) {
    const small = await shrink(failure);
    expect.fail([reproduction(small.schedule), ...small.wrongs].join("\n"));
  }
  expect(swept.schedules).toBe(schedules);
}
