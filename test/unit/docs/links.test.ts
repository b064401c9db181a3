import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";

const ROOT = join(import.meta.dirname, "../../..");
const PAGES = [
  ...readdirSync(ROOT).filter((name) => name.endsWith(".md")),
  ...readdirSync(join(ROOT, "docs")).flatMap((name) => (name.endsWith(".md") ? [`docs/${name}`] : [])),
];
const DESIGN = readdirSync(join(ROOT, "docs/design")).map((name) => `docs/design/${name}`);
const relativeLinks = (text: string) =>
  [...text.matchAll(/\]\(([^)#\s]+)[^)]*\)/g)].map(([, to = ""]) => to).filter((to) => !/^[a-z]+:/.test(to));

describe("the guides", () => {
  test("README fits on a page, and each guide is linked from it", () => {
    const readme = readFileSync(join(ROOT, "README.md"), "utf8");
    expect(Buffer.byteLength(readme)).toBeLessThanOrEqual(8192);
    const linked = new Set(relativeLinks(readme));
    expect(PAGES.filter((page) => page.startsWith("docs/") && !linked.has(page))).toEqual([]);
  });

  test.each([...PAGES, ...DESIGN, "docs/decisions/README.md"])("%s links to what exists", (page) => {
    const broken = relativeLinks(readFileSync(join(ROOT, page), "utf8")).filter(
      (to) => !existsSync(join(ROOT, dirname(page), to)),
    );
    expect(broken).toEqual([]);
  });
});

test("no text names a document that its reader does not have", () => {
  const files = execFileSync("git", ["ls-files", "src", "test", "docs", "*.md", "*.toml"], {
    cwd: ROOT,
    encoding: "utf8",
  });
  // Put together here, so that this file does not name them.
  const foreign = new RegExp([`reference ${"\\d"}`, `wire ${"contract"}`, `${"2"}-domain`].join("|"));
  const named = files
    .split("\n")
    .filter((file) => file !== "" && !file.startsWith("docs/decisions/") && existsSync(join(ROOT, file)))
    .filter((file) => foreign.test(readFileSync(join(ROOT, file), "utf8")));
  expect(named).toEqual([]);
});

test("what says how the code works names files that are there", () => {
  const missing = ["ARCHITECTURE.md", "AGENTS.md", ...DESIGN].flatMap((page) => {
    const paths = readFileSync(join(ROOT, page), "utf8").matchAll(/`((?:[\w-]+\/)+[\w-]+\.tsx?)`/g);
    const isThere = (path: string) => ["", "src"].some((base) => existsSync(join(ROOT, base, path)));
    return [...paths].flatMap(([, path = ""]) => (isThere(path) ? [] : [`${page}: ${path}`]));
  });
  expect(missing).toEqual([]);
});
