/**
 * The long sweep: `node test/simulator/sweep.ts [--schedules 100000] [--seed N] [--program NAME]`.
 * One schedule again: `--program NAME --seed N --points crash@12,kill@30 [--trace]`.
 */
import { parseArgs } from "node:util";
import { ALL_PROGRAMS } from "../support/simulator/programs/all-programs.ts";
import { judge, runSchedule } from "../support/simulator/schedule.ts";
import { pointsOf } from "../support/simulator/schedule-text.ts";
import { baselineOf, reproduction, shrink, sweep } from "../support/simulator/sweep.ts";

const { values } = parseArgs({
  options: {
    schedules: { type: "string", default: "100000" },
    seed: { type: "string", default: "1" },
    program: { type: "string" },
    points: { type: "string" },
    trace: { type: "boolean", default: false },
  },
});
const say = (line: string) => process.stdout.write(`${line}\n`);
const programs = ALL_PROGRAMS.filter(({ name }) => values.program === undefined || name === values.program);
const seed = Number(values.seed);

if (values.points !== undefined || values.trace) await again();
else await all();

async function again(): Promise<void> {
  const points = pointsOf(values.points ?? "");
  for (const program of programs) {
    const outcome = await runSchedule({ program, seed, points });
    if (values.trace) {
      say(outcome.world.trace.map((line, tick) => `${tick} ${line}`).join("\n"));
      for (const [id, { view }] of outcome.world.stores)
        say([id, ...view.events.map(({ seq, type, data }) => `${seq} ${type} ${JSON.stringify(data)}`)].join("\n  "));
    }
    const wrongs = judge({ program, seed, points }, await baselineOf(program, seed), outcome);
    const { status, output, applied } = outcome;
    say(`${program.name}: ${status} ${JSON.stringify(output)} ${JSON.stringify(applied)}\n${wrongs.join("\n")}`);
    if (wrongs.length > 0) process.exitCode = 1;
  }
}

async function all(): Promise<void> {
  const began = Date.now();
  let total = 0;
  for (const program of programs) {
    const start = Date.now();
    const { schedules, failures } = await sweep(program, {
      seed,
      schedules: Math.ceil(Number(values.schedules) / programs.length),
    });
    total += schedules;
    say(`${program.name}: ${schedules} schedules in ${Date.now() - start} ms, ${failures.length} failures`);
    for (const failure of failures) {
      const small = await shrink(failure);
      say([reproduction(small.schedule), ...small.wrongs].join("\n  "));
      process.exitCode = 1;
    }
  }
  const seconds = (Date.now() - began) / 1_000;
  say(`${total} schedules in ${seconds.toFixed(1)} s, ${Math.round(total / seconds)} a second`);
}
