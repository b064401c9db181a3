/** The files a bundle was made from, and whether they are still the ones it was made from. */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { basename, dirname, join, relative, resolve } from "node:path";

export interface Input {
  readonly path: string;
  readonly size: number;
  readonly modifiedMs: number;
  /** SHA-256 of the content; empty where the file was written while the bundle was made. */
  readonly digest: string;
}

/** What esbuild writes about a bundle. */
export interface Metafile {
  readonly inputs: Readonly<
    Record<string, { readonly imports: readonly { readonly path: string; readonly external?: boolean }[] }>
  >;
  readonly outputs: Readonly<Record<string, { readonly entryPoint?: string; readonly exports: readonly string[] }>>;
}

/** Files of the root that decide what the sources mean. */
const SETTINGS =
  /^(?:package\.json|package-lock\.json|npm-shrinkwrap\.json|yarn\.lock|pnpm-lock\.yaml|tsconfig.*\.json)$/;

/** A text or Wasm module, which wrangler carries beside the bundle under a name with the digest of its content. */
const CARRIED = /^\.\/[0-9a-f]{40}-(.+)$/;

/** Absolute paths of all that a bundle was made from. */
export function inputsOf(metafile: Metafile, root: string): string[] {
  const paths = new Set<string>();
  for (const [name, { imports }] of Object.entries(metafile.inputs)) {
    const path = resolve(root, name);
    if (!isFile(path)) continue;
    paths.add(path);
    for (const { path: imported, external } of imports) {
      const carried = external === true ? CARRIED.exec(imported)?.[1] : undefined;
      if (carried !== undefined) for (const found of namedIn(path, carried)) paths.add(found);
    }
  }
  for (const name of readdirSync(root)) if (SETTINGS.test(name)) paths.add(join(root, name));
  return [...paths].sort();
}

/** The files of this name that a source imports: the metafile has only the new name. */
function namedIn(source: string, name: string): string[] {
  const quoted = readFileSync(source, "utf8").match(/(["'])[^"'\n]+\1/g) ?? [];
  return quoted
    .map((text) => text.slice(1, -1).split("?")[0] ?? "")
    .filter((path) => basename(path) === name && path.startsWith("."))
    .map((path) => resolve(dirname(source), path))
    .filter(isFile);
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}

/** What the files are now; those that were written after `sinceMs` may not be what the bundle was made from. */
export function inputsNow(paths: readonly string[], sinceMs: number): Input[] {
  return paths.map((path) => {
    const { size, mtimeMs } = statSync(path);
    return { path, size, modifiedMs: mtimeMs, digest: mtimeMs >= sinceMs ? "" : digestOf(path) };
  });
}

/** The first input that is another one by now, relative to `root`; undefined where all are the same. */
export function changedInput(inputs: readonly Input[], root: string): string | undefined {
  const changed = inputs.find(({ path, size, modifiedMs, digest }) => {
    const now = statSync(path, { throwIfNoEntry: false });
    if (now === undefined) return true;
    if (digest !== "" && now.size === size && now.mtimeMs === modifiedMs) return false;
    return now.size !== size || digestOf(path) !== digest;
  });
  return changed && relative(root, changed.path);
}

function digestOf(path: string): string {
  return createHash("sha256").update(readFileSync(path)).digest("hex");
}
