import { expect } from "vitest";
import { ALL_PROGRAMS } from "./programs/all-programs.ts";
import type { Program } from "./programs/program.ts";
import { reproduction, shrink, sweep } from "./sweep.ts";

/** Of all programs together, in the suite. */
const SCHEDULES_IN_THE_SUITE = 10_000;

/** Sweeps a program; a failure is shrunk and said with the line that runs it again. */
export async function expectSweep(program: Program): Promise<void> {
  const schedules = Math.ceil(SCHEDULES_IN_THE_SUITE / ALL_PROGRAMS.length);
  const swept = await sweep(program, { schedules });
  const [failure] = swept.failures;
  if (failure) {
    const small = await shrink(failure);
    expect.fail([reproduction(small.schedule), ...small.wrongs].join("\n"));
  }
  expect(swept.schedules).toBe(schedules);
}
