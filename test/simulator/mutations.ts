/**
 * Does the sweep notice? `node test/simulator/mutations.ts [--only NAME,NAME] [--from NAME] [--schedules 8000] [--seed N] [--at-once 2]`.
 *
 * Each kept mutation changes one line of the engine in a process of its own, and schedules are run until one
 * fails: first the one that noticed it before, kept in `noticed-by.json`, then the programs in turn. `--keep` writes that file.
 * A mutation that no schedule notices shows a hole in the programs or in what is asked of them: then it ends with 1.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { MUTATIONS } from "../support/simulator/mutations/all-mutations.ts";
import type { Mutation } from "../support/simulator/mutations/mutation.ts";
import { noticeOf } from "../support/simulator/mutations/notice.ts";
import { ALL_PROGRAMS } from "../support/simulator/programs/all-programs.ts";
import { scheduleOf } from "../support/simulator/schedule-text.ts";
import { failureOf } from "../support/simulator/sweep.ts";

const { values } = parseArgs({
  options: {
    only: { type: "string" },
    from: { type: "string" },
    schedules: { type: "string", default: "8000" },
    seed: { type: "string", default: "1" },
    "at-once": { type: "string", default: "2" },
    keep: { type: "boolean", default: false },
  },
});
const KEPT = "test/support/simulator/mutations/noticed-by.json";
const say = (line: string) => process.stdout.write(`${line}\n`);

const witnesses = new Map(Object.entries(JSON.parse(readFileSync(KEPT, "utf8")) as Record<string, string>));
const wanted = chosen();
const unnoticed: string[] = [];
const began = Date.now();
const waiting = [...wanted];
await Promise.all(Array.from({ length: Number(values["at-once"]) }, tryWaiting));
const seconds = Math.round((Date.now() - began) / 1_000);
say(`${wanted.length - unnoticed.length} of ${wanted.length} mutations were noticed, in ${seconds} s`);
if (unnoticed.length > 0) {
  say(`not noticed: ${unnoticed.join(", ")}`);
  process.exitCode = 1;
}

function chosen(): readonly Mutation[] {
  const only = values.only?.split(",");
  const names = MUTATIONS.map(({ name }) => name);
  const unknown = [...(only ?? []), ...(values.from === undefined ? [] : [values.from])].filter(
    (name) => !names.includes(name),
  );
  if (unknown.length > 0) throw new Error(`no mutation is called ${unknown.join(" or ")}`);
  const first = values.from === undefined ? 0 : names.indexOf(values.from);
  return MUTATIONS.slice(first).filter(({ name }) => only?.includes(name) ?? true);
}

async function tryWaiting(): Promise<void> {
  for (let next = waiting.shift(); next; next = waiting.shift()) await attempt(next);
}

async function attempt({ name, breaks }: Mutation): Promise<void> {
  const start = Date.now();
  const { schedules, seed } = values;
  const noticed = await noticeOf(name, { schedules, seed, witness: witnesses.get(name) });
  const took = `${noticed.schedules} schedules, ${((Date.now() - start) / 1_000).toFixed(1)} s`;
  if (noticed.wrong === undefined) {
    unnoticed.push(name);
    say(`${breaks} ${name}: NOT NOTICED after ${took}${noticed.unloaded === undefined ? "" : `: ${noticed.unloaded}`}`);
    return;
  }
  say(
    `${breaks} ${name}: noticed by "${noticed.schedule}" after ${took}: ${noticed.wrong.split("\n")[0]?.slice(0, 160)}`,
  );
  if (noticed.schedule === undefined) return;
  if (await failsUnchanged(noticed.schedule)) {
    unnoticed.push(name);
    say(`  but "${noticed.schedule}" fails without the mutation too: mend that first`);
    return;
  }
  if (witnesses.get(name) === noticed.schedule) return;
  witnesses.set(name, noticed.schedule);
  if (values.keep) keep();
}

/** This process runs the engine as it is. */
async function failsUnchanged(text: string): Promise<boolean> {
  const schedule = scheduleOf(text, ALL_PROGRAMS);
  return schedule !== undefined && (await failureOf(schedule)) !== undefined;
}

/** In the order of the mutations, and without those that are no more. */
function keep(): void {
  const kept = MUTATIONS.flatMap(({ name }) => {
    const witness = witnesses.get(name);
    return witness === undefined ? [] : [[name, witness] as const];
  });
  writeFileSync(KEPT, `${JSON.stringify(Object.fromEntries(kept), null, 2)}\n`);
}
