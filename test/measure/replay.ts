/**
 * What it takes to wake an execution with many small results: processor time for 1,000 of 1 KB, and how that grows.
 * `node test/measure/replay.ts`; ends with 1 when 1,000 take longer than 20 ms, or time grows faster than their number.
 */
import { atRest, OneExecution } from "../support/one-execution.ts";

const MOST_MS = 20;

function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}

async function wakeMs(results: number): Promise<number> {
  const execution = new OneExecution(async (ctx) => {
    for (let n = 0; n < results; n += 1) await ctx.effect(`e${n}`, null, { idempotent: true }, () => "x".repeat(1_000));
    for (;;) await ctx.signal("go");
  });
  await atRest(execution.start());
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 30; round += 1) {
    const startedAtMs = cpuMs();
    const woken = execution.open();
    await woken.tell({ type: "signal", signals: [{ name: "go", data: null }], by: "ann" }, "ann");
    await atRest(woken);
    best = Math.min(best, cpuMs() - startedAtMs);
  }
  return best;
}

const few = await wakeMs(1_000);
const many = await wakeMs(4_000);
process.stdout.write(`1,000 results: ${few.toFixed(1)} ms; 4,000: ${many.toFixed(1)} ms\n`);
process.exit(few <= MOST_MS && many <= few * 6 ? 0 : 1);
