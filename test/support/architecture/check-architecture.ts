/**
 * The rules of the house as one pure function over a map from path to text, so that the same code judges the
 * repository and proves on planted files that it can say no. Each sentence says what is wrong, why, and what to do.
 *
 * It knows names, sizes, imports and exports. What a file means, it leaves to reviewers.
 */
import { dirname, join } from "node:path/posix";
import type { Arrows } from "./arrows.ts";
import { ARROWS, READING_PATH, WORKER } from "./arrows.ts";
import { betweenFiles } from "./check-floors.ts";
import { codeOnly, importsOf } from "./read-code.ts";
import { RETIRED } from "./retired-words.ts";

export type Files = ReadonlyMap<string, string>;

type Rule = (path: string, text: string) => string[];

const CODE = /\.tsx?$/;
const TEST = /\.test\.tsx?$/;
const MAX_LINES = 300;
const MAX_TEST_LINES = 600;
const UNEXPLAINED_LINES = 80;
const MAX_HEADER_LINES = 12;
const VAGUE = new Set(["util", "utils", "helper", "helpers", "common", "manager", "service", "misc", "types"]);
const MAY_EXPORT_DEFAULT = [
  /^src\/examples\/larry\/mail-worker\.ts$/,
  /^src\/worker\.ts$/,
  /^test\/workers\/worker\.ts$/,
  /^(?:src\/dashboard\/)?[^/]+\.config\.ts$/,
];
const MAY_BE_INDEX = ["src/define/index.ts", "src/agent/index.ts", "src/client/index.ts", "src/library/index.ts"];
/** Plain objects whose keys are written in this very code, or that are JSON. */
const RECORDS_OF_OURS = [
  "src/docs/openapi.ts",
  "src/docs/openapi/words.ts",
  "src/examples/catalog/audit.ts",
  "src/examples/support/strain.ts",
  "src/domain/values/json-text.ts",
  "src/dev-server/settings.ts",
];
// Written so that this file does not hold what it looks for.
const UNFINISHED = /\b(TO(?:DO)|FIX(?:ME))\b/;
const REGISTRY_HOST =
  /\b(?:registry\.(?:npmjs|yarnpkg)|(?:deb|security|ftp)\.debian|files\.pythonhosted|proxy\.golang)\.(?:org|com)\b/i;

/** Every violation in these files, each a sentence. `hosts` are this machine's own registry hosts. */
export function findViolations(files: Files, hosts: readonly string[] = []): string[] {
  const everyText: Rule[] = [unfinished, registryHost(hosts)];
  const everyCode: Rule[] = [...everyText, name, size, header, exports, words, letters(files.get("ARCHITECTURE.md"))];
  const found: string[] = [];
  for (const [path, text] of files) {
    const rules = CODE.test(path) ? everyCode : everyText;
    found.push(...rules.flatMap((rule) => rule(path, text)));
    if (CODE.test(path) && path.startsWith("src/"))
      found.push(
        ...arrows(path, text),
        ...records(path, text),
        ...defaults(path, text),
        ...scopes(path, text),
        ...places(path, text),
        ...languages(path, text),
        ...waysOut(path, text),
      );
  }
  return [...found, ...betweenFiles(files), ...readingPath(files)];
}

function arrows(path: string, text: string): string[] {
  const folder = path.split("/")[1] ?? "";
  const allowed = arrowsOf(folder);
  if (!allowed) {
    return [`${path}: src/${folder} is not in the arrow table. A new folder is a decision: add it to arrows.ts.`];
  }
  return importsOf(text).flatMap((imported) => {
    if (imported.startsWith(".")) {
      const target = join(dirname(path), imported);
      return reaches(folder, target) ? ports(folder, path, target) : [wrongArrow(path, folder, target)];
    }
    return allowed.packages.some((name) => covers(name, imported)) ? [] : [wrongPackage(path, imported)];
  });
}

/** `folder` is the second part of a path: a room, or the one file that is none. */
function arrowsOf(folder: string): Arrows | undefined {
  return folder === "worker.ts" ? WORKER : ARROWS[folder];
}

/** Whether code in `folder` may import the file `target`. */
function reaches(folder: string, target: string): boolean {
  if (!target.startsWith("src/")) return false;
  const module = target.slice("src/".length).replace(CODE, "");
  return [folder, ...(arrowsOf(folder)?.folders ?? [])].some(
    (name) => module.startsWith(`${name}/`) || isModule(name, module),
  );
}

/** "engine/model-port" names one module; "engine" never does. */
function isModule(name: string, module: string): boolean {
  return name.includes("/") && name === module;
}

/** Rooms that call operations only: a port in their hands would be a verb that no operation owns. */
const WITHOUT_PORTS = new Set(["http", "protocols", "cli"]);

function ports(folder: string, path: string, target: string): string[] {
  if (!WITHOUT_PORTS.has(folder) || !target.endsWith("/ports.ts")) return [];
  return [`${path}: imports ${target}, but ${folder} calls operations only. Make the operation that does this.`];
}

function wrongArrow(path: string, folder: string, target: string): string {
  const may = arrowsOf(folder)?.folders.join(", ") || "nothing else of src";
  return `${path}: imports ${target}, but ${folder} may import ${may}. Declare a small port where you need it and let compose/ hand the rest in.`;
}

function wrongPackage(path: string, imported: string): string {
  const homes = [...Object.entries(ARROWS), ["worker.ts", WORKER] as const].flatMap(([folder, { packages }]) =>
    packages.some((name) => covers(name, imported)) ? [folder] : [],
  );
  const why = homes.length
    ? `it lives in ${homes.join(", ")} only, so that one folder knows it. Move the code there.`
    : "no folder may. If it is needed, add it to arrows.ts and say why in docs/decisions/.";
  return `${path}: imports ${imported}; ${why}`;
}

function covers(name: string, imported: string): boolean {
  if (name === "node:*") return imported.startsWith("node:");
  return imported === name || imported.startsWith(`${name}/`);
}

function name(path: string): string[] {
  const parts = path.replace(/\.(test\.)?tsx?$/, "").split("/");
  const found: string[] = [];
  const file = (parts.at(-1) ?? "").replace(/\.(config|d)$/, "");
  if (!/^[a-z0-9]+(-[a-z0-9]+)*$/.test(file)) {
    found.push(`${path}: file names are kebab-case, so that they read alike on every disk. Rename it.`);
  }
  const vague = parts.flatMap((part) => part.split("-")).find((word) => VAGUE.has(word));
  if (vague) found.push(`${path}: "${vague}" says nothing and collects everything. Name the one idea it holds.`);
  if (path.startsWith("src/") && file === "index" && !MAY_BE_INDEX.includes(path)) {
    found.push(
      `${path}: index files hide where things live. Only define/, library/, client/ and agent/ have one; import the file itself.`,
    );
  }
  return found;
}

function size(path: string, text: string): string[] {
  const limit = path.startsWith("test/") ? MAX_TEST_LINES : MAX_LINES;
  const lines = lineCount(text);
  return lines > limit ? [`${path}: ${lines} lines, at most ${limit}. It holds two ideas: split it by idea.`] : [];
}

function header(path: string, text: string): string[] {
  if (TEST.test(path) || lineCount(text) <= UNEXPLAINED_LINES) return [];
  const comment = /^\s*(\/\*[\s\S]*?\*\/|(?:\/\/[^\n]*\n)+)/.exec(text)?.[1];
  if (!comment) {
    return [
      `${path}: over ${UNEXPLAINED_LINES} lines and opens without a comment. Say what it owns and what it does not know.`,
    ];
  }
  const lines = lineCount(comment);
  return lines > MAX_HEADER_LINES
    ? [`${path}: opens with ${lines} lines of comment, at most ${MAX_HEADER_LINES}. Keep what a reader needs first.`]
    : [];
}

function exports(path: string, text: string): string[] {
  const code = codeOnly(text);
  const found: string[] = [];
  if (/\bexport\s*\*/.test(code)) {
    found.push(`${path}: "export *" lets names leak unseen. Export each by name.`);
  }
  const isDefault = /\bexport\s+default\b|\bexport\s*\{[^}]*\bas\s+default\b/.test(code);
  if (isDefault && !MAY_EXPORT_DEFAULT.some((place) => place.test(path))) {
    found.push(`${path}: a default export has a different name at each import. Export it by name.`);
  }
  return found;
}

/** A plain object answers to every word that all objects know: `constructor` is then an id that somebody has. */
function records(path: string, text: string): string[] {
  if (RECORDS_OF_OURS.includes(path)) return [];
  const declared = /\b(?:const|let)\s+(\w+)\s*:\s*(?:Readonly<)?Record<string,/.exec(codeOnly(text))?.[1];
  return declared
    ? [`${path}: "${declared}" is a plain object indexed by text, and every object knows "constructor". Make it a Map.`]
    : [];
}

/** One word for one thing: what was renamed does not come back. */
function words(path: string, text: string): string[] {
  if (path === "test/support/architecture/retired-words.ts") return [];
  const found = new Set(
    codeOnly(text)
      .match(/[A-Za-z_]\w*/g)
      ?.filter((word) => RETIRED.has(word)),
  );
  return [...found].map((word) => `${path}: "${word}" was given up; the word is now "${RETIRED.get(word)}".`);
}

/** A rule that a comment cites by letter and number stands in the table of ARCHITECTURE.md. */
function letters(architecture = ""): Rule {
  const defined = new Set([...architecture.matchAll(/^\| ([A-Z]\d{1,2}) +\|/gm)].map(([, rule]) => rule));
  return (path, text) => {
    if (!path.startsWith("src/") || defined.size === 0) return [];
    const comments = text.match(/\/\*\*[\s\S]*?\*\/|\/\/[^\n]*/g)?.join("\n") ?? "";
    const cited = comments.matchAll(/(?:^ \* |\()([A-Z]\d{1,2})(?: {2}|\)|, )/gm);
    const unknown = new Set([...cited].flatMap(([, rule = ""]) => (defined.has(rule) ? [] : [rule])));
    return [...unknown].map(
      (rule) => `${path}: cites ${rule}, which no table defines. Say what it means, or add it to ARCHITECTURE.md.`,
    );
  };
}

/** A value that joins the union later falls into the default in silence; without one it does not compile. */
function defaults(path: string, text: string): string[] {
  const code = codeOnly(text);
  return [...code.matchAll(/\bswitch\s*\(/g)].flatMap(({ index }) => {
    const at = defaultOf(code, code.indexOf("{", closingOf(code, code.indexOf("(", index))));
    if (at === undefined) return [];
    const line = code.slice(0, at).split("\n").length;
    return [
      `${path}:${line}: a default in a switch swallows what joins the union later. Name every case and end with unreachable(x) behind the switch, or use a Record by kind.`,
    ];
  });
}

/** Objects have their place from their tenant: whoever makes an id asks for the tenant's part of the namespace. */
function places(path: string, text: string): string[] {
  const lines = codeOnly(text).split("\n");
  return lines
    .filter((line) => /\.(idFromName|newUniqueId|getByName)\(/.test(line) && !line.includes("namespaceOf("))
    .map(
      (line) =>
        `${path}: ${line.trim()} makes an object anywhere: ask namespaceOf(namespace, tenant) for it (src/actors/platform/jurisdiction.ts).`,
    );
}

/** What runs elsewhere than in a deployment, and the way out itself. */
const SENDS_ITSELF =
  /^src\/(outbound|compose\/environment\/outbound\.ts$|client|agent|cli|scaffold|dev-server|dashboard|examples)/;
/** Addresses that only the settings name: the providers of models, and the linter. */
const SENDS_TO_SETTINGS = /^src\/(models\/|bundled\/api\/linter\.ts$)/;
/** The platform's `fetch`, called or handed on; a method or a property of this name is another thing. */
const FETCH =
  /(?<![.\w])(?<!async )fetch\((?!\w+:|\))|\b(?:globalThis|self)\.fetch\b|[=(:?]\s*fetch\b(?![(?:])|\bnew (?:WebSocket|EventSource|XMLHttpRequest)\(/;
/** A socket tells whether anything listens; who asks has judged the address. */
const OPENS_SOCKETS = "src/actors/platform/listening.ts";

function waysOut(path: string, text: string): string[] {
  if (SENDS_ITSELF.test(path) || SENDS_TO_SETTINGS.test(path)) return [];
  const code = codeOnly(text);
  const found = FETCH.exec(code)?.[0].trim();
  const sockets = path !== OPENS_SOCKETS && importsOf(text).includes("cloudflare:sockets") ? "connect(" : undefined;
  return [found, sockets].flatMap((call) =>
    call === undefined
      ? []
      : [
          `${path}: "${call}" reaches an address that nothing has judged. Take an OutboundFetch (src/domain/values/outbound.ts), which compose/ hands in.`,
        ],
  );
}

/** One name for all of zod keeps its messages in each language in the bundle: 60 KiB that nobody reads. */
function languages(path: string, text: string): string[] {
  return /\bimport \{ z \} from "zod"|\bz\.core\.[a-z]\w*\(/.test(codeOnly(text))
    ? [`${path}: brings all of zod. Write: import * as z from "zod", and core from "zod/v4/core".`]
    : [];
}

/** Where a key's scopes are weighed, and where examples and the command line make keys of their own. */
const WEIGHS_SCOPES = /^src\/(domain\/execution\/(access|principal)\.ts$|examples\/|cli\/)/;

function scopes(path: string, text: string): string[] {
  if (WEIGHS_SCOPES.test(path) || !/\bscopes\.(includes|find|some)\(["'`]/.test(codeOnly(text))) return [];
  return [
    `${path}: weighs scopes itself. Who may do what is one policy: ask mayAct, owns or listedFor (src/domain/execution/access.ts).`,
  ];
}

/** Where the bracket at this place closes. */
function closingOf(code: string, opening: number): number {
  let depth = 0;
  for (let at = opening; at < code.length; at += 1) {
    if ("([{".includes(code.charAt(at))) depth += 1;
    if (")]}".includes(code.charAt(at))) depth -= 1;
    if (depth === 0) return at;
  }
  return code.length;
}

/** The place of a default among the clauses of this block: properties of that name lie deeper. */
function defaultOf(code: string, block: number): number | undefined {
  const end = closingOf(code, block);
  const clause = /\bdefault\s*:/y;
  for (let at = block + 1; at < end; at += 1) {
    if ("([{".includes(code.charAt(at))) at = closingOf(code, at);
    clause.lastIndex = at;
    if (!/[\w"'.]/.test(code.charAt(at - 1)) && clause.test(code)) return at;
  }
  return undefined;
}

function unfinished(path: string, text: string): string[] {
  const word = UNFINISHED.exec(text)?.[1];
  return word ? [`${path}: holds ${word}. Do it now, or write an issue; the code says what is.`] : [];
}

function registryHost(hosts: readonly string[]): Rule {
  return (path, text) => {
    const host = REGISTRY_HOST.exec(text)?.[0] ?? hosts.find((known) => text.includes(known));
    return host ? [`${path}: names the registry host ${host}. Machines differ: leave it to the package client.`] : [];
  };
}

function readingPath(files: Files): string[] {
  return READING_PATH.filter((path) => !files.has(path)).map(
    (path) => `${path}: is missing. The reading path of the architecture leads through it: restore it, or change both.`,
  );
}

function lineCount(text: string): number {
  return text.replace(/\n$/, "").split("\n").length;
}
