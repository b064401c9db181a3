import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect, it } from "vitest";

const ERRAND = join(import.meta.dirname, "../../../src/cli/errand.ts");

/** Runs before the command: says that Node is another one, and refuses what that one could not load. */
const OLD_NODE = `import { registerHooks } from "node:module";
Object.defineProperty(process, "versions", { value: { ...process.versions, node: "20.20.2" } });
registerHooks({
  resolve(specifier, context, next) {
    if (specifier.endsWith("/memory.ts")) throw new Error("enableCompileCache is no export of this node:module");
    return next(specifier, context);
  },
});`;

it("errand dev says to a Node that is too old for the server which one it needs", () => {
  const hooks = `data:text/javascript,${encodeURIComponent(OLD_NODE)}`;
  const { status, stderr } = spawnSync(process.execPath, ["--import", hooks, ERRAND, "dev"], { encoding: "utf8" });
  expect([status, stderr.split("\n")[0]]).toEqual([
    2,
    expect.stringMatching(/needs Node 22\.18 or newer, and this is 20\.20\.2\./),
  ]);
});
