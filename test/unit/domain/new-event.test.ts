import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { afterAll, describe, expect, it } from "vitest";

/** Inside the repository, so that the copy of the domain finds zod. */
const folder = mkdtempSync(resolve("node_modules/.new-event-"));
const FAMILY = join(folder, "src/domain/execution/events/signals.ts");

cpSync("src/domain", join(folder, "src/domain"), { recursive: true });
const options = JSON.parse(readFileSync("tsconfig.json", "utf8")).compilerOptions;
const config = { compilerOptions: { ...options, types: [] }, include: ["src/domain"] };
writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(config));
const family = readFileSync(FAMILY, "utf8");

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The files that do not compile once this family has one event more. */
function refusedWith(traits: string): string[] {
  const data = family.replace("_DATA = {", '_DATA = {\n  "signal.dropped": z.object({}),');
  writeFileSync(FAMILY, data.replace("_TRAITS = {", `_TRAITS = {\n  ${traits}`));
  const compiler = createRequire(import.meta.url).resolve("typescript/package.json");
  const tsc = join(compiler, "..", "bin/tsc");
  const { stdout } = spawnSync(process.execPath, [tsc, "-p", folder, "--pretty", "false"], { encoding: "utf8" });
  const files = [...stdout.matchAll(/src\/domain\/(\S+?)\(\d+,\d+\): error/g)].map(([, file]) => String(file));
  return [...new Set(files)].sort();
}

describe("an event more", () => {
  const states = "fold/evolve.ts";

  it("does not compile before its family says what it means to each reader, and the fold has a case", () => {
    const refused = refusedWith("");
    expect(refused).toContain("execution/events/signals.ts");
    expect(refused).toContain(states);
  });

  it("that says yes to every reader does not compile before each of them has a case", () => {
    const yes = "{ timer: true, message: true, index: true, value: true, input: true, lost: true }";
    const readers = [
      "execution/entry-value.ts",
      "fold/entry-index.ts",
      states,
      "fold/messages.ts",
      "fold/reactions.ts",
    ];
    expect(refusedWith(`"signal.dropped": ${yes},`)).toEqual(readers);
  });

  it("that leaves one reader out does not compile either", () => {
    const silent = "{ timer: false, index: false, value: false, input: false, lost: false }";
    expect(refusedWith(`"signal.dropped": ${silent},`)).toContain("execution/events/signals.ts");
  });
});
