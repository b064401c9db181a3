import { describe, expect, it } from "vitest";
import { whatWentWrong, withoutDefault } from "../../../src/dev-server/build/build-faults.ts";

describe("a build that failed", () => {
  it("is told without colours, and with what to install for each package that is missing", () => {
    const said = [
      '\u001b[31m✘ [ERROR] Could not resolve "zodd"\u001b[0m',
      "",
      "      src/shop.ts:2:19:",
      "",
      '    To fix this, you can add an entry to "alias" in your Wrangler configuration.',
      "    For more guidance see: https://developers.cloudflare.com/workers/wrangler/configuration/#bundling-issues",
      '✘ [ERROR] Could not resolve "@tea/pot/lid"',
      '✘ [ERROR] Could not resolve "./leaf.ts"',
      '✘ [ERROR] Could not resolve "node:tea"',
    ].join("\n");
    const told = whatWentWrong(said);
    expect(told).toContain("src/shop.ts:2:19:");
    expect(told).toMatch(/\n\nA package that is not there is installed with: npm install zodd @tea\/pot$/);
    for (const gone of ["alias", "guidance", "\u001b"]) expect(told).not.toContain(gone);
    expect(whatWentWrong('✘ [ERROR] Unexpected ";"')).toBe('✘ [ERROR] Unexpected ";"');
  });
});

describe("a Worker's module", () => {
  it("without a default export is refused by its name; one that has it is not", () => {
    const outputs = (exports: readonly string[]) => ({
      outputs: { "dist/worker.js.map": { exports: [] }, "dist/worker.js": { entryPoint: "src/worker.ts", exports } },
    });
    expect(withoutDefault(outputs(["ExecutionActor", "default"]))).toBeUndefined();
    expect(withoutDefault(outputs(["ExecutionActor"]))).toMatch(/^src\/worker\.ts has no default export/);
  });
});
