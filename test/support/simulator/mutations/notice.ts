/** Runs the sweep with one mutation in a process of its own, and says which schedule noticed it. */
import { spawn } from "node:child_process";
import { tmpdir } from "node:os";
import * as z from "zod";

/** A mutation may make a program go round for ever without a tick: one schedule without an end has noticed it too. */
const ONE_SCHEDULE_MS = 45_000;
const LOADED = "loaded";
const Answer = z.object({
  schedules: z.number(),
  schedule: z.string().optional(),
  line: z.string().optional(),
  wrong: z.string().optional(),
  unloaded: z.string().optional(),
});
/** Without `wrong` nothing noticed it. `unloaded`: what kept the changed engine from being loaded. */
export type Noticed = z.infer<typeof Answer>;

export interface NoticeOptions {
  readonly schedules: string;
  readonly seed: string;
  /** The schedule that noticed it the last time, as one line. */
  readonly witness: string | undefined;
}

export function noticeOf(mutation: string, { schedules, seed, witness }: NoticeOptions): Promise<Noticed> {
  const change = ["--max-old-space-size=1024", "--import", "./test/support/simulator/mutations/apply.ts"];
  const options = ["--schedules", schedules, "--seed", seed, ...(witness === undefined ? [] : ["--witness", witness])];
  const child = spawn(process.execPath, [...change, "test/simulator/first-failure.ts", ...options], {
    env: { ...process.env, ERRAND_MUTATION: mutation, NODE_COMPILE_CACHE: `${tmpdir()}/errand-mutations` },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const lines: string[] = [];
  let rest = "";
  let errors = "";
  const giveUp = () => child.kill("SIGKILL");
  let patience = setTimeout(giveUp, ONE_SCHEDULE_MS);
  child.stdout.on("data", (chunk: Buffer) => {
    clearTimeout(patience);
    patience = setTimeout(giveUp, ONE_SCHEDULE_MS);
    const parts = `${rest}${chunk.toString()}`.split("\n");
    rest = parts.pop() ?? "";
    lines.push(...parts);
  });
  child.stderr.on("data", (chunk: Buffer) => {
    errors = `${errors}${chunk.toString()}`.slice(-2_000);
  });
  return new Promise((resolve) => {
    child.on("close", (code, signal) => {
      clearTimeout(patience);
      if (lines[0] !== LOADED) return resolve({ schedules: 0, unloaded: errors });
      if (code === 0) return resolve(Answer.parse(JSON.parse(lines.at(-1) ?? "")));
      const last = lines.length > 1 ? lines.at(-1) : undefined;
      const why = signal === "SIGKILL" ? "it never ends" : `the process died: ${errors.trim().split("\n").at(-1)}`;
      resolve({ schedules: lines.length - 1, wrong: why, ...(last === undefined ? {} : { schedule: last }) });
    });
  });
}
