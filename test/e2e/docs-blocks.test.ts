/** Every command and every code block of README and the guides: compiled, parsed, and run where that needs no account. */
import { execFile, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it, test } from "vitest";
import type { Block } from "../support/docs/blocks.ts";
import { blocksOf, commandsOf, PAGES, ROOT, SCRIPT, SHELL } from "../support/docs/blocks.ts";
import { PATIENCE_MS } from "../support/patience.ts";
import type { Server } from "../support/processes/server.ts";
import { startServer } from "../support/processes/server.ts";

const run = promisify(execFile);
const folder = mkdtempSync(join(tmpdir(), "errand-docs-"));
const all = PAGES.flatMap(blocksOf);
const scripts = all.filter(({ language }) => SCRIPT.has(language));
const shells = all.filter(({ language }) => SHELL.has(language));
const isRun = ({ language, kind }: Block) => language === "js" || (SHELL.has(language) && kind === "");
const nameOf = ({ page, line }: Block) => `${page.replaceAll(/\W/g, "-")}-${line}`;

beforeAll(() => {
  for (const name of ["src", "node_modules", "wrangler.toml"]) symlinkSync(join(ROOT, name), join(folder, name));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("every block says what it is, and one that is not run says why", () => {
  for (const { page, line, language, kind, text } of all) {
    // A reader has the package, and not this repository.
    expect([`${page}:${line}`, text.match(/from "\.{1,2}\/src\//)]).toEqual([`${page}:${line}`, null]);
    const known = SHELL.has(language) ? /^$|^no-run: \w.{8,}$/ : language === "ts" ? /^(program)?$/ : /^$/;
    expect([`${page}:${line}`, ["sh", "bash", "ts", "js", "json", "text", "toml", "yaml"].includes(language)]).toEqual([
      `${page}:${line}`,
      true,
    ]);
    expect([`${page}:${line}`, kind]).toEqual([`${page}:${line}`, expect.stringMatching(known)]);
  }
});

test("every block of TypeScript and JavaScript compiles against the real types", async () => {
  const sources = join(folder, "compiled");
  mkdirSync(sources);
  for (const name of ["src", "node_modules"]) symlinkSync(join(ROOT, name), join(sources, name));
  for (const block of scripts.filter(({ language }) => language === "ts"))
    writeFileSync(join(sources, `${nameOf(block)}.ts`), block.kind === "program" ? programOf(block) : block.text);
  for (const [page, text] of clientScripts()) writeFileSync(join(sources, `${page.replaceAll(/\W/g, "-")}.ts`), text);
  const config = {
    extends: join(ROOT, "tsconfig.json"),
    compilerOptions: {
      paths: Object.fromEntries(ENTRIES.map((name) => [name, [entryOf(name)]])),
      noUnusedLocals: false,
    },
    include: ["*.ts"],
  };
  writeFileSync(join(sources, "tsconfig.json"), JSON.stringify(config));
  const { stdout } = await run(join(ROOT, "node_modules/.bin/tsc"), ["-p", sources]).catch((error) => error);
  expect(stdout).toBe("");
});

test.each(shells.map((block) => [`${block.page}:${block.line}`, block] as const))("%s parses", (_name, { text }) => {
  const { status, stderr } = spawnSync("bash", ["-n"], { input: text, encoding: "utf8" });
  expect([status, stderr]).toEqual([0, ""]);
  // Of a block that is not run nothing else would notice that two lines have become one.
  for (const line of text.split("\n"))
    expect([
      line,
      line.split(/&&|\|\||[;|#(]/).filter((part) => /\b(?:npx|npm|curl)\b.*(?:npx|npm|curl) /.test(part)),
    ]).toEqual([line, []]);
});

test.each(PAGES)("the commands of %s are there", (page) => {
  const declared = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")).scripts as Record<string, string>;
  for (const command of commandsOf(page)) {
    const [tool = "", first = "", second = ""] = command.split(/\s+/);
    const isThere =
      tool === "npm"
        ? Object.hasOwn(declared, second)
        : tool === "npx"
          ? first.startsWith("errand") || existsSync(join(ROOT, "node_modules/.bin", first))
          : first.startsWith("-") || existsSync(join(ROOT, first));
    expect([command, isThere]).toEqual([command, true]);
  }
});

/** One server for all pages: a reader's server has seen other pages too. */
describe("on one server, from top to bottom of each page", () => {
  let server: Server;
  beforeAll(async () => {
    server = await startServer({ stateDir: join(folder, "state") });
  });
  afterAll(() => server.kill("SIGKILL"));

  it.each(PAGES.filter((page) => blocksOf(page).some(isRun)))("%s does what it says", async (page) => {
    for (const block of blocksOf(page).filter(({ language, kind }) => SHELL.has(language) && kind === "")) {
      const { stdout } = await run("bash", ["-euo", "pipefail", "-c", here(`${CURL}${ERRAND}${block.text}`, server)], {
        cwd: folder,
        timeout: 2 * PATIENCE_MS,
      });
      expect([nameOf(block), stdout.length > 0]).toEqual([nameOf(block), true]);
    }
    const script = new Map(clientScripts()).get(page);
    if (script === undefined) return;
    const path = join(folder, `${page.replaceAll(/\W/g, "-")}.mts`);
    const own = ENTRIES.slice(1).reduce((text, name) => text.replaceAll(`"${name}"`, `"${entryOf(name)}"`), script);
    writeFileSync(path, here(own, server));
    const { stdout } = await run(process.execPath, [path], { cwd: folder, timeout: 2 * PATIENCE_MS });
    expect(stdout.length).toBeGreaterThan(0);
  });
});

/** A command that answers with an error is one that a reader cannot use. */
const CURL = 'curl() { command curl --fail-with-body --max-time 100 "$@"; }\n';
/** The command of this repository, for this server; what Node makes of its TypeScript is kept from one call to the next. */
const ERRAND = `export NODE_COMPILE_CACHE="${join(folder, "compiled-by-node")}" ERRAND_URL=http://localhost:8787\nerrand() { "${process.execPath}" "${join(ROOT, "src/cli/errand.ts")}" "$@"; }\n`;

function here(text: string, { url }: Server): string {
  return text.replaceAll(/(http:\/\/)?localhost:8787/g, url);
}

/** The blocks of one page are one script: the later ones go on where the first one began. */
function clientScripts(): [string, string][] {
  const byPage = Map.groupBy(
    scripts.filter(({ language }) => language === "js"),
    ({ page }) => page,
  );
  return [...byPage].map(([page, blocks]) => [page, blocks.map(({ text }) => text).join("\n")]);
}

function programOf({ text }: Block): string {
  return `import type { Context } from "errand";\nexport async function program(ctx: Context) {\n${text}\n}\n`;
}

const ENTRIES = ["errand", "errand/client", "errand/agent"] as const;

function entryOf(name: (typeof ENTRIES)[number]): string {
  const library = join(ROOT, "src/library/index.ts");
  if (name !== "errand") return join(ROOT, "src", name.slice("errand/".length), "index.ts");
  return existsSync(library) ? library : join(ROOT, "src/define/index.ts");
}
