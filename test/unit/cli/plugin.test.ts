import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { command as run } from "../../../src/cli/commands/run.ts";
import { ROWS } from "../../../src/cli/frame/table.ts";
import { ROOT } from "../../support/docs/blocks.ts";

const PLUGIN = join(ROOT, "src/cli/plugin");
const text = (path: string) => readFileSync(join(PLUGIN, path), "utf8");
const { version } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));

describe("the plugin for Claude Code", () => {
  it("has a manifest with the version of the package", () => {
    expect(JSON.parse(text(".claude-plugin/plugin.json"))).toMatchObject({ name: "errand", version });
  });

  it("has a command whose calls are there, and may do nothing that a person must decide", () => {
    const [, front = "", body = ""] = /^---\n([\s\S]*?)\n---\n([\s\S]*)$/.exec(text("commands/run.md")) ?? [];
    const [, description] = /^description: (.+)$/m.exec(front) ?? [];
    const [, allowed = ""] = /^allowed-tools: (.+)$/m.exec(front) ?? [];
    expect([typeof description, body]).toEqual(["string", expect.stringContaining("$ARGUMENTS")]);
    const calls = [...allowed.matchAll(/Bash\(npx errand ([a-z ]+):\*\)/g)].map(([, words = ""]) => words);
    expect(calls).toContain("run");
    for (const words of calls) {
      const known = ROWS.filter((row) => row.words === words || row.words.startsWith(`${words} `));
      expect([words, known.length > 0]).toEqual([words, true]);
    }
    expect(allowed).not.toMatch(/approve|reject|cancel|delete|revoke|prune|put|keys/);
  });

  it("is described in a form for other hosts, with parameters that errand run has", () => {
    const { version: own, commands } = parse(text("plugin.yaml"));
    expect(own).toBe(version);
    expect(commands).toMatchObject([
      {
        name: "agent/run",
        handler: {
          runtime: "node",
          script: "../errand.js",
          arguments: expect.arrayContaining(["run", "{agent_path}"]),
        },
        parameters: [
          { name: "agent_path", type: "string", required: true },
          { name: "task_context" },
          { name: "save_log" },
        ],
      },
    ]);
    expect(existsSync(join(PLUGIN, "../errand.ts"))).toBe(true);
    expect(run.input.safeParse({ agent: "a", task: "b", saveLog: false }).success).toBe(true);
  });
});
