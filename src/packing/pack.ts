/**
 * What `npm pack` makes of this repository: the tarballs of `errand` and of `errand-client`. npm calls it twice: before it
 * packs (`build` compiles both packages below dist/packages) and afterwards (`tarballs` packs them).
 *
 * - The tarball that npm made of the repository itself is replaced: the package has a manifest of its own, without tools.
 * - `errand` carries `errand-client` inside, so that no registry is asked for a name that is not published.
 * - Nothing but npm's own lines goes to stdout: programs read them.
 */
import { spawnSync } from "node:child_process";
import { chmodSync, cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { bundleCommand } from "./command.ts";
import { ensureDashboard, PAGES } from "./dashboard.ts";
import { clientManifest, errandManifest, testedOf } from "./manifests.ts";

const ROOT = resolve(import.meta.dirname, "../..");
const PACKAGES = join(ROOT, "dist/packages");
const ERRAND = join(PACKAGES, "errand");
const CLIENT = join(PACKAGES, "errand-client");

/** What `errand` has from the package that it carries. */
const REEXPORTED = [
  ["client", "errand-client"],
  ["agent", "errand-client/agent"],
] as const;

async function build(): Promise<void> {
  rmSync(PACKAGES, { recursive: true, force: true });
  const manifest = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
  run("npm", ["run", "--silent", "build:client"], ROOT);
  mkdirSync(CLIENT, { recursive: true });
  cpSync(join(ROOT, "dist/client"), join(CLIENT, "dist"), { recursive: true });
  write(join(CLIENT, "package.json"), clientManifest(manifest));
  cpSync(join(ROOT, "docs/client.md"), join(CLIENT, "README.md"));
  cpSync(join(ROOT, "LICENSE"), join(CLIENT, "LICENSE"));

  run(join(ROOT, "node_modules/.bin/tsc"), ["-p", "src/packing"], ROOT);
  copyPlainFiles(join(ROOT, "src/dev-server"), join(ERRAND, "dist/dev-server"));
  await bundleCommand(join(ERRAND, "dist/cli"));
  cpSync(join(ROOT, "src/cli/plugin"), join(ERRAND, "dist/cli/plugin"), { recursive: true });
  ensureDashboard();
  cpSync(PAGES, join(ERRAND, "dist/dashboard"), { recursive: true });
  chmodSync(join(ERRAND, "dist/cli/errand.js"), 0o755);
  for (const [name, from] of REEXPORTED)
    for (const end of ["js", "d.ts"]) writeFileSync(join(ERRAND, `dist/${name}.${end}`), `export * from "${from}";\n`);
  for (const name of ["migrations", "docs", "README.md", "LICENSE"])
    cpSync(join(ROOT, name), join(ERRAND, name), { recursive: true });
  rmSync(join(ERRAND, "docs/decisions"), { recursive: true, force: true });
  rmSync(join(ERRAND, "migrations/meta"), { recursive: true, force: true });
  cpSync(CLIENT, join(ERRAND, "node_modules/errand-client"), { recursive: true });
  write(join(ERRAND, "package.json"), errandManifest(manifest));
  write(join(ERRAND, "dist/tested.json"), testedOf(manifest, readFileSync(join(ROOT, "wrangler.toml"), "utf8")));
}

/** The JavaScript of a folder, which is not compiled; but not what only begins the TypeScript of this repository. */
function copyPlainFiles(from: string, to: string): void {
  for (const name of readdirSync(from).filter((file) => file.endsWith(".js"))) {
    const path = join(from, name);
    if (!/import\(?[^;]*\.ts"/.test(readFileSync(path, "utf8"))) cpSync(path, join(to, name));
  }
}

function tarballs(): void {
  if (process.env.npm_config_dry_run === "true") return;
  const called = process.env.INIT_CWD ?? ROOT;
  const place = resolve(called, process.env.npm_config_pack_destination ?? ".");
  for (const folder of [ERRAND, CLIENT]) run("npm", ["pack", "--ignore-scripts", "--pack-destination", place], folder);
}

function write(path: string, content: object): void {
  mkdirSync(resolve(path, ".."), { recursive: true });
  writeFileSync(path, `${JSON.stringify(content, null, 2)}\n`);
}

function run(command: string, args: readonly string[], cwd: string): void {
  const { npm_config_json: _, ...env } = process.env;
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd, env, encoding: "utf8" });
  if (status === 0) return;
  console.error(`${command} ${args.join(" ")} failed:\n${stdout}${stderr}${error?.message ?? ""}`);
  process.exit(1);
}

if (process.argv[2] === "tarballs") tarballs();
else await build();
