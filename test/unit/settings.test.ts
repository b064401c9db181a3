import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { expect, it } from "vitest";
import { misspelt } from "../../src/dev-server/known-settings.ts";

const named = (text: string) => text.match(/\bERRAND_[A-Z]+(?:_[A-Z]+)*\b/g) ?? [];
const ROOT = resolve(import.meta.dirname, "../..");

it("docs/settings.md names every setting that the sources read, and no other", () => {
  const listed = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard", "src", ".ci"], {
    cwd: ROOT,
  });
  const paths = listed.toString().split("\n");
  const read = paths
    .filter((path) => path !== "" && existsSync(resolve(ROOT, path)))
    .flatMap((path) => named(readFileSync(resolve(ROOT, path), "utf8")));
  const page = named(readFileSync(resolve(ROOT, "docs/settings.md"), "utf8"));
  // A prefix, and what the launcher tells its own Worker.
  const others = new Set(["ERRAND_MAX", "ERRAND_HELD", "ERRAND_WATCH_MS"]);
  const names = (all: readonly string[]) => [...new Set(all)].filter((name) => !others.has(name)).sort();
  expect(names(page)).toEqual(names(read));
  // What the launcher takes for a slip it does not start with.
  expect(names(page).map((name) => misspelt([name]))).toEqual(names(page).map(() => undefined));
});

it("the local server takes each setting that docs/settings.md has for it", () => {
  const rows = readFileSync(resolve(ROOT, "docs/settings.md"), "utf8")
    .split("\n")
    .map((line) => line.split("|"));
  const local = rows
    .filter(([, , where = ""]) => /^\s*(?:both|secret|`npm start`)/.test(where))
    .flatMap(([, name = ""]) => named(name));
  expect(local.length).toBeGreaterThan(30);
  expect(local.filter((name) => misspelt([name]) !== undefined)).toEqual([]);
});
