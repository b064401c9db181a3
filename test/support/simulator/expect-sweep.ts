import { expect } from "vitest";
import type { Program } from "./program.ts";
import { reproduction, shrink, sweep } from "./sweep.ts";

/** Sweeps a program; a failure is shrunk and said with the line that runs it again. */
export async function expectSweep(program: Program, schedules: number): Promise<void> {
  const swept = await sweep(program, { schedules });
  const [failure] = swept.failures;
  if (failure) {
    const small = await shrink(failure);
    expect.fail([reproduction(small.schedule), ...small.wrongs].join("\n"));
  }
  expect(swept.schedules).toBe(schedules);
}
