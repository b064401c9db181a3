/** `npm start` in a copy of this repository: what a bundle is made from is watched, wherever it lies. */
import { cpSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { startServer } from "../support/processes/server.ts";

const ROOT = resolve(import.meta.dirname, "../..");
const COPIED = ["src", "migrations", "wrangler.toml", "package.json", "tsconfig.json"];

const agentThatSays = (words: string) => `
import * as z from "zod";
import { defineAgent } from "./src/define/index.ts";

export const greeter = defineAgent({ id: "greeter", description: "Greets.", version: "1" })
  .skill("greet", { input: z.object({}), output: z.string() }, async () => "${words}");
`;

test("a file in the root is served as it is now, and what does not build leaves what was served", async () => {
  const folder = mkdtempSync(join(tmpdir(), "errand-watched-"));
  for (const name of COPIED) cpSync(join(ROOT, name), join(folder, name), { recursive: true });
  symlinkSync(join(ROOT, "node_modules"), join(folder, "node_modules"));
  const source = join(folder, "greeter.ts");
  writeFileSync(source, agentThatSays("good morning"));
  const list = join(folder, "src/examples/examples.ts");
  const listed = (await readFile(list, "utf8")).replace("agents: [", "agents: [greeter, ");
  await writeFile(list, `import { greeter } from "../../greeter.ts";\n${listed}`);

  const stateDir = join(folder, "state");
  const launcher = join(folder, "src/dev-server/start.ts");
  const server = await startServer({ stateDir, cwd: folder, launcher, watch: true });
  const said = async () => {
    const asked = { method: "POST", headers: { "content-type": "application/json" }, body: '{"input": {}}' };
    const answer = await fetch(`${server.url}/api/v1/execute/greeter.greet`, asked);
    return ((await answer.json()) as { result?: unknown }).result;
  };
  const lives = () => server.output().split("begun again in").length - 1;
  try {
    expect(await said()).toBe("good morning");
    await writeFile(source, agentThatSays("good evening"));
    await expect.poll(() => server.output()).toContain("greeter.ts has changed: building");
    await expect.poll(lives).toBe(1);
    expect(await said()).toBe("good evening");

    await writeFile(source, "export const greeter = ;");
    await expect.poll(() => server.output()).toContain("The server goes on with what it had");
    expect(await said()).toBe("good evening");
    expect(lives()).toBe(1);
  } finally {
    await server.kill("SIGKILL");
    rmSync(folder, { recursive: true, force: true });
  }
});
