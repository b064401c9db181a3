import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { ARROWS, READING_PATH } from "../support/architecture/arrows.ts";
import { findViolations } from "../support/architecture/check-architecture.ts";
import { MOST_FILES } from "../support/architecture/floors.ts";
import { importsOf } from "../support/architecture/read-code.ts";

const ROOT = resolve(import.meta.dirname, "../..");
const BINARY = /\.(png|ico|woff2?|gz|sqlite)$/;

/** Every file that git tracks or would track. */
function repository(): Map<string, string> {
  const listed = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard"], { cwd: ROOT });
  const paths = listed.toString().split("\n");
  const texts = paths.filter((path) => path && !BINARY.test(path) && existsSync(resolve(ROOT, path)));
  return new Map(texts.map((path) => [path, readFileSync(resolve(ROOT, path), "utf8")]));
}

/** The registry host of this machine, where npm tells it to its scripts. */
function ownHosts(): string[] {
  const registry = process.env.npm_config_registry;
  return registry ? [new URL(registry).host] : [];
}

/** A house in order with one planted file. */
function planted(path: string, text: string): string[] {
  const files = new Map(READING_PATH.map((file) => [file, ""]));
  return findViolations(files.set(path, text), ["packages.local"]);
}

const lines = (count: number): string => "const x = 1;\n".repeat(count);

describe("the house", () => {
  it("is in order", () => {
    expect(findViolations(repository(), ownHosts())).toEqual([]);
  });

  it("has no violation when nothing is planted", () => {
    expect(planted("src/domain/status.ts", `import * as z from "zod";\n`)).toEqual([]);
  });

  it("names in its table only folders that it holds", () => {
    const known = new Set(Object.keys(ARROWS));
    const targets = Object.values(ARROWS).flatMap(({ folders }) => folders.map((name) => name.split("/")[0]));
    expect(targets.filter((name) => !known.has(name ?? ""))).toEqual([]);
  });
});

describe("a key's scopes", () => {
  it.each([`caller.scopes.includes("admin")`, `scopes.some("agent")`])("are weighed in one place: %s", (code) => {
    expect(planted("src/operations/a.ts", `export const may = ${code};`).join()).toContain("weighs scopes itself");
    expect(planted("src/domain/execution/access.ts", `export const may = ${code};`)).toEqual([]);
  });
});

describe("an object", () => {
  it.each(["idFromName(name)", "newUniqueId()"])("is made in its tenant's part of the namespace: %s", (code) => {
    expect(planted("src/actors/a.ts", `export const id = namespace.${code};`).join()).toContain(
      "makes an object anywhere",
    );
    expect(planted("src/actors/a.ts", `export const id = namespaceOf(namespace, tenant).${code};`)).toEqual([]);
  });
});

describe("an address outside", () => {
  it.each([
    "await fetch(url)",
    "const ask = fetch;",
    "globalThis.fetch(url)",
    "createX({ fetch: fetch })",
    "run(fetch, url)",
    "new WebSocket(url)",
  ])("is reached by the one way out: %s", (code) => {
    expect(planted("src/define/a.ts", code).join()).toContain("reaches an address that nothing has judged");
    expect(planted("src/outbound/a.ts", code)).toEqual([]);
  });

  it.each(["override async fetch(request: Request) {}", "actor.fetch(url)", "fetch(): void;", "{ fetch: of(url) }"])(
    "is none: %s",
    (code) => {
      expect(planted("src/actors/a.ts", code)).toEqual([]);
    },
  );

  it("is no socket's", () => {
    const code = `import { connect } from "cloudflare:sockets";`;
    expect(planted("src/actors/a.ts", code).join()).toContain("reaches an address");
  });
});

describe("an arrow that is not in the table", () => {
  const cases: [string, string, string][] = [
    ["src/domain/a.ts", `import { b } from "../engine/b.ts";`, "domain may import nothing else of src"],
    ["src/domain/a.ts", `import type { B } from "../engine/b.ts";`, "imports src/engine/b.ts"],
    ["src/domain/a.ts", `import {\n  type B, // from here\n  c,\n} from "../define/b.ts";`, "imports src/define/b.ts"],
    ["src/domain/a.ts", `export { b } from "../contract/b.ts";`, "imports src/contract/b.ts"],
    ["src/domain/a.ts", `const b = await import("../contract/b.ts");`, "imports src/contract/b.ts"],
    ["src/domain/a.ts", `let b: import("../contract/b.ts").B;`, "imports src/contract/b.ts"],
    ["src/engine/a.ts", `import "../actors/b.ts";`, "engine may import domain, define."],
    ["src/models/a.ts", `import { run } from "../engine/run-loop.ts";`, "models may import domain, engine/model-port"],
    ["src/actors/memory/a.ts", `import { app } from "../../http/requests/app.ts";`, "imports src/http/requests/app.ts"],
    ["src/dev-server/a.ts", `import { a } from "../worker.ts";`, "imports src/worker.ts"],
    ["src/http/a.ts", `import { a } from "../../test/support/a.ts";`, "imports test/support/a.ts"],
    ["src/http/a.ts", `import type { A } from "../operations/ports.ts";`, "http calls operations only"],
    ["src/http/a.ts", `import { a } from "../httpx/a.ts";`, "imports src/httpx/a.ts"],
    ["src/examples/a.ts", `import type { Caller } from "../domain/caller.ts";`, "imports src/domain/caller.ts"],
    [
      "src/examples/a.ts",
      `import { offered } from "../define/offer.ts";`,
      "examples may import define/index, library/index",
    ],
    ["src/compose/a.ts", `import { clock } from "../examples/clock.ts";`, "imports src/examples/clock.ts"],
    ["src/worker.ts", `import { log } from "./actors/log.ts";`, "worker.ts may import examples, library/index"],
    ["src/extras/a.ts", "export const a = 1;", "src/extras is not in the arrow table"],
  ];
  it.each(cases)("is refused: %s: %s", (path, text, message) => {
    expect(planted(path, text)).toEqual([expect.stringContaining(message)]);
  });

  it("is not seen where there is none", () => {
    expect(planted("src/models/a.ts", `import type { ModelPort } from "../engine/model-port.ts";`)).toEqual([]);
    expect(planted("src/domain/a.ts", `// import { b } from "../engine/b.ts";\n`)).toEqual([]);
    expect(planted("src/domain/a.ts", `const text = "import { b } from '../engine/b.ts'";`)).toEqual([]);
    expect(planted("src/worker.ts", `import { A } from "./examples/a.ts";\nexport default { A };`)).toEqual([]);
    expect(planted("src/examples/a.ts", `import { defineAgent } from "../define/index.ts";`)).toEqual([]);
  });
});

describe("a word or a letter that is not in the glossary", () => {
  const table = ["ARCHITECTURE.md", "| E3 | what it says | a file |\n"] as const;
  const with3 = (text: string) =>
    findViolations(new Map([...READING_PATH.map((file) => [file, ""] as const), table, ["src/domain/a.ts", text]]));

  it("is refused: an identifier that was renamed", () => {
    expect(with3("export class LedgerActor {}\n")).toEqual([
      expect.stringContaining('the word is now "ProjectorActor"'),
    ]);
    expect(with3("// a LedgerActor of old\nexport const text = `LedgerActor`;\n")).toEqual([]);
  });

  it("is refused: a rule that no table defines", () => {
    expect(with3("/** Blocks it (E3). */\n")).toEqual([]);
    expect(with3("/** Blocks it (R3). */\n")).toEqual([expect.stringContaining("cites R3")]);
    expect(with3("/**\n * Q1  Something.\n */\n")).toEqual([expect.stringContaining("cites Q1")]);
  });
});

describe("a package outside its folder", () => {
  const cases: [string, string, string][] = [
    ["src/http/a.ts", "cloudflare:workers", "it lives in actors, library only"],
    ["src/operations/a.ts", "hono", "it lives in http, protocols only"],
    ["src/actors/a.ts", "drizzle-orm/d1", "it lives in registry only"],
    ["src/actors/a.ts", "node:crypto", "it lives in define, vault, cli, scaffold, packing, examples, dev-server only"],
    ["src/vault/a.ts", "node:fs", "it lives in cli, scaffold, packing, agent, examples, dev-server only"],
    ["src/engine/a.ts", "@anthropic-ai/sdk", "it lives in models only"],
    ["src/client/a.ts", "react", "it lives in dashboard only"],
    ["src/dev-server/a.ts", "zod", "it lives in domain, contract"],
    ["src/engine/a.ts", "vader-sentiment", "it lives in examples only"],
    ["src/worker.ts", "drizzle-orm", "it lives in registry only"],
    ["src/domain/a.ts", "lodash", "no folder may"],
    ["src/dashboard/a.tsx", "react-router", "no folder may"],
  ];
  it.each(cases)("is refused: %s imports %s", (path, imported, message) => {
    expect(planted(path, `import { a } from "${imported}";`)).toEqual([expect.stringContaining(message)]);
  });
});

describe("a file that breaks a rule of the house", () => {
  const unfinished = ["TO", "DO"].join("");
  const cases: [string, string, string, string][] = [
    ["too long", "src/domain/a.ts", `// Owns a.\n${lines(300)}`, "301 lines, at most 300"],
    ["a test too long", "test/unit/a.test.ts", lines(601), "601 lines, at most 600"],
    ["not kebab-case", "src/domain/runState.ts", "", "file names are kebab-case"],
    ["vaguely named", "src/domain/json-utils.ts", "", `"utils" says nothing`],
    ["in a vaguely named folder", "src/domain/common/json.ts", "", `"common" says nothing`],
    ["an index", "src/engine/index.ts", "", "index files hide where things live"],
    ["a star export", "src/domain/a.ts", `export * from "./b.ts";`, `"export *" lets names leak`],
    ["a default export", "src/domain/a.ts", "export default 1;", "a default export has a different name"],
    ["a renamed default", "src/domain/a.ts", "const a = 1; export { a as default };", "a default export has"],
    ["long and unexplained", "src/domain/a.ts", lines(81), "opens without a comment"],
    ["explained at length", "src/domain/a.ts", `/*\n${" * a\n".repeat(12)} */\n${lines(81)}`, "opens with 14 lines"],
    ["a record by callers' words", "src/http/a.ts", "const known: Record<string, number> = {};", `"known" is a plain`],
    ["all of zod", "src/domain/a.ts", `import { z } from "zod";`, "brings all of zod"],
    ["all of its core", "src/define/a.ts", "const a = z.core.clone(b);", "brings all of zod"],
    ["unfinished", "wrangler.toml", `# ${unfinished}: later`, "Do it now, or write an issue"],
    ["a registry host", "README.md", ["https://registry", "npmjs", "org"].join("."), "names the registry host"],
    ["this machine's registry", ".ci/run", "npm i --registry http://packages.local/", "packages.local"],
  ];
  it.each(cases)("is refused: %s", (...[, path, text, message]) => {
    expect(planted(path, text)).toEqual([expect.stringContaining(message)]);
  });

  it("is refused when a file of the reading path is missing", () => {
    const [first = "", ...rest] = READING_PATH;
    const found = findViolations(new Map(rest.map((path) => [path, ""])));
    expect(found).toEqual([
      `${first}: is missing. The reading path of the architecture leads through it: restore it, or change both.`,
    ]);
  });
});

describe("files together", () => {
  const together = (files: readonly (readonly [string, string])[]) =>
    findViolations(new Map([...READING_PATH.map((file) => [file, ""] as const), ...files]));

  it("are refused: more than a folder may hold", () => {
    const many = Array.from({ length: MOST_FILES + 1 }, (_, at) => [`src/define/roles/a-${at}.ts`, ""] as const);
    expect(together(many)).toEqual([
      "src/define/roles: 31 files, at most 30. Divide it into folders, each with one idea.",
    ]);
    expect(together(many.slice(1))).toEqual([]);
  });

  it.each([
    ["src/engine/journal/a.ts", "../outbox/b.ts", "journal stands before outbox in engine"],
    ["src/engine/a.ts", "./journal/b.ts", ". stands before journal in engine"],
    ["src/http/executions/a.ts", "../server.ts", "executions stands before . in http"],
    ["src/engine/drawer/a.ts", "../ports.ts", "src/engine/drawer has no place in floors.ts"],
  ])("are refused: %s imports %s, from a folder that stands after it", (path, imported, message) => {
    expect(planted(path, `import { b } from "${imported}";`)).toEqual([expect.stringContaining(message)]);
  });

  it("are free to import what stands before them, and beside them", () => {
    expect(planted("src/engine/outbox/a.ts", `import { b } from "../journal/b.ts";`)).toEqual([]);
    expect(planted("src/engine/outbox/a.ts", `import { b } from "./b.ts";`)).toEqual([]);
  });

  it("are refused: a circle, in the dashboard too", () => {
    const files = [
      ["src/dashboard/a.ts", `import { b } from "./b.tsx";`],
      ["src/dashboard/b.tsx", `import type { C } from "./c.ts";`],
      ["src/dashboard/c.ts", `import type { A } from "./a.ts";`],
    ] as const;
    expect(together(files)).toEqual([
      expect.stringContaining(
        "src/dashboard/a.ts → src/dashboard/b.tsx → src/dashboard/c.ts → src/dashboard/a.ts: these",
      ),
    ]);
    expect(together(files.slice(0, 2))).toEqual([]);
  });
});

describe("the reader of imports", () => {
  it("is not led astray by quotes, slashes and templates", () => {
    const text = `
      const quotes = /["'\`]/g, ratio = a / b / c, path = "a//b";
      const inner = \`text \${await import("./seen.ts")} import { x } from "./unseen.ts"\`;
      /* import "./comment.ts" */ import "./after.ts"; import d, { type E } from './both.ts'
      export type { F } from "./exported.ts"; export const from = "./not-this.ts";
    `;
    expect(importsOf(text).sort()).toEqual(["./after.ts", "./both.ts", "./exported.ts", "./seen.ts"]);
  });
});

describe("a default in a switch", () => {
  const said = "a default in a switch swallows";
  it.each([
    ["of its own line", "switch (x) {\n  case 1:\n    return 1;\n  default:\n    return 2;\n}\n"],
    ["with its statement", 'switch (x) {\n  case "a": return 1;\n  default: return 2;\n}\n'],
    ["behind another clause", 'switch (x) { case "a": return 1; default: return 2; }\n'],
    ["that is empty", "switch (x) {\n  case 1:\n    a();\n    break;\n  default:\n}\n"],
    ["in braces", "switch (x) {\n  default: {\n    a();\n  }\n}\n"],
  ])("is refused: one %s", (_, text) => {
    expect(planted("src/domain/a.ts", text)).toEqual([expect.stringContaining(said)]);
  });

  it.each([
    ["a property", 'const a = { default: "x" };\n'],
    ["a property on its own line", 'const a = {\n  default: ref("a", "b"),\n};\n'],
    ["an export", "export default 1;\n"],
    ["a comment", "// default: return 1;\n"],
    ["a text", 'const a = "default:";\n'],
  ])("is not %s", (_, text) => {
    expect(planted("src/domain/a.ts", text).filter((sentence) => sentence.includes(said))).toEqual([]);
  });
});
