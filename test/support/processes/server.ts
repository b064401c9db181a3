/**
 * The real server (`src/dev-server/start.ts`) for tests that start, kill and restart it.
 *
 * - It lives in a process group of its own; signals go to that group only, so launcher and workerd die together.
 * - A restart keeps port and state folder: clients that hold the URL see a crash, nothing else.
 * - Every wait has an end and says what the server had printed by then.
 * - A test run that ends without stopping its servers takes them with it.
 * - What a killed server leaves lies in its state folder, and goes with it: its temporary files too.
 */
import type { ChildProcess } from "node:child_process";
import { spawn, spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { PATIENCE_MS } from "../patience.ts";

export interface ServerOptions {
  readonly stateDir: string;
  readonly env?: Readonly<Record<string, string>>;
  /** What serves, in the place of `src/dev-server/start.ts`; it prints the same `ready URL`. */
  readonly launcher?: string;
  /** Arguments for it. */
  readonly args?: readonly string[];
  /** Whether it begins again when a source changes. */
  readonly watch?: boolean;
  /** The folder in which it is called; this repository unless told otherwise. */
  readonly cwd?: string;
}

export interface Exit {
  readonly code: number | null;
  readonly output: string;
}

export interface Server {
  readonly url: string;
  /** The launcher's pid, which is also the id of its process group; another one after a restart. */
  readonly pid: number;
  /** Signals the whole group and waits until all of it is gone. */
  kill(signal: "SIGKILL" | "SIGTERM" | "SIGINT"): Promise<Exit>;
  /** Signals the launcher alone, as a careless `kill -9 PID` does. */
  killLauncherOnly(): Promise<void>;
  /** SIGKILLs what is left of the group, then starts again on the same port and state folder. */
  restart(): Promise<void>;
  /** All that was printed since the last start. */
  output(): string;
}

interface StartThunk {
  readonly child: ChildProcess;
  readonly pid: number;
  readonly exited: Promise<number | null>;
  output(): string;
}

const ROOT = resolve(import.meta.dirname, "../../..");
const START = resolve(ROOT, "src/dev-server/start.ts");
const START_LIMIT_MS = 2 * PATIENCE_MS;
const END_LIMIT_MS = PATIENCE_MS;
const PASSED_ON = ["PATH", "HOME", "LANG"];

const groups = new Set<number>();
process.on("exit", () => {
  for (const group of groups) signalGroup(group, "SIGKILL");
});

/** Starts the server and waits until it serves; throws with its output when it does not. */
export async function startServer(options: ServerOptions): Promise<Server> {
  let launch = spawnLauncher(options);
  const url = await waitUntilReady(launch);
  const { port } = new URL(url);
  return {
    url,
    get pid() {
      return launch.pid;
    },
    output: () => launch.output(),
    kill: (signal) => endGroup(launch, signal),
    async killLauncherOnly() {
      launch.child.kill("SIGKILL");
      await launch.exited;
    },
    async restart() {
      await endGroup(launch, "SIGKILL");
      launch = spawnLauncher({ ...options, env: { ...options.env, PORT: port } });
      await waitUntilReady(launch);
    },
  };
}

/** For a start that must not succeed: waits for its exit code and what it printed. */
export async function startRefused(options: ServerOptions): Promise<Exit> {
  const launch = spawnLauncher(options);
  try {
    const code = await within(START_LIMIT_MS, launch.exited, () => `The start was not refused:\n${launch.output()}`);
    return { code, output: launch.output() };
  } finally {
    await endGroup(launch, "SIGKILL");
  }
}

function spawnLauncher({
  stateDir,
  env,
  launcher = START,
  args = [],
  cwd = ROOT,
  watch = false,
}: ServerOptions): StartThunk {
  const inherited = Object.fromEntries(PASSED_ON.map((name) => [name, process.env[name]]));
  const temporary = join(stateDir, "tmp");
  mkdirSync(temporary, { recursive: true });
  const knowsFlags = launcher === START || args[0] === "dev";
  const child = spawn(process.execPath, [launcher, ...args, ...(watch || !knowsFlags ? [] : ["--no-watch"])], {
    cwd,
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...inherited, ...compiled(launcher), TMPDIR: temporary, PORT: "0", STATE_DIR: stateDir, ...env },
  });
  if (child.pid === undefined) throw new Error(`Node could not be started: ${process.execPath}`);
  groups.add(child.pid);
  let printed = "";
  const collect = (chunk: Buffer): void => {
    printed += chunk.toString();
  };
  child.stdout.on("data", collect);
  child.stderr.on("data", collect);
  const exited = new Promise<number | null>((done) => child.once("exit", done));
  return { child, pid: child.pid, exited, output: () => printed };
}

/** What Node has compiled of the launcher is kept for the next start, as `npm start` keeps it. */
function compiled(launcher: string): Readonly<Record<string, string>> {
  return launcher === START ? { NODE_COMPILE_CACHE: join(ROOT, ".errand/compiled") } : {};
}

async function waitUntilReady(launch: StartThunk): Promise<string> {
  const ready = poll(START_LIMIT_MS, () => /^ready (http:\S+)$/m.exec(launch.output())?.[1]);
  const url = await Promise.race([ready, launch.exited.then(() => undefined)]);
  if (url) return url;
  await endGroup(launch, "SIGKILL");
  throw new Error(`The server did not come up within ${START_LIMIT_MS} ms:\n${launch.output()}`);
}

async function endGroup(launch: StartThunk, signal: NodeJS.Signals): Promise<Exit> {
  signalGroup(launch.pid, signal);
  const gone = await poll(END_LIMIT_MS, () => (isGroupAlive(launch.pid) ? undefined : true));
  if (!gone) throw new Error(`Group ${launch.pid} outlived ${signal} by ${END_LIMIT_MS} ms:\n${launch.output()}`);
  groups.delete(launch.pid);
  return { code: await launch.exited, output: launch.output() };
}

function signalGroup(group: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-group, signal);
  } catch {
    // Nobody of the group is left.
  }
}

/** Orphans that have ended count as gone although some machines' process 1 takes seconds to collect them. */
function isGroupAlive(group: number): boolean {
  const listed = spawnSync("ps", ["-A", "-o", "pgid=,stat="], { encoding: "utf8" });
  if (listed.status !== 0) throw new Error("These tests need the command `ps` (Debian: procps).");
  return listed.stdout.split("\n").some((line) => {
    const [pgid, state = "Z"] = line.trim().split(/\s+/);
    return Number(pgid) === group && !state.startsWith("Z");
  });
}

async function poll<Found>(limitMs: number, look: () => Found | undefined): Promise<Found | undefined> {
  for (const end = Date.now() + limitMs; Date.now() < end; ) {
    const found = look();
    if (found !== undefined) return found;
    await new Promise((done) => setTimeout(done, 10));
  }
  return undefined;
}

async function within<Value>(limitMs: number, value: Promise<Value>, message: () => string): Promise<Value> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(message())), limitMs);
  });
  try {
    return await Promise.race([value, late]);
  } finally {
    clearTimeout(timer);
  }
}
