/** The two entries of the package, in a Worker and outside of one: the same names, and definitions that are the same. */
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, it } from "vitest";

const FOLDER = resolve(import.meta.dirname, "../../../src");

/** The names of values in `export { … } from`. */
function valuesOf(file: string): string[] {
  const text = readFileSync(resolve(FOLDER, file), "utf8");
  const lists = [...text.matchAll(/export \{([^}]*)\}/g)].flatMap(([, list = ""]) => list.split(","));
  const own = [...text.matchAll(/export (?:async )?function (\w+)/g)].map(([, name = ""]) => name);
  return [...lists.map((name) => name.trim()), ...own].filter((name) => name && !name.startsWith("type ")).sort();
}

function typesOf(file: string): string[] {
  const text = readFileSync(resolve(FOLDER, file), "utf8");
  const listed = [...text.matchAll(/\btype (\w+)(?=,|\s*\})/g)].map(([, name = ""]) => name);
  const only = [...text.matchAll(/export type \{([^}]*)\}/g)].flatMap(([, list = ""]) => list.split(","));
  return [...listed, ...only.map((name) => name.trim().replace(/^.* as /, ""))].filter(Boolean).sort();
}

describe("the package outside of a Worker", () => {
  it("exports the values that it exports in a Worker", () => {
    expect(valuesOf("library/outside.ts")).toEqual(valuesOf("library/index.ts"));
  });

  it("has all that definitions are written with, but for what createErrand does itself", () => {
    const names = valuesOf("library/index.ts");
    expect(valuesOf("define/index.ts").filter((name) => name !== "offer" && !names.includes(name))).toEqual([]);
    const types = typesOf("library/index.ts");
    expect(typesOf("define/index.ts").filter((name) => !types.includes(name))).toEqual([]);
  });

  it("says where a Worker runs, when one is made", async () => {
    const { createErrand, defineAgent } = await import("../../../src/library/outside.ts");
    expect(defineAgent({ id: "tea", description: "", version: "1" }).id).toBe("tea");
    expect(() => createErrand()).toThrow("npx errand dev");
    expect(() => defineAgent({ id: "No Id", description: "", version: "1" })).toThrow('agent "No Id"');
  });
});
