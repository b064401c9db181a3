import { spawn } from "node:child_process";
import { readdir, stat, utimes } from "node:fs/promises";
import { join } from "node:path";

/** Everything the bundle is made from; folders count with all that is below them. */
const SOURCES = ["src", "wrangler.toml", "package-lock.json", "tsconfig.json"];

/** Builds the Worker with wrangler if a source is newer than the bundle. Returns the bundle's path, or what went wrong. */
export async function buildWorker(root: string): Promise<{ bundle: string } | { failed: string }> {
  const outdir = join(root, "dist/worker");
  const bundle = join(outdir, "worker.js");
  const built = await modifiedAt(bundle);
  const changed = Math.max(...(await Promise.all(SOURCES.map((source) => newestBelow(join(root, source))))));
  if (built > changed) return { bundle };

  const startedAt = new Date();
  const build = await run(join(root, "node_modules/.bin/wrangler"), ["deploy", "--dry-run", "--outdir", outdir], root);
  if (build.code !== 0) return { failed: build.output };
  // Dated to the start of the build, so that a source saved while wrangler ran is built next time.
  await utimes(bundle, startedAt, startedAt);
  return { bundle };
}

/** Milliseconds of the last change, 0 for what does not exist. */
async function modifiedAt(path: string): Promise<number> {
  return (await stat(path).catch(() => undefined))?.mtimeMs ?? 0;
}

/** Folders count themselves: their time changes when a file in them is removed. */
async function newestBelow(path: string): Promise<number> {
  const entries = await readdir(path, { withFileTypes: true, recursive: true }).catch(() => []);
  const paths = [path, ...entries.map((entry) => join(entry.parentPath, entry.name))];
  return Math.max(...(await Promise.all(paths.map(modifiedAt))));
}

function run(command: string, args: string[], cwd: string): Promise<{ code: number | null; output: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    const collect = (chunk: Buffer): void => {
      output += chunk.toString();
    };
    child.stdout.on("data", collect);
    child.stderr.on("data", collect);
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, output }));
  });
}
