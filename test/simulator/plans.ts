/**
 * `node test/simulator/plans.ts [schedules] [first seed] [large]`: agents at plans, 2,000 schedules by default, most of them small and
 * each hundredth one of 20 agents at 500 subtasks; with `large` all of them. Ends with 1 at the first that breaks something, and names
 * its seed.
 */
import { runSchedule } from "../support/plans/agents-schedule.ts";

const [schedules = 2_000, first = 1] = process.argv.slice(2, 4).map(Number);
const isLarge = process.argv[4] === "large";
const SMALL = { agents: 5, subtasks: 20, steps: 250 };
const LARGE = { agents: 20, subtasks: 500, steps: 3_000 };
const sums = { completed: 0, late: 0, apart: 0, crashes: 0, effects: 0 };

for (let seed = first; seed < first + schedules; seed += 1) {
  const { broken, ...told } = await runSchedule(seed, isLarge || seed % 100 === 0 ? LARGE : SMALL);
  if (broken.length > 0) {
    process.stderr.write(`seed ${seed}:\n${broken.slice(0, 20).join("\n")}\n`);
    process.exit(1);
  }
  sums.completed += told.completed;
  sums.late += told.late;
  sums.apart += told.apart;
  sums.crashes += told.crashes;
  sums.effects += told.effects;
}
process.stdout.write(`${schedules} schedules of agents at plans: ${JSON.stringify(sums)}, and nothing is broken\n`);
