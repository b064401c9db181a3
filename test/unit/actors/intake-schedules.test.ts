import { expect, test } from "vitest";
import { runSchedule } from "../../support/intake/schedule.ts";

/** `npm run sweep` runs some thousands. */
const SEEDS = 400;

test("accept, begin, crash, repeat, cancel, fewer shards: no start is lost, none begins twice, no row remains", async () => {
  const wrong: string[] = [];
  for (let seed = 1; seed <= SEEDS; seed += 1) {
    const faults = await runSchedule({ seed, starts: 4 + (seed % 12), crashes: seed % 5 });
    wrong.push(...faults.map((fault) => `seed ${seed}: ${fault}`));
  }
  expect(wrong).toEqual([]);
});
