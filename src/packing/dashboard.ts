/**
 * Builds the dashboard's pages with Vite, when what they were made from has changed: `npm start`, `npm run deploy`, the tests and
 * `npm pack` call it. Run by itself it builds too: `node src/packing/dashboard.ts`.
 *
 * - Their inputs are the modules that the bundle has, as Vite names them, the lock file and what lies beside the pages.
 * - Files of the build before stay until the next one: a server that has begun with them goes on.
 * - A build appears whole: it is made in a draft folder, and its document is moved last.
 */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";

const ROOT = resolve(import.meta.dirname, "../..");
/** The folder that `[assets]` in wrangler.toml names; all paths in it begin with `ui/`. */
export const PAGES = join(ROOT, "dist/dashboard");
const MANIFEST = join(ROOT, "dist/dashboard.json");
const SOURCES = join(ROOT, "src/dashboard");

interface Manifest {
  /** Path → digest of each file that the build was made from. */
  readonly inputs: { readonly [path: string]: string };
  /** Files of the build, below the folder of the pages. */
  readonly outputs: readonly string[];
}

/** Builds if need be, in a process of its own: Vite takes memory that a launcher would keep. Throws with what Vite said. */
export function ensureDashboard(): void {
  const known = readManifest();
  if (known && isCurrent(known)) return;
  const { status, stdout, stderr } = spawnSync(process.execPath, [import.meta.filename], {
    cwd: ROOT,
    encoding: "utf8",
    // Called by a test it would be "test", and React another one.
    env: { ...process.env, NODE_ENV: "production" },
  });
  if (status !== 0) throw new Error(`The dashboard does not build:\n${stdout}${stderr}`);
}

async function buildDashboard(): Promise<void> {
  const known = readManifest();
  const { build } = await import("vite");
  const draft = join(ROOT, `dist/dashboard-${process.pid}`);
  rmSync(draft, { recursive: true, force: true });
  const built = await build({
    configFile: join(SOURCES, "vite.config.ts"),
    build: { outDir: join(draft, "ui") },
  });
  const modules = [built].flat().flatMap((one) => ("output" in one ? one.output : []));
  const ids = modules.flatMap((chunk) => ("moduleIds" in chunk ? chunk.moduleIds : []));
  const inputs = [...new Set([...ids.map((id) => id.split("?")[0] ?? ""), ...settings()])].filter(isSource);
  publish(draft, known);
  const digests = inputs.map((path) => [relative(ROOT, path), digestOf(path)]);
  write({ inputs: Object.fromEntries(digests), outputs: filesBelow(join(draft, "ui")) });
  rmSync(draft, { recursive: true, force: true });
}

/** Packages are pinned by the lock file. */
function isSource(path: string): boolean {
  return (
    path.startsWith(ROOT) &&
    !path.includes("node_modules") &&
    statSync(path, { throwIfNoEntry: false })?.isFile() === true
  );
}

function settings(): string[] {
  const beside = filesBelow(SOURCES).map((name) => join(SOURCES, name));
  return [...beside, join(ROOT, "package-lock.json"), import.meta.filename];
}

function isCurrent({ inputs, outputs }: Manifest): boolean {
  const sources = filesBelow(SOURCES).map((name) => relative(ROOT, join(SOURCES, name)));
  return (
    outputs.every((name) => existsSync(join(PAGES, "ui", name))) &&
    sources.every((path) => Object.hasOwn(inputs, path)) &&
    Object.entries(inputs).every(([path, digest]) => digestOf(join(ROOT, path)) === digest)
  );
}

/** Copies what the pages load first, and the document that names it last. */
function publish(draft: string, before: Manifest | undefined): void {
  const [from, to] = [join(draft, "ui"), join(PAGES, "ui")];
  const made = filesBelow(from);
  const kept = new Set([...made, ...(before?.outputs ?? [])]);
  for (const name of [...made].sort((a, b) => Number(a === "index.html") - Number(b === "index.html"))) {
    mkdirSync(resolve(join(to, name), ".."), { recursive: true });
    writeFileSync(`${join(to, name)}.new`, readFileSync(join(from, name)));
    renameSync(`${join(to, name)}.new`, join(to, name));
  }
  for (const name of filesBelow(to)) if (!kept.has(name)) rmSync(join(to, name), { force: true });
}

function filesBelow(folder: string): string[] {
  if (!existsSync(folder)) return [];
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => relative(folder, join(entry.parentPath, entry.name)));
}

function digestOf(path: string): string {
  return existsSync(path) ? createHash("sha256").update(readFileSync(path)).digest("hex") : "";
}

function readManifest(): Manifest | undefined {
  return existsSync(MANIFEST) ? JSON.parse(readFileSync(MANIFEST, "utf8")) : undefined;
}

function write(manifest: Manifest): void {
  writeFileSync(`${MANIFEST}.${process.pid}`, JSON.stringify(manifest));
  renameSync(`${MANIFEST}.${process.pid}`, MANIFEST);
}

if (import.meta.main) await buildDashboard();
