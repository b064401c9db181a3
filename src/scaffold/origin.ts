import { existsSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";

/** Where the running package came from: its version in a registry, or the tarball it was installed from. */
export interface Origin {
  readonly version: string;
  readonly tarball: string | undefined;
}

/** Reads the note that npm leaves in `node_modules`. One sentence when the tarball is gone. */
export function originOf(packageRoot: string): Origin | string {
  const { version } = readJson(join(packageRoot, "package.json")) as { readonly version: string };
  const modules = dirname(packageRoot);
  const note = readJson(join(modules, ".package-lock.json")) as
    | { readonly packages?: Readonly<Record<string, { readonly resolved?: string }>> }
    | undefined;
  const resolved = note?.packages?.["node_modules/errand"]?.resolved;
  if (!resolved?.startsWith("file:")) return { version, tarball: undefined };
  const tarball = resolve(dirname(modules), resolved.slice("file:".length));
  if (existsSync(tarball)) return { version, tarball };
  return `errand was installed from ${tarball}, which is gone: a new project needs it. Install errand anew from its tarball.`;
}

export function readJson(path: string): unknown {
  return existsSync(path) ? JSON.parse(readFileSync(path, "utf8")) : undefined;
}
