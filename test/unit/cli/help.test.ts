import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { isChanging } from "../../../src/cli/frame/command.ts";
import { EXITS } from "../../../src/cli/frame/exits.ts";
import { shapeOf } from "../../../src/cli/frame/flags.ts";
import { readLine } from "../../../src/cli/frame/program.ts";
import { GROUPS, ROWS } from "../../../src/cli/frame/table.ts";
import { blocksOf, ROOT } from "../../support/docs/blocks.ts";

const VERSION = "0.0.0";
const ours = ROWS.filter(({ isRaw }) => !isRaw);

async function helpOf(words: string): Promise<string> {
  const typed = await readLine([...words.split(" ").filter(Boolean), "--help"], VERSION);
  if (typed.kind !== "help") throw new Error(`${words} --help is no help`);
  return `$ errand ${words}${words === "" ? "" : " "}--help\n\n${typed.text}`;
}

describe("--help", () => {
  it("of every command is as it is written down", async () => {
    const texts = await Promise.all(["", ...GROUPS.keys(), ...ours.map(({ words }) => words)].map(helpOf));
    await expect(texts.join("\n\n")).toMatchFileSnapshot("golden/help.txt");
  });

  it("is what a group of commands says, and errand itself", async () => {
    for (const words of [[], ["executions"]]) {
      const typed = await readLine(words, VERSION);
      expect([typed.kind, "text" in typed && typed.text]).toEqual(["help", expect.stringMatching(/^Usage: errand/)]);
    }
  });
});

describe("the table", () => {
  it("has words of its own for each command, and says what each group is about", () => {
    expect(new Set(ROWS.map(({ words }) => words)).size).toBe(ROWS.length);
    const groups = ROWS.flatMap(({ words }) => (words.includes(" ") ? [words.split(" ")[0]] : []));
    for (const group of groups) expect([group, GROUPS.has(group ?? "")]).toEqual([group, true]);
  });

  it.each(ours.map(({ words, load }) => [words, load] as const))(
    "%s: its flags are described, and none takes a key",
    async (words, load) => {
      const { command } = await load();
      const { flags, arguments: named } = shapeOf(command);
      for (const { long, description } of [
        ...flags,
        ...named.map(({ name, description: says }) => ({ long: name, description: says })),
      ]) {
        expect([words, long, description.length > 2]).toEqual([words, long, true]);
        expect(["--json", "--url", "--log", "--version", "--help"]).not.toContain(long);
        expect(long).not.toMatch(/^--(api-?)?(key|token|secret|password)$/);
      }
      for (const example of command.examples) expect(example).toContain(`errand ${words}`);
      expect(command.examples.length).toBeGreaterThan(0);
      if (isChanging(command)) expect(flags.map(({ long }) => long)).toContain("--dry-run");
    },
  );
});

describe("a line that means nothing", () => {
  it.each([
    [["executins"], "unknown command 'executins' (Did you mean executions?)"],
    [["executions", "lst"], "unknown command 'lst' (Did you mean list?)"],
    [["executions", "list", "--stats", "x"], "unknown option '--stats' (Did you mean --status?)"],
    [["executions", "show"], "missing required argument 'ID'"],
    [["executions", "show", "a", "b"], "too many arguments"],
  ])("%j", async (words, says) => {
    await expect(readLine(words, VERSION)).rejects.toMatchObject({
      kind: "usage",
      message: expect.stringMatching(new RegExp(says.replace(/[()?]/g, "\\$&"), "i")),
      told: { next: [{ command: expect.stringMatching(/^errand .*--help$/) }] },
    });
  });
});

describe("docs/cli.md", () => {
  const page = readFileSync(join(ROOT, "docs/cli.md"), "utf8");

  it("has the table of exit codes", () => {
    const rows = [...page.matchAll(/^\| (\d+) +\| `(\w+)` +\| (.+?) +\|$/gm)].map(([, code, kind, means]) => [
      Number(code),
      kind,
      means,
    ]);
    expect(rows).toEqual(Object.entries(EXITS).map(([kind, { code, means }]) => [code, kind, means]));
  });

  it("names every command, and none that is not there", () => {
    const said = [...page.matchAll(/^\| (`.+?) \|/gm)]
      .flatMap(([, cell = ""]) => cell.match(/`[^`]+`/g) ?? [])
      .flatMap(commandsIn);
    expect([...new Set(said)].sort()).toEqual(ROWS.map(({ words }) => words).sort());
  });

  it("uses commands that are there", () => {
    const lines = blocksOf("docs/cli.md")
      .flatMap(({ text }) => text.split("\n"))
      .flatMap((line) => line.match(/errand [a-z]+( [a-z]+)?/g) ?? []);
    for (const line of lines)
      expect([line, ROWS.some(({ words }) => `${line} `.startsWith(`errand ${words} `))]).toEqual([line, true]);
  });
});

/** "`keys create\|list ID`" is two commands. */
function commandsIn(text: string): string[] {
  const [first = "", second] = text.replaceAll("`", "").replaceAll("\\|", "|").split(" ");
  if (second === undefined || !/^[a-z|]+$/.test(second)) return first.startsWith("-") ? [] : [first];
  return second.split("|").map((verb) => `${first} ${verb}`);
}
