/**
 * All that a server is begun with: read, built and checked anew at each begin. It starts nothing.
 */
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { extname, join, relative } from "node:path";
import type { Build } from "./build/build.ts";
import { buildFolder, buildWorker } from "./build/build.ts";
import { changedInput } from "./build/inputs.ts";
import type { Project } from "./project.ts";
import type { Refusal } from "./refuse.ts";
import { wrongCode, wrongUse } from "./refuse.ts";
import type { Environment, Settings } from "./settings.ts";
import { readSettings } from "./settings.ts";
import { foldersBelow } from "./watch.ts";
import type { WorkerConfig } from "./worker-config.ts";
import { readWorkerConfig, variableFiles } from "./worker-config.ts";

export interface Plan {
  readonly project: Project;
  readonly config: WorkerConfig;
  readonly build: Build;
  readonly settings: Settings;
  /** The variables of wrangler's configuration and of the files beside it, and over them those of the launcher's own. */
  readonly environment: Environment;
  /** What the files that are no inputs of the bundle were when they were read. */
  readonly beside: Digests;
}

/** File → digest of its content. */
type Digests = Readonly<Record<string, string>>;

export async function makePlan(project: Project, told: Environment): Promise<Plan | Refusal> {
  const [read, build] = await Promise.all([
    readWorkerConfig(project.wranglerFile, buildFolder(project.root)),
    buildWorker(project),
  ]);
  if ("refused" in read) return wrongUse(read.refused);
  const missing = missingEntry(project, read.config);
  if (missing !== undefined) return wrongUse(missing);
  if (read.config.migrationFault !== undefined) return wrongUse(read.config.migrationFault);
  if ("failed" in build) return wrongCode(`The Worker does not build:\n${build.failed}`);
  const config = withMigrations(read.config, project.migrations);
  const environment = { ...config.variables, PORT: undefined, STATE_DIR: undefined, ERRAND_HOST: undefined, ...told };
  const settings = readSettings(environment, project.root);
  if (typeof settings === "string") return wrongUse(settings);
  return { project, config, build, settings, environment, beside: digestsBeside(config, project) };
}

function missingEntry({ entry, wranglerFile }: Project, { main }: WorkerConfig): string | undefined {
  const path = entry ?? main;
  if (path === undefined)
    return `${wranglerFile} names no main: add main = "src/worker.ts", the module of your Worker.`;
  return existsSync(path)
    ? undefined
    : `There is no ${path}: main in ${wranglerFile} must name the module of your Worker.`;
}

function withMigrations(config: WorkerConfig, migrations: string | undefined): WorkerConfig {
  if (migrations === undefined) return config;
  return { ...config, databases: config.databases.map(({ binding }) => ({ binding, migrations })) };
}

/** The name of what has changed since the plan was made; undefined where all is as it was. */
export function whatChanged({ project, config, build, beside }: Plan): string | undefined {
  const input = changedInput(build.inputs, project.root);
  if (input !== undefined) return input;
  const now = digestsBeside(config, project);
  const changed = [...Object.keys(beside), ...Object.keys(now)].find((path) => beside[path] !== now[path]);
  return changed && relative(project.root, changed);
}

/** What a server depends on and its bundle does not: variables and migrations. */
function digestsBeside({ databases }: WorkerConfig, { root }: Project): Digests {
  const folders = databases.map(({ migrations }) => migrations).filter((folder) => existsSync(folder));
  const migrations = folders.flatMap((folder) => readdirSync(folder).map((name) => join(folder, name)));
  const files = [...variableFiles(root), ...migrations.filter((name) => name.endsWith(".sql"))];
  return Object.fromEntries(files.map((path) => [path, createHash("sha256").update(readFileSync(path)).digest("hex")]));
}

const SOURCES = new Set([
  ...[".ts", ".tsx", ".mts", ".cts", ".js", ".jsx", ".mjs", ".cjs", ".json", ".jsonc", ".toml", ".sql"],
  ...[".txt", ".html", ".wasm", ".bin", ".vars", ".env"],
]);

/**
 * What all files of a project are that may be sources. For after a build that failed: which files it would have been made
 * from is not known, and the one that mends it may be new.
 */
export function sourcePrint({ root }: Project, stateDir: string): string {
  const hash = createHash("sha256");
  for (const folder of foldersBelow(root, stateDir)) {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      if (!entry.isFile() || !(SOURCES.has(extname(entry.name)) || entry.name.startsWith(".env"))) continue;
      const path = join(folder, entry.name);
      const now = statSync(path, { throwIfNoEntry: false });
      if (now) hash.update(`${path} ${now.size} ${now.mtimeMs}\n`);
    }
  }
  return hash.digest("hex");
}
