/**
 * Does the sweep notice? `node test/simulator/mutations.ts [--only NAME,NAME] [--schedules 8000] [--seed N]`.
 *
 * Each kept mutation changes one line of the engine in a process of its own, and the programs are swept until a schedule
 * fails. One that no schedule notices shows a hole in the programs or in what is asked of them: then it ends with 1.
 */
import { spawn } from "node:child_process";
import { parseArgs } from "node:util";
import { MUTATIONS } from "../support/simulator/mutations/all-mutations.ts";
import type { Mutation } from "../support/simulator/mutations/mutation.ts";

const { values } = parseArgs({
  options: {
    only: { type: "string" },
    schedules: { type: "string", default: "8000" },
    seed: { type: "string", default: "1" },
  },
});
/** A mutation may make a program go round for ever without a tick: a sweep without an answer has noticed it too. */
const PATIENCE_MS = 180_000;
/** What the sweep says first: the changed engine is one that can be loaded. */
const LOADED = "loaded\n";
const say = (line: string) => process.stdout.write(`${line}\n`);

interface Noticed {
  readonly schedules: number;
  readonly line?: string;
  readonly wrong?: string;
}

const only = values.only?.split(",");
const wanted = MUTATIONS.filter(({ name }) => only?.includes(name) ?? true);
const unnoticed: string[] = [];
for (const mutation of wanted) {
  const start = Date.now();
  const noticed = await sweepWith(mutation);
  const seconds = ((Date.now() - start) / 1_000).toFixed(1);
  if (noticed.wrong === undefined) unnoticed.push(mutation.name);
  const verdict = noticed.wrong === undefined ? "NOT NOTICED" : "noticed";
  say(`${mutation.breaks} ${mutation.name}: ${verdict} after ${noticed.schedules} schedules, ${seconds} s`);
  if (noticed.line !== undefined) say(`  ${noticed.line}\n  ${noticed.wrong?.split("\n")[0]?.slice(0, 200)}`);
}
say(`${wanted.length - unnoticed.length} of ${wanted.length} mutations were noticed`);
if (unnoticed.length > 0) {
  say(`not noticed: ${unnoticed.join(", ")}`);
  process.exitCode = 1;
}

function sweepWith({ name }: Mutation): Promise<Noticed> {
  const change = ["--import", "./test/support/simulator/mutations/apply.ts"];
  const sweep = ["test/simulator/sweep.ts", "--until-failure", "--schedules", values.schedules, "--seed", values.seed];
  const child = spawn(process.execPath, [...change, ...sweep], {
    env: { ...process.env, ERRAND_MUTATION: name },
    stdio: ["ignore", "pipe", "pipe"],
    timeout: PATIENCE_MS,
    killSignal: "SIGKILL",
  });
  let said = "";
  let errors = "";
  child.stdout.on("data", (chunk: Buffer) => {
    said += chunk.toString();
  });
  child.stderr.on("data", (chunk: Buffer) => {
    errors += chunk.toString();
  });
  return new Promise((resolve, reject) => {
    child.on("close", (code, signal) => {
      if (!said.startsWith(LOADED)) return reject(new Error(`"${name}" could not be loaded: ${errors.slice(-2_000)}`));
      const answer = said.slice(LOADED.length);
      if (code === 0) resolve(JSON.parse(answer) as Noticed);
      else if (signal !== null) resolve({ schedules: 0, wrong: "no answer: it goes round for ever" });
      else resolve({ schedules: 0, wrong: `the process died: ${errors.trim().split("\n").at(-1)}` });
    });
  });
}
