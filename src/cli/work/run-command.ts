/**
 * One subtask as a command of this machine: its JSON goes to stdin, what it prints is the output, its exit code says how it ended.
 * What is aborted (a lease that is lost, a cancel, the end of the agent) ends the command: first SIGTERM, then SIGKILL.
 */
import { spawn } from "node:child_process";

const GRACE_MS = 5_000;
/** Of what a command prints; the server takes no more. */
const MOST_BYTES = 1_000_000;
const LAST_WORDS = 2_000;

export interface Ended {
  /** 128 + the signal's number is not told apart from a code: null where a signal ended it. */
  readonly code: number | null;
  readonly stdout: string;
  /** The end of what it said on stderr. */
  readonly lastWords: string;
}

interface Running {
  readonly command: readonly [string, ...string[]];
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  readonly stdin: string;
  readonly signal: AbortSignal;
}

/** Rejects when the command cannot be started, or prints too much. */
export function runCommand({ command: [name, ...args], cwd, env, stdin, signal }: Running): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(name, args, { cwd, env, stdio: ["pipe", "pipe", "pipe"] });
    const printed: Buffer[] = [];
    let bytes = 0;
    let lastWords = "";
    let kill: NodeJS.Timeout | undefined;
    const stop = () => {
      child.kill("SIGTERM");
      kill = setTimeout(() => child.kill("SIGKILL"), GRACE_MS);
    };
    if (signal.aborted) stop();
    else signal.addEventListener("abort", stop, { once: true });
    child.stdout.on("data", (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= MOST_BYTES) printed.push(chunk);
      else stop();
    });
    child.stderr.on("data", (chunk: Buffer) => {
      process.stderr.write(chunk);
      lastWords = (lastWords + chunk.toString()).slice(-LAST_WORDS);
    });
    // A command that does not read its input is none the worse for it.
    child.stdin.on("error", () => undefined);
    child.stdin.end(stdin);
    child.on("error", reject);
    child.on("close", (code) => {
      clearTimeout(kill);
      signal.removeEventListener("abort", stop);
      if (bytes > MOST_BYTES) reject(new Error(`it printed more than ${MOST_BYTES} bytes`));
      else resolve({ code, stdout: Buffer.concat(printed).toString(), lastWords: lastWords.trim() });
    });
  });
}
