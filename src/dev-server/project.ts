/** A folder with a Worker in it, as the launcher finds it: this repository, or the folder in which `errand dev` was called. */
import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";

export interface Project {
  /** Folder of package.json and of wrangler's configuration. */
  readonly root: string;
  readonly wranglerFile: string;
  /** The Worker's module, where it is not the `main` of wrangler's configuration. */
  readonly entry?: string;
  /** The folder of the migrations of every D1 database, where it is not the one of wrangler's configuration. */
  readonly migrations?: string;
  /** A module that starts what the project needs on this machine: `errand.dev` in package.json. */
  readonly dev?: string;
}

/** The names that wrangler knows, in its order. */
const WRANGLER_FILES = ["wrangler.json", "wrangler.jsonc", "wrangler.toml"];

/** What a folder holds, or one sentence that says what it lacks. `given` goes before what is found. */
export function findProject(given: Partial<Project> & Pick<Project, "root">): Project | string {
  const root = resolve(given.root);
  const wranglerFile = given.wranglerFile ?? WRANGLER_FILES.map((name) => join(root, name)).find(existsSync);
  if (wranglerFile === undefined || !existsSync(wranglerFile)) {
    return `There is no ${wranglerFile ?? join(root, "wrangler.toml")}: start in the folder of your Worker, or make one with: npx errand init`;
  }
  const dev = given.dev ?? devOf(root);
  if (dev !== undefined && !existsSync(dev)) {
    return `package.json names "errand": {"dev": …}, but there is no file ${dev}.`;
  }
  return { ...given, root, wranglerFile, ...(dev === undefined ? {} : { dev }) };
}

function devOf(root: string): string | undefined {
  const manifest = readManifest(join(root, "package.json"));
  if (typeof manifest !== "object" || manifest === null || !("errand" in manifest)) return undefined;
  const { errand } = manifest;
  if (typeof errand !== "object" || errand === null || !("dev" in errand)) return undefined;
  return resolve(root, String(errand.dev));
}

/** A package.json that is no JSON is npm's to complain about. */
function readManifest(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch {
    return undefined;
  }
}
