/**
 * `errand init NAME`: a new project. Asks for nothing.
 *
 * - A folder with anything in it is refused, by name.
 * - The project is made beside its place and moved there whole: what breaks off leaves nothing.
 * - A package that is in no registry yet goes along as a tarball, in `vendor/`: the project stands by itself.
 */
import { spawnSync } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join, relative, resolve } from "node:path";
import { parseArgs } from "node:util";
import { nodeTooOld } from "../dev-server/node-version.js";
import type { Project } from "./files.ts";
import { filesOf } from "./files.ts";
import { originOf, readJson } from "./origin.ts";

const HELP = `errand init NAME: makes the folder NAME with a small project: an agent, a tool, a test, and the agents of errand/api.

  --no-install  do not run npm install in it
  --help        this text

\`errand init .\` takes the present folder, if it is empty.`;

const HINT = "See errand init --help.";
const NAME = /^[a-z][a-z0-9-]{0,53}[a-z0-9]$/;
const WRONG_USE = 2;

/** What came of the call. `code` of a refusal: 2 for a call that is wrong, 1 for what went wrong afterwards. */
export type Made =
  | { readonly kind: "help"; readonly text: string }
  | { readonly kind: "refused"; readonly sentence: string; readonly code: 1 | 2 }
  /** `steps` are the commands to run next; `greeting` says them to people. */
  | { readonly kind: "made"; readonly place: string; readonly steps: readonly string[]; readonly greeting: string };

/** `quiet`: what npm says goes to stderr, so that stdout is the caller's. */
export function initProject(args: readonly string[], { quiet = false }: { readonly quiet?: boolean } = {}): Made {
  const call = readCall(args);
  if (typeof call === "string") return refused(call, WRONG_USE);
  if (call.help) return { kind: "help", text: HELP };
  const place = resolve(call.name);
  const wrong = faultOfPlace(place);
  if (wrong !== undefined) return refused(wrong, WRONG_USE);
  const made = makeProject(place);
  if (made !== undefined) return refused(made, 1);
  return call.install ? install(place, quiet) : greeted(place, ["npm install"]);
}

interface Call {
  readonly name: string;
  readonly install: boolean;
  readonly help: boolean;
}

function readCall(args: readonly string[]): Call | string {
  const { values, positionals, tokens } = parseArgs({
    args: [...args],
    options: { "no-install": { type: "boolean" }, help: { type: "boolean", short: "h" } },
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const known = ["--no-install", "--help", "-h"];
  for (const token of tokens) {
    if (token.kind !== "option") continue;
    if (!known.includes(token.rawName)) return `${token.rawName} is no flag of errand init. ${HINT}`;
    if (token.value !== undefined) return `${token.rawName} takes no value. ${HINT}`;
  }
  const [name, another] = positionals;
  if (values.help === true) return { name: "", install: false, help: true };
  if (name === undefined) return `errand init needs a name for the folder: npx errand init my-agents. ${HINT}`;
  if (another !== undefined) return `errand init takes one name, and "${another}" is a second one. ${HINT}`;
  return { name, install: values["no-install"] !== true, help: false };
}

function faultOfPlace(place: string): string | undefined {
  const name = basename(place);
  if (!NAME.test(name))
    return `"${name}" is no name for a Worker: 2 to 55 small letters, digits and dashes, a letter first. ${HINT}`;
  if (!existsSync(place)) return undefined;
  try {
    const [first] = readdirSync(place);
    return first === undefined
      ? undefined
      : `${place} is not empty: it holds ${first}. Name a folder that is not there yet.`;
  } catch {
    return `${place} is a file. Name a folder that is not there yet.`;
  }
}

/** Of the package: the folder of its package.json. */
const ROOT = resolve(import.meta.dirname, "../..");

interface Tested {
  readonly versions: Project["versions"];
  readonly nodes: Project["nodes"];
  readonly compatibilityDate: string;
}

/** One sentence when it could not be made; then nothing of it is there. */
function makeProject(place: string): string | undefined {
  const origin = originOf(ROOT);
  if (typeof origin === "string") return origin;
  const { tarball, version } = origin;
  const tested = readJson(join(ROOT, "dist/tested.json")) as Tested | undefined;
  if (tested === undefined) return `${ROOT} is no installed package: pack it (npm pack), and install the tarball.`;
  const nodes = nodeTooOld() === undefined ? {} : tested.nodes;
  const vendored = tarball === undefined ? undefined : `vendor/${basename(tarball)}`;
  const project = { ...tested, nodes, name: basename(place), errand: vendored ? `file:${vendored}` : version };
  let draft: string | undefined;
  try {
    mkdirSync(dirname(place), { recursive: true });
    draft = mkdtempSync(join(dirname(place), `.${project.name}-`));
    chmodSync(draft, 0o755);
    for (const [path, text] of filesOf(project)) {
      mkdirSync(dirname(join(draft, path)), { recursive: true });
      writeFileSync(join(draft, path), text);
    }
    if (tarball !== undefined && vendored !== undefined) {
      mkdirSync(join(draft, "vendor"));
      copyFileSync(tarball, join(draft, vendored));
    }
    moveInto(place, draft);
    return undefined;
  } catch (error) {
    return `${place} could not be made: ${error instanceof Error ? error.message : String(error)}`;
  } finally {
    if (draft !== undefined) rmSync(draft, { recursive: true, force: true });
  }
}

/** An empty folder stays the one it is: a shell may stand in it. */
function moveInto(place: string, draft: string): void {
  if (!existsSync(place)) return renameSync(draft, place);
  const moved: string[] = [];
  try {
    for (const name of readdirSync(draft)) {
      renameSync(join(draft, name), join(place, name));
      moved.push(name);
    }
  } catch (error) {
    for (const name of moved) rmSync(join(place, name), { recursive: true, force: true });
    throw error;
  }
}

function install(place: string, quiet: boolean): Made {
  const isWindows = process.platform === "win32";
  const args = ["install", "--no-audit", "--no-fund", "--prefer-offline"];
  // The settings of the npm that called us are about its own folder.
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^npm_(?!config_(registry|cache|userconfig))/i.test(name)),
  );
  const { status } = spawnSync("npm", args, {
    cwd: place,
    stdio: quiet ? ["ignore", 2, 2] : "inherit",
    shell: isWindows,
    env,
  });
  if (status === 0) return greeted(place, []);
  return refused(`The project is in ${place}, but npm install failed there: run it again, then npm run dev.`, 1);
}

function greeted(place: string, first: readonly string[]): Made {
  const folder = relative(process.cwd(), place);
  const steps = [...(folder === "" ? [] : [`cd ${folder}`]), ...first, "npm run dev"];
  const greeting = `\nThe project is in ${place}. Next:\n\n${steps.map((step) => `  ${step}`).join("\n")}\n`;
  return { kind: "made", place, steps, greeting };
}

function refused(sentence: string, code: 1 | 2): Made {
  return { kind: "refused", sentence, code };
}
