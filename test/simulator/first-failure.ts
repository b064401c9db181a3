/**
 * Sweeps until one schedule fails, for `mutations.ts`, which loads it with one line of the engine changed:
 * `node test/simulator/first-failure.ts [--schedules 8000] [--seed N] [--witness "PROGRAM SEED POINTS"]`.
 *
 * The witness comes first, then more of its program, then all programs in turn. It says `loaded`, each schedule before it is
 * run (so that the caller sees the one that never ends), and at last one line of JSON.
 */
import { parseArgs } from "node:util";
import { ALL_PROGRAMS } from "../support/simulator/programs/all-programs.ts";
import { scheduleOf, textOf } from "../support/simulator/schedule-text.ts";
import { firstFailure, reproduction } from "../support/simulator/sweep.ts";

const { values } = parseArgs({
  options: {
    schedules: { type: "string", default: "8000" },
    seed: { type: "string", default: "1" },
    witness: { type: "string" },
  },
});
const say = (line: string) => process.stdout.write(`${line}\n`);

say("loaded");
const witness = values.witness === undefined ? undefined : scheduleOf(values.witness, ALL_PROGRAMS);
const { schedules, failure } = await firstFailure(ALL_PROGRAMS, {
  seed: Number(values.seed),
  schedules: Number(values.schedules),
  ...(witness ? { witness } : {}),
  onSchedule: (schedule) => say(textOf(schedule)),
});
const found = failure
  ? { schedule: textOf(failure.schedule), line: reproduction(failure.schedule), wrong: failure.wrongs[0] }
  : {};
say(JSON.stringify({ schedules, ...found }));
