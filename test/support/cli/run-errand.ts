/** The command `errand` as a shell runs it: bundled as in the package, in a pipe or on a terminal of its own. */
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { bundleCommand } from "../../../src/packing/command.ts";

/** A signal may be due when nothing is printed. */
const LOOK_MS = 100;
const ROOT = resolve(import.meta.dirname, "../../..");

export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Errand {
  /** In a pipe. */
  (...args: readonly string[]): Promise<Ran>;
  with(how: How): Errand;
  /** On a terminal: what it shows is `stdout`. `typed` is asked again after each output, until it gives keys to press. */
  onTerminal(args: readonly string[], typed?: (shown: string) => string | undefined): Promise<Ran>;
  /** As a word of a shell's line: `errand list | head -1`. */
  inShell(line: string): Promise<Ran>;
  remove(): void;
}

interface How {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Called with all that was printed so far; gives a signal to send. */
  readonly signalAt?: (printed: string) => NodeJS.Signals | undefined;
}

/** The bundle lies in `dist`, so that it finds the version of the package. */
export async function bundledErrand(how: How): Promise<Errand> {
  mkdirSync(join(ROOT, "dist"), { recursive: true });
  const folder = mkdtempSync(join(ROOT, "dist/cli-"));
  await bundleCommand(folder);
  return errandOf(folder, how);
}

function errandOf(folder: string, how: How): Errand {
  const launcher = join(folder, "errand.js");
  const inPipe = (...args: readonly string[]) => ran(process.execPath, [launcher, ...args], how);
  return Object.assign(inPipe, {
    with: (other: How) => errandOf(folder, { ...how, ...other, env: { ...how.env, ...other.env } }),
    onTerminal(args: readonly string[], typed: (shown: string) => string | undefined = () => undefined) {
      const line = [process.execPath, launcher, ...args].map(quoted).join(" ");
      return ran("script", ["--quiet", "--flush", "--return", "--command", line, "/dev/null"], { ...how, typed });
    },
    inShell: (line: string) =>
      ran("bash", ["-o", "pipefail", "-c", `errand() { "${process.execPath}" "${launcher}" "$@"; }\n${line}`], how),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  });
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}

interface Running extends How {
  readonly typed?: (shown: string) => string | undefined;
}

async function ran(command: string, args: readonly string[], { env, cwd, signalAt, typed }: Running): Promise<Ran> {
  const { PATH = "", HOME = "/tmp" } = process.env;
  // Of the terminal that these tests run on nothing is passed on.
  const child = spawn(command, args, { cwd: cwd ?? ROOT, env: { PATH, HOME, TERM: "xterm-256color", ...env } });
  const ran = { stdout: "", stderr: "" };
  let isDone = false;
  const look = () => {
    if (isDone) return;
    const keys = typed?.(ran.stdout);
    const signal = signalAt?.(ran.stdout + ran.stderr);
    isDone = keys !== undefined || signal !== undefined;
    if (keys !== undefined) child.stdin.write(keys);
    if (signal !== undefined) child.kill(signal);
  };
  for (const name of ["stdout", "stderr"] as const)
    child[name].on("data", (chunk: Buffer) => {
      ran[name] += chunk.toString();
      look();
    });
  const looks = signalAt ? setInterval(look, LOOK_MS) : undefined;
  // A terminal whose keyboard has gone away ends what runs on it.
  if (!typed) child.stdin.end();
  const code = await new Promise<number | null>((done) => child.on("close", done));
  clearInterval(looks);
  return { code, ...ran };
}
