/**
 * The code blocks of README and the guides, for the test that runs them. The word behind the language says what a block is:
 * nothing (a whole module, or commands for a running server), `program` (the inside of a program), `no-run: REASON` (commands
 * that need what a test has not).
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Token } from "marked";
import { marked } from "marked";

export const ROOT = join(import.meta.dirname, "../../..");

export interface Block {
  readonly page: string;
  /** In its page, from 1. */
  readonly line: number;
  readonly language: string;
  /** What stands behind the language. */
  readonly kind: string;
  readonly text: string;
}

export const PAGES: readonly string[] = [
  "README.md",
  "AGENTS.md",
  "ARCHITECTURE.md",
  ...["docs", "docs/design"].flatMap((folder) =>
    readdirSync(join(ROOT, folder)).flatMap((name) => (name.endsWith(".md") ? [`${folder}/${name}`] : [])),
  ),
];

export function blocksOf(page: string): Block[] {
  const text = readFileSync(join(ROOT, page), "utf8");
  let from = 0;
  return codeIn(marked.lexer(text)).map(({ raw, lang = "", text: code }) => {
    const at = text.indexOf(raw.split("\n")[0] ?? raw, from);
    from = text.indexOf(code, Math.max(at, from)) + code.length;
    const [language = "", ...rest] = lang.split(" ");
    return {
      page,
      line: text.slice(0, Math.max(at, 0)).split("\n").length,
      language,
      kind: rest.join(" "),
      text: code,
    };
  });
}

interface Code {
  readonly raw: string;
  readonly lang?: string;
  readonly text: string;
}

function codeIn(tokens: readonly Token[]): Code[] {
  return tokens.flatMap((token) => {
    if (token.type === "code") return [token as Code];
    const inside = "tokens" in token ? (token.tokens ?? []) : "items" in token ? (token.items as Token[]) : [];
    return codeIn(inside);
  });
}

/** Commands in the text of a page, between backticks. */
export function commandsOf(page: string): string[] {
  const text = readFileSync(join(ROOT, page), "utf8");
  const inline = [...text.matchAll(/`((?:npm run|npx|node) [^`\n]+)`/g)].map(([, command = ""]) => command);
  const shell = blocksOf(page).filter(({ language }) => SHELL.has(language));
  const lines = shell.flatMap(({ text: code }) => code.split(/\n|&&|\|/).map((line) => line.replace(/#.*/, "").trim()));
  return [...inline, ...lines.filter((line) => /^(npm run|npx|node) /.test(line))];
}

export const SHELL: ReadonlySet<string> = new Set(["sh", "bash"]);
export const SCRIPT: ReadonlySet<string> = new Set(["ts", "js"]);
