/**
 * One state folder, one server: two workerds on the same SQLite files would corrupt what executions rely on.
 *
 * - The lock is a file that appears with its content (link, never create-then-write).
 * - A lock belongs to a living launcher; one left behind by SIGKILL or a reboot is taken over without asking.
 * - workerd outlives a launcher that was killed alone (`kill -9`), and keeps the port and the files. The lock
 *   therefore also names the runtime's pid, and whoever takes over ends that process first.
 */
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { childRunning, endProcess, isRunning } from "./processes.ts";

interface Owner {
  readonly launcher: number;
  /** The file that it runs, as its command line names it: start.ts, main.js, or errand. */
  readonly script: string;
  readonly runtime?: number;
}

export interface Lock {
  /** Writes down workerd's pid; again after each restart of it. */
  recordRuntime(): void;
  release(): void;
}

const SCRIPT = basename(process.argv[1] ?? "node");
const RUNTIME = "workerd";

/** The lock, or one sentence that says who holds it. */
export async function takeLock(stateDir: string): Promise<Lock | string> {
  mkdirSync(stateDir, { recursive: true });
  const path = join(stateDir, "launcher.lock");
  for (let attempt = 0; attempt < 3; attempt++) {
    if (createWhole(path, { launcher: process.pid, script: SCRIPT })) return heldLock(path);
    const owner = readOwner(path);
    if (owner && isAlive(owner)) return refusal(stateDir, owner);
    await clearStale(path);
  }
  return `Another start is taking over ${stateDir} at this moment. Start again, or set STATE_DIR to another folder.`;
}

function heldLock(path: string): Lock {
  return {
    recordRuntime() {
      const runtime = childRunning(RUNTIME);
      if (runtime) replaceWhole(path, { launcher: process.pid, script: SCRIPT, runtime });
    },
    release() {
      if (readOwner(path)?.launcher === process.pid) rmSync(path, { force: true });
    },
  };
}

/** In a container every start may have the same pid: a lock with our own pid is an earlier life's. */
function isAlive(owner: Owner): boolean {
  return owner.launcher !== process.pid && isRunning(owner.launcher, owner.script);
}

function refusal(stateDir: string, owner: Owner): string {
  return `${stateDir} is in use by another server (pid ${owner.launcher}). Stop that one, or set STATE_DIR to another folder.`;
}

/** Moves the stale lock aside and looks again at what was moved: a rival may have been faster. */
async function clearStale(path: string): Promise<void> {
  const aside = `${path}.stale-${process.pid}`;
  try {
    renameSync(path, aside);
  } catch {
    return;
  }
  const owner = readOwner(aside);
  if (owner && isAlive(owner)) {
    createWhole(path, owner);
  } else if (owner?.runtime && isRunning(owner.runtime, RUNTIME)) {
    await endProcess(owner.runtime, RUNTIME);
  }
  rmSync(aside, { force: true });
}

function createWhole(path: string, owner: Owner): boolean {
  const draft = `${path}.draft-${process.pid}`;
  writeFileSync(draft, JSON.stringify(owner));
  try {
    linkSync(draft, path);
    return true;
  } catch {
    return false;
  } finally {
    rmSync(draft, { force: true });
  }
}

function replaceWhole(path: string, owner: Owner): void {
  const draft = `${path}.draft-${process.pid}`;
  writeFileSync(draft, JSON.stringify(owner));
  renameSync(draft, path);
}

function readOwner(path: string): Owner | undefined {
  try {
    const read: unknown = JSON.parse(readFileSync(path, "utf8"));
    if (typeof read !== "object" || read === null || !("launcher" in read)) return undefined;
    const runtime = "runtime" in read ? { runtime: Number(read.runtime) } : {};
    const script = "script" in read ? String(read.script) : "start.ts";
    return { launcher: Number(read.launcher), script, ...runtime };
  } catch {
    return undefined;
  }
}
