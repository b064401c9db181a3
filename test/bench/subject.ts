/**
 * A server under measurement: its process group, its address, what it cost so far, and what its registry holds.
 *
 * - Each has a group of its own, so that CPU is counted for the whole tree and for nothing else.
 * - The registry is read from D1's own file, from outside: looking costs the server nothing.
 */
import type { ChildProcess } from "node:child_process";
import { fork } from "node:child_process";
import { once } from "node:events";
import { closeSync, mkdirSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Evict, HostOptions } from "./host.ts";
import type { Footprint } from "./process-group.ts";
import { cpuMsOf, footprintOf } from "./process-group.ts";
import { RegistryFile } from "./registry-file.ts";

const HOST = fileURLToPath(import.meta.resolve("./host.ts"));

export interface Caller {
  readonly tenant: string;
  readonly headers: Readonly<Record<string, string>>;
}

export class Subject {
  readonly url: string;
  readonly name: string;
  /** Whose executions it runs here, and what each request must carry for that. */
  #caller: Caller = { tenant: "local", headers: {} };
  readonly #child: ChildProcess;
  /** Also what a profiler attaches to. */
  readonly group: number;
  readonly #stateDir: string;
  #registry: RegistryFile | undefined;

  private constructor(name: string, url: string, parts: { child: ChildProcess; group: number; stateDir: string }) {
    this.name = name;
    this.url = url;
    this.#child = parts.child;
    this.group = parts.group;
    this.#stateDir = parts.stateDir;
  }

  static async start(name: string, options: HostOptions): Promise<Subject> {
    mkdirSync(options.stateDir, { recursive: true });
    // What it says about each request would drown the table, and a terminal would be part of what is measured.
    const log = openSync(`${options.stateDir}.log`, "a");
    const child = fork(HOST, [JSON.stringify(options)], { detached: true, stdio: ["ignore", log, log, "ipc"] });
    closeSync(log);
    const group = child.pid;
    if (group === undefined) throw new Error(`the server "${name}" could not be started`);
    const gone = once(child, "exit").then(([code]) => {
      throw new Error(
        `the server "${name}" ended with ${code}:\n${readFileSync(`${options.stateDir}.log`, "utf8").slice(-4_000)}`,
      );
    });
    gone.catch(() => {});
    const [{ url }] = await Promise.race([once(child, "message"), gone]);
    return new Subject(name, url, { child, group, stateDir: options.stateDir });
  }

  get caller(): Caller {
    return this.#caller;
  }

  /** From now on its requests are this caller's. */
  signIn(caller: Caller): void {
    this.#caller = caller;
  }

  cpuMs(): number {
    return cpuMsOf(this.group);
  }

  footprint(): Footprint {
    return footprintOf(this.group);
  }

  get registry(): RegistryFile {
    this.#registry ??= RegistryFile.open(join(this.#stateDir, "d1"));
    return this.#registry;
  }

  async evict(wanted: Evict): Promise<void> {
    this.#child.send(wanted);
    const [answer] = await once(this.#child, "message");
    if ("failed" in answer) throw new Error(`eviction failed: ${answer.failed}`);
  }

  async stop(): Promise<void> {
    this.#registry?.close();
    if (this.#child.exitCode !== null) return;
    const exited = once(this.#child, "exit");
    process.kill(-this.group, "SIGKILL");
    await exited;
  }
}
