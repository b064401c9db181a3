import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { expect, it } from "vitest";
import type { Env } from "../../src/compose/environment/env.ts";
import { settingFaults } from "../../src/compose/environment/setting-faults.ts";
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

it("a setting that cannot be meant as it is written is named, with what to write", () => {
  const faults = (settings: object) => settingFaults(settings as Env);
  expect(
    faults({ ERRAND_LEASE_SECONDS: "4", ERRAND_ARCHIVE: "off", ERRAND_MAX_SOCKETS: "", ERRAND_INTAKE: "on" }),
  ).toEqual([]);
  expect(
    faults({
      ERRAND_LEASE_SECONDS: "soon",
      ERRAND_INTAKE_SHARDS: "256",
      ERRAND_WEBHOOK_STAMPED: "require",
      ERRAND_READ_REPLICAS: "true",
      ERRAND_MAX_SOCKETS: "-1",
    }),
  ).toEqual([
    'ERRAND_LEASE_SECONDS is "soon": give a finite number from 1 to 31536000, or leave it out',
    "ERRAND_INTAKE_SHARDS is 256: give a whole number from 1 to 255, or leave it out",
    'ERRAND_WEBHOOK_STAMPED is "require": write required, or leave it out',
    'ERRAND_READ_REPLICAS is "true": write on or off, or leave it out',
    'ERRAND_MAX_SOCKETS is "-1": give a whole number from 1, or leave it out',
  ]);
});
