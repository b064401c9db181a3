/**
 * One state folder, one server: two workerds on the same SQLite files would corrupt what executions rely on.
 *
 * - The lock is a file that appears with its content (link, never create-then-write).
 * - A lock belongs to a living launcher; one left behind by SIGKILL or a reboot is taken over without asking.
 * - The guard ends a runtime whose launcher was killed. Should it be killed too, workerd keeps the port and the files:
 *   the lock therefore also names the runtime, and the launcher that takes over ends that process first.
 */
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { identityOf, isRunning } from "./process-identity.js";
import type { RuntimeProcess } from "./runtime-process.ts";
import { endProcess, onRuntimeSpawned } from "./runtime-process.ts";

interface Owner {
  readonly launcher: RuntimeProcess;
  readonly runtime?: RuntimeProcess;
}

export interface Lock {
  release(): void;
}

/** The lock, or one sentence that says who holds it. It names each runtime that this process begins. */
export async function takeLock(stateDir: string): Promise<Lock | string> {
  mkdirSync(stateDir, { recursive: true });
  const path = join(stateDir, "launcher.lock");
  const launcher = { pid: process.pid, identity: identityOf(process.pid) ?? "" };
  for (let attempt = 0; attempt < 3; attempt++) {
    if (createWhole(path, { launcher })) return heldLock(path, launcher);
    const owner = readOwner(path);
    if (owner && isAlive(owner)) return refusal(stateDir, owner);
    await clearStale(path);
  }
  return `Another start is taking over ${stateDir} at this moment. Start again, or set STATE_DIR to another folder.`;
}

function heldLock(path: string, launcher: RuntimeProcess): Lock {
  let held = true;
  onRuntimeSpawned((runtime) => {
    if (held) replaceWhole(path, { launcher, runtime });
  });
  return {
    release() {
      held = false;
      const owner = readOwner(path);
      if (owner?.launcher.identity === launcher.identity) rmSync(path, { force: true });
    },
  };
}

function isAlive({ launcher }: Owner): boolean {
  return isRunning(launcher.pid, launcher.identity);
}

function refusal(stateDir: string, { launcher }: Owner): string {
  return `${stateDir} is in use by another server (pid ${launcher.pid}). Stop that one, or set STATE_DIR to another folder.`;
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
  if (owner && isAlive(owner)) createWhole(path, owner);
  else if (owner?.runtime) await endProcess(owner.runtime);
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
    const launcher = processOf(read.launcher);
    const runtime = "runtime" in read ? processOf(read.runtime) : undefined;
    return launcher && { launcher, ...(runtime === undefined ? {} : { runtime }) };
  } catch {
    return undefined;
  }
}

function processOf(read: unknown): RuntimeProcess | undefined {
  if (typeof read !== "object" || read === null || !("pid" in read) || !("identity" in read)) return undefined;
  return { pid: Number(read.pid), identity: String(read.identity) };
}
