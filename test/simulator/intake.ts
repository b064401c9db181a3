/** `node test/simulator/intake.ts [SCHEDULES]`: drawn schedules of the queue (default 20,000); ends with 1 when one is wrong. */
import { runSchedule } from "../support/intake/schedule.ts";

const schedules = Number(process.argv[2] ?? 20_000);
let wrong = 0;
for (let seed = 1; seed <= schedules; seed += 1)
  for (const fault of await runSchedule({ seed, starts: 4 + (seed % 12), crashes: seed % 5 })) {
    wrong += 1;
    process.stderr.write(`seed ${seed}: ${fault}\n`);
  }
process.stdout.write(`${schedules} schedules of the queue, ${wrong} faults\n`);
process.exitCode = wrong > 0 ? 1 : 0;
