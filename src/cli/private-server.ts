/**
 * A server of the tour's own: a process group of its own, any free port, a temporary folder. Nothing is left of it,
 * however the tour ends.
 *
 * - A kill reaches launcher and workerd alike: SIGKILL to the group, as a power cut would.
 * - It starts again on the same folder and port, so a caller that holds the URL sees a crash and nothing else.
 */
import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join, resolve } from "node:path";

const ROOT = resolve(import.meta.dirname, "../..");
const START = join(ROOT, "src/dev-server/start.ts");
const START_LIMIT_MS = 60_000;
const END_LIMIT_MS = 3_000;

export class PrivateServer {
  readonly folder = mkdtempSync(join(tmpdir(), "errand-tour-"));
  url = "";
  #child: ChildProcess | undefined;
  #output = "";

  /** Starts it, or starts it again; throws with what it printed when it does not come up. */
  async start(): Promise<void> {
    this.#output = "";
    const child = spawn(process.execPath, [START, "--no-watch"], {
      cwd: ROOT,
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...inherited(), ...this.#settings() },
    });
    this.#child = child;
    const collect = (chunk: Buffer): void => {
      this.#output += chunk.toString();
    };
    child.stdout.on("data", collect);
    child.stderr.on("data", collect);
    for (let waited = 0; waited < START_LIMIT_MS && child.exitCode === null; waited += 20) {
      const url = /^ready (http:\S+)$/m.exec(this.#output)?.[1];
      if (url) {
        this.url = url;
        return;
      }
      await rest(20);
    }
    throw new Error(`the server did not come up:\n${this.#output.trim()}`);
  }

  /** SIGKILLs the whole group and waits until it is gone. */
  async kill(): Promise<void> {
    const child = this.#child;
    if (child?.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, "exit");
    signalGroup(child.pid, "SIGKILL");
    await exited;
    // Orphans are collected by process 1, which may take its time.
    for (let waited = 0; waited < END_LIMIT_MS && signalGroup(child.pid, 0); waited += 20) await rest(20);
  }

  /** For the very end: nothing may be awaited there. */
  remove(): void {
    if (this.#child?.pid !== undefined) signalGroup(this.#child.pid, "SIGKILL");
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
  }

  #settings(): Record<string, string> {
    const port = this.url === "" ? "0" : new URL(this.url).port;
    return {
      PORT: port,
      STATE_DIR: join(this.folder, "state"),
      // What a killed server leaves of its temporary files goes with the folder.
      TMPDIR: this.folder,
      // An interrupted execution is noticed within a second instead of half a minute.
      ERRAND_HEARTBEAT_MS: "1000",
      NO_COLOR: "1",
      // wrangler, which builds the Worker, takes the first node it finds.
      PATH: [dirname(process.execPath), process.env.PATH ?? ""].join(delimiter),
    };
  }
}

/** Neither keys nor services of the caller's: nothing of the tour leaves this machine. */
function inherited(): Record<string, string | undefined> {
  return Object.fromEntries(["HOME", "LANG"].map((name) => [name, process.env[name]]));
}

/** Signals a process group and returns whether any process of it was there; the signal 0 only tests for one. */
function signalGroup(group: number, signal: NodeJS.Signals | 0): boolean {
  try {
    process.kill(-group, signal);
    return true;
  } catch {
    return false;
  }
}

function rest(ms: number): Promise<void> {
  return new Promise((done) => setTimeout(done, ms));
}
