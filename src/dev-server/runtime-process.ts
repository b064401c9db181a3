/** Knows of each workerd the moment it is spawned, without asking the system for its processes. */
import type { ChildProcess } from "node:child_process";
import { subscribe } from "node:diagnostics_channel";
import { hasLetGo, identityOf, isRunning } from "./process-identity.js";

export interface RuntimeProcess {
  readonly pid: number;
  readonly identity: string;
}

/** Calls with each workerd that this process spawns from now on. Node tells of a child before it has a pid. */
export function onRuntimeSpawned(hear: (runtime: RuntimeProcess) => void): void {
  subscribe("child_process", (message) => {
    const { process: child } = message as { readonly process: ChildProcess };
    child.once("spawn", () => {
      if (child.pid === undefined || !/\bworkerd(?:\.exe)?$/.test(child.spawnfile)) return;
      hear({ pid: child.pid, identity: identityOf(child.pid) ?? "" });
    });
  });
}

/** Ends a process at once and waits until its port and its files are free, for two seconds at most. */
export async function endProcess({ pid, identity }: RuntimeProcess): Promise<void> {
  if (isRunning(pid, identity)) process.kill(pid, "SIGKILL");
  for (let waited = 0; waited < 2_000 && !hasLetGo(pid, identity); waited += 20) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
