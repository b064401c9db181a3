/** `node test/simulator/nodes.ts [SCHEDULES] [FIRST]`: schedules of a node with slots, with crashes at any point; ends with 1 at a fault. */
import { nodeScheduleOf, runNodeSchedule } from "../support/simulator/limits/node-schedule.ts";

const [count = 2_000, first = 1] = process.argv.slice(2).map(Number);
let failed = 0;
for (let seed = first; seed < first + count; seed += 1) {
  const wrongs = await runNodeSchedule(nodeScheduleOf(seed));
  if (wrongs.length > 0) process.stdout.write(`${JSON.stringify(nodeScheduleOf(seed))}\n  ${wrongs.join("\n  ")}\n`);
  failed += wrongs.length > 0 ? 1 : 0;
  if (seed % 500 === 0) process.stdout.write(`${seed - first + 1} schedules, ${failed} failed\n`);
}
process.stdout.write(`${count} schedules, ${failed} failed\n`);
process.exitCode = failed > 0 ? 1 : 0;
