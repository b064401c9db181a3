/**
 * Builds the Worker with wrangler, as a deployment would, and keeps what was built under the digest of its content.
 *
 * - A bundle is used again only while every file it was made from is the same: sources, packages, settings.
 * - A build appears whole (rename): several servers of one folder may build at once.
 * - A failed build leaves the earlier one where it is.
 */
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { runWrangler, WRANGLER_VERSION } from "../ask-wrangler.ts";
import type { Project } from "../project.ts";
import { readJson, writeWhole } from "../whole-file.ts";
import { whatWentWrong, withoutDefault } from "./build-faults.ts";
import type { Input, Metafile } from "./inputs.ts";
import { changedInput, inputsNow, inputsOf } from "./inputs.ts";

export interface Build {
  readonly bundle: string;
  /** Names the code: the same code is the same deployment, however often it is started. */
  readonly digest: string;
  readonly inputs: readonly Input[];
}

/** What is kept of the last build: for whom it was made, and of what. */
interface Kept extends Build {
  readonly key: string;
}

/** Earlier builds that stay: a server that runs from one reads its map when an error is shown. */
const KEPT_BUILDS = 5;
const ABANDONED_MS = 600_000;

/** Where a project's builds are. */
export function buildFolder(root: string): string {
  return join(root, ".errand/build");
}

/** The bundle of a project: the one that is there, if nothing has changed, else a new one; or what went wrong. */
export async function buildWorker(project: Project): Promise<Build | { readonly failed: string }> {
  const folder = buildFolder(project.root);
  const manifest = join(folder, "manifest.json");
  const key = `${WRANGLER_VERSION} ${project.wranglerFile} ${project.entry ?? ""}`;
  const kept = readJson<Kept>(manifest);
  if (kept?.key === key && existsSync(kept.bundle) && changedInput(kept.inputs, project.root) === undefined) {
    return kept;
  }
  const built = await build(project, folder);
  if ("failed" in built) return built;
  writeWhole(manifest, JSON.stringify({ key, ...built }));
  removeOld(folder, built.bundle);
  return built;
}

async function build(
  { root, wranglerFile, entry }: Project,
  folder: string,
): Promise<Build | { readonly failed: string }> {
  const startedAtMs = Date.now();
  const draft = join(folder, `draft-${process.pid}-${startedAtMs}`);
  const where = ["--config", wranglerFile, "--outdir", draft, "--metafile", join(draft, "meta.json")];
  const run = await runWrangler(["deploy", ...(entry === undefined ? [] : [entry]), "--dry-run", ...where], root);
  if (run.code !== 0) {
    rmSync(draft, { recursive: true, force: true });
    return { failed: whatWentWrong(run.stderr.trim() === "" ? run.stdout : run.stderr) };
  }
  const metafile = readJson<Metafile>(join(draft, "meta.json"));
  const name = readdirSync(draft).find((file) => file.endsWith(".js") && existsSync(join(draft, `${file}.map`)));
  if (metafile === undefined || name === undefined) {
    return { failed: `wrangler left no bundle in ${draft}: ${run.stdout}` };
  }
  const faceless = withoutDefault(metafile);
  if (faceless !== undefined) {
    rmSync(draft, { recursive: true, force: true });
    return { failed: faceless };
  }
  const inputs = inputsNow([...inputsOf(metafile, root), wranglerFile], startedAtMs);
  rmSync(join(draft, "meta.json"));
  rmSync(join(draft, "README.md"), { force: true });
  writeWhole(join(draft, `${name}.map`), mapWithoutSources(join(draft, `${name}.map`)));
  const digest = digestOfAll([join(draft, name)]);
  const place = join(folder, digestOfAll([join(draft, name), join(draft, `${name}.map`)]));
  moveTo(place, draft);
  return { bundle: join(place, name), digest, inputs };
}

/** The sources are on this disk: the launcher, which reads the map for each error, need not hold them twice. */
function mapWithoutSources(path: string): string {
  const { sourcesContent: _, ...map } = JSON.parse(readFileSync(path, "utf8"));
  return JSON.stringify(map);
}

function digestOfAll(paths: readonly string[]): string {
  const hash = createHash("sha256");
  for (const path of paths) hash.update(readFileSync(path));
  return hash.digest("hex").slice(0, 16);
}

/** The same content may be there already, and a server may run from it. */
function moveTo(place: string, draft: string): void {
  if (!existsSync(place)) {
    try {
      renameSync(draft, place);
      return;
    } catch {
      if (!existsSync(place)) throw new Error(`${draft} could not be moved to ${place}`);
    }
  }
  utimesSync(place, new Date(), new Date());
  rmSync(draft, { recursive: true, force: true });
}

function removeOld(folder: string, used: string): void {
  const builds = readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !used.startsWith(join(folder, entry.name)))
    .map(({ name }) => ({
      path: join(folder, name),
      isDraft: name.startsWith("draft-"),
      at: statSync(join(folder, name), { throwIfNoEntry: false })?.mtimeMs ?? 0,
    }));
  const abandoned = builds.filter(({ isDraft, at }) => isDraft && at < Date.now() - ABANDONED_MS);
  const old = builds.filter(({ isDraft }) => !isDraft).sort((a, b) => b.at - a.at);
  for (const { path } of [...abandoned, ...old.slice(KEPT_BUILDS - 1)]) rmSync(path, { recursive: true, force: true });
}
