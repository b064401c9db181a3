/** Keeps the launcher small: it serves nothing itself, and lives as long as the server. */
import { enableCompileCache } from "node:module";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/**
 * What the C library of Linux reads when a program begins: memory that was freed goes back at once. Handing a bundle of 3 MB
 * to workerd makes a hundred copies of it, of which up to 100 MB would stay with the launcher.
 */
const ALLOCATOR = { MALLOC_MMAP_THRESHOLD_: "131072", MALLOC_TRIM_THRESHOLD_: "131072", MALLOC_ARENA_MAX: "2" };
const NAMES = Object.keys(ALLOCATOR);

/** Where Node can, and the person has not chosen: this program begins anew in the same process, with that environment. */
export function beginLight(): void {
  const { env, execPath, execArgv, argv, platform } = process;
  if (platform !== "linux" || NAMES.some((name) => env[name] !== undefined)) {
    // The children's business is their own.
    for (const name of NAMES) delete env[name];
    return;
  }
  process.execve?.(execPath, [execPath, ...execArgv, ...argv.slice(1)], { ...env, ...ALLOCATOR });
}

/**
 * For the very beginning, before Miniflare is loaded. The young generation stays at its first size, and what is compiled
 * of 6 MB of source is kept in `folder` for the next start.
 */
export function stayLight(folder: string): void {
  setFlagsFromString("--semi-space-growth-factor=1");
  enableCompileCache(folder);
}

/** For after a begin: nothing that comes later would collect its garbage for hours. */
export async function giveBack(): Promise<void> {
  setFlagsFromString("--expose-gc");
  const collect: unknown = runInNewContext("gc");
  setFlagsFromString("--no-expose-gc");
  if (typeof collect !== "function") return;
  // What the first one frees is swept beside this thread; the second one finds it swept.
  collect();
  await new Promise((resolve) => setTimeout(resolve, 200).unref());
  collect();
}
