/**
 * What it takes to wake an execution with many small results: processor time for 1,000 of 1 KB beside the floor, which is
 * opening and parsing the same rows and nothing else; and how it grows. `node test/measure/replay.ts`; ends with 1 when
 * 1,000 take longer than 20 ms and four times the floor, or time grows faster than their number.
 */
import { loadavg } from "node:os";
import { atRest, OneExecution } from "../support/one-execution.ts";

const MOST_MS = 20;
/** On a machine that others use, milliseconds are no evidence: the floor stretches with them. */
const MOST_FLOORS = 4;
const ROUNDS = 40;

function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}

async function best(round: () => unknown): Promise<number> {
  let fastest = Number.POSITIVE_INFINITY;
  for (let done = 0; done < ROUNDS; done += 1) {
    const startedAtMs = cpuMs();
    await round();
    fastest = Math.min(fastest, cpuMs() - startedAtMs);
  }
  return fastest;
}

async function measured(results: number) {
  const execution = new OneExecution(async (ctx) => {
    for (let n = 0; n < results; n += 1) await ctx.effect(`e${n}`, null, { idempotent: true }, () => "x".repeat(1_000));
    for (;;) await ctx.signal("go");
  });
  await atRest(execution.start());
  const floorMs = await best(() => execution.readLog());
  const wakeMs = await best(async () => {
    const woken = execution.open();
    await woken.dispatch({ type: "signal", signals: [{ name: "go", data: null }], by: "ann" }, "ann");
    await atRest(woken);
  });
  return { results, floorMs, wakeMs, floors: wakeMs / floorMs };
}

const few = await measured(1_000);
const many = await measured(4_000);
for (const { results, wakeMs, floorMs, floors } of [few, many]) {
  const times = `${wakeMs.toFixed(1)} ms, ${floors.toFixed(1)} times the floor of ${floorMs.toFixed(1)} ms`;
  process.stdout.write(`${results} results: ${times} (load ${loadavg()[0]?.toFixed(1)})\n`);
}
const isFast = few.wakeMs <= MOST_MS || few.floors <= MOST_FLOORS;
process.exit(isFast && many.wakeMs <= few.wakeMs * 6 ? 0 : 1);
