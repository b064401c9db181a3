/**
 * Larry's three phases while he and the runtime are killed: `node test/measure/larry.ts [seeds] [first seed]`, ten seeds by default. One
 * line a seed: what was killed, what went out, what a person decided. Ends with 1 at the first seed after which something is broken.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bounceOf, replyTo } from "../support/larry/mail-server.ts";
import { ProspectingScene } from "../support/larry/prospecting-scene.ts";

const [seeds = 10, first = 1] = process.argv.slice(2).map(Number);
const folder = mkdtempSync(join(tmpdir(), "errand-larry-"));
const scene = await ProspectingScene.open(folder);
const sums = { killedLarry: 0, killedRuntime: 0, mails: 0, calls: 0, again: 0, inDoubt: 0 };
let isBroken = false;

for (let seed = first; seed < first + seeds && !isBroken; seed += 1) {
  await scene.begin();
  const began = Date.now();
  // Every third mail bounces.
  const answer = seed % 3 === 0 ? bounceOf : (mail: Parameters<typeof replyTo>[0]) => replyTo(mail, "Sounds good");
  const { execution, told } = await scene.runKilled({ seed, kills: 6 }, (mail) => answer(mail));
  const broken = await scene.broken(execution);
  isBroken = broken.length > 0;
  for (const [name, count] of Object.entries(told)) sums[name as keyof typeof sums] += count;
  const seconds = ((Date.now() - began) / 1_000).toFixed(1);
  process.stdout.write(
    `seed ${seed}: ${seconds} s, ${JSON.stringify(told)}${isBroken ? `\n${broken.join("\n")}` : ""}\n`,
  );
}
process.stdout.write(
  `in all ${JSON.stringify(sums)}${isBroken ? ", and something is broken" : ", and nothing is broken"}\n`,
);
await scene.close();
rmSync(folder, { recursive: true, force: true });
process.exit(isBroken ? 1 : 0);
