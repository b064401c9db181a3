import { spawn } from "node:child_process";
import { join } from "node:path";
import type { RuntimeProcess } from "./runtime-process.ts";
import { onRuntimeSpawned } from "./runtime-process.ts";

/** Small: it holds a pid and waits. */
const FLAGS = ["--max-old-space-size=16", "--max-semi-space-size=1"];

/**
 * Keeps a guard beside this process, which ends the runtime when this process is gone. A guard that is killed is followed
 * by another. Returns nothing to stop: it ends with the launcher.
 */
export function keepGuard(): void {
  let runtime: RuntimeProcess | undefined;
  let guard = startGuard();
  const follow = (): void => {
    guard.once("exit", () => {
      guard = startGuard(runtime);
      follow();
    });
  };
  follow();
  onRuntimeSpawned((spawned) => {
    runtime = spawned;
    guard.stdin.write(`${spawned.pid} ${spawned.identity}\n`);
  });
}

/** Knows the runtime by its arguments, from its first instant on: the launcher may be gone before it could write. */
function startGuard(runtime?: RuntimeProcess) {
  const known = runtime ? [String(runtime.pid), runtime.identity] : [];
  const guard = spawn(process.execPath, [...FLAGS, join(import.meta.dirname, "guard.js"), ...known], {
    stdio: ["pipe", "ignore", "ignore"],
  });
  guard.on("error", (error) => console.error(`No guard of the runtime could be started: ${error.message}`));
  // A pipe to a guard that was just killed.
  guard.stdin.on("error", () => {});
  guard.unref();
  return guard;
}
