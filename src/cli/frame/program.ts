/**
 * From the words that were typed to the command that is meant: commander, fed from the table. Only the command that is called is
 * imported; of the others their names and summaries are enough.
 */
import { Command as Program } from "commander";
import type { Command } from "./command.ts";
import { Failure } from "./failure.ts";
import type { Flag, Shape } from "./flags.ts";
import type { Row } from "./table.ts";
import { GROUPS, ROWS, rowOf } from "./table.ts";

interface Globals {
  readonly json?: boolean;
  readonly url?: string;
  readonly log?: string;
}

export type Typed =
  | { readonly kind: "help"; readonly text: string; readonly words: readonly string[] }
  | { readonly kind: "call"; readonly row: Row; readonly command: Command; readonly given: Given }
  | { readonly kind: "raw"; readonly row: Row; readonly args: readonly string[] };

interface Given {
  /** Flags and arguments by field of the input, as they were typed; and the flags of every command. */
  readonly fields: Readonly<Record<string, unknown>>;
  readonly globals: Globals;
}

const GLOBALS = [
  ["--json", "print one JSON document (a stream: one a line), for failures too"],
  ["--url <URL>", "the server (ERRAND_URL; http://127.0.0.1:8787)"],
  ["--log <LEVEL>", "debug shows each request on stderr (ERRAND_LOG)"],
] as const;

const AFTER = `
The key comes from ERRAND_API_KEY or the user's file, never from the command line.
Settings and exit codes: docs/cli.md.`;

/** Throws a failure for a line that means nothing. */
export async function readLine(argv: readonly string[], version: string): Promise<Typed> {
  const words = wordsOf(argv);
  const row = rowOf(words);
  if (row?.isRaw) return { kind: "raw", row, args: argv.slice(argv.indexOf(row.words) + 1) };
  const command = row && (await row.load()).command;
  const shape = command && (await import("./flags.ts")).shapeOf(command);
  let given: Given | undefined;
  let printed = "";
  const program = programOf({
    version,
    ...(row && command && shape ? { chosen: { row, command, shape } } : {}),
    print: (text) => {
      printed += text;
    },
    take: (taken) => {
      given = taken;
    },
  });
  try {
    await program.parseAsync(argv, { from: "user" });
  } catch (error) {
    if (isHelp(error)) return { kind: "help", text: printed, words };
    throw wrongLine(error, row);
  }
  if (row && command && given) return { kind: "call", row, command, given };
  return { kind: "help", text: printed, words };
}

/** What is no flag, and no value of a global one. */
function wordsOf(argv: readonly string[]): string[] {
  const words: string[] = [];
  for (let at = 0; at < argv.length; at += 1) {
    const word = argv[at] ?? "";
    if (word === "--") break;
    if (word === "--url" || word === "--log") at += 1;
    else if (!word.startsWith("-")) words.push(word);
  }
  return words;
}

interface Making {
  readonly version: string;
  readonly chosen?: { readonly row: Row; readonly command: Command; readonly shape: Shape };
  readonly print: (text: string) => void;
  readonly take: (given: Given) => void;
}

function programOf({ version, chosen, print, take }: Making): Program {
  const program = prepared(new Program("errand"), print)
    .description("Runs AI agents as durable executions: asks a server of Errand, and serves one on this machine.")
    .usage("COMMAND")
    .version(version, "--version", "print the version")
    .addHelpText("after", AFTER);
  for (const [flags, says] of GLOBALS) program.option(flags, says);
  const groups = new Map<string, Program>();
  for (const row of ROWS) {
    const [first = "", second] = row.words.split(" ");
    const parent = second === undefined ? program : groupOf(groups, { program, first, print });
    const leaf = prepared(new Program(second ?? first), print)
      .summary(row.summary)
      .description(sentence(row.summary));
    if (second === undefined) groups.set(first, leaf);
    if (row === chosen?.row)
      addShape(leaf, chosen.shape, chosen.command.examples).action(() => take(givenOf(leaf, chosen.shape)));
    parent.addCommand(leaf);
  }
  return program;
}

interface Grouping {
  readonly program: Program;
  readonly first: string;
  readonly print: (text: string) => void;
}

function groupOf(groups: Map<string, Program>, { program, first, print }: Grouping): Program {
  const known = groups.get(first);
  if (known) return known;
  const about = GROUPS.get(first) ?? "";
  const made = prepared(new Program(first), print).summary(about).description(sentence(about)).usage("COMMAND");
  groups.set(first, made);
  program.addCommand(made);
  return made;
}

const HELP_WIDTH = 110;

function prepared(program: Program, print: (text: string) => void): Program {
  return program
    .exitOverride()
    .helpOption("-h, --help", "print this text")
    .helpCommand(false)
    .configureHelp({ showGlobalOptions: true, helpWidth: HELP_WIDTH })
    .configureOutput({
      writeOut: print,
      writeErr: print,
      outputError: () => undefined,
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    });
}

function addShape(leaf: Program, shape: Shape, examples: readonly string[]): Program {
  for (const { name, isNeeded, isMany, description } of shape.arguments) {
    const shown = `${name}${isMany ? "..." : ""}`;
    leaf.argument(isNeeded ? `<${shown}>` : `[${shown}]`, description);
  }
  for (const flag of shape.flags) addFlag(leaf, flag);
  if (examples.length > 0) leaf.addHelpText("after", `\nExamples:\n${examples.map((line) => `  ${line}`).join("\n")}`);
  return leaf;
}

function addFlag(leaf: Program, { long, value, isMany, choices, description }: Flag): void {
  const flags = value === undefined ? long : `${long} <${value}>`;
  const says = `${description}${choices ? ` (${choices.join(", ")})` : ""}${isMany ? "; may be repeated" : ""}`;
  if (isMany) leaf.option(flags, says, (one: string, before: readonly string[] = []) => [...before, one]);
  else leaf.option(flags, says);
}

function givenOf(leaf: Program, shape: Shape): Given {
  const { json, url, log, ...fields } = leaf.optsWithGlobals();
  const named = shape.arguments.map(({ field }, at) => [field, leaf.processedArgs[at]] as const);
  return { fields: { ...fields, ...Object.fromEntries(named) }, globals: { json, url, log } };
}

function sentence(summary: string): string {
  return `${summary.charAt(0).toUpperCase()}${summary.slice(1)}.`;
}

const HELP_CODES = ["commander.helpDisplayed", "commander.help", "commander.version"];

function isHelp(error: unknown): boolean {
  return error instanceof Error && "code" in error && HELP_CODES.includes(String(error.code));
}

function wrongLine(error: unknown, row: Row | undefined): unknown {
  if (!(error instanceof Error) || !("code" in error) || !String(error.code).startsWith("commander.")) return error;
  const said = error.message
    .replace(/^error: /, "")
    .replaceAll("\n", " ")
    .replace(/\.$/, "");
  const help = `errand ${row ? `${row.words} ` : ""}--help`;
  const next = [{ command: help, description: "says what there is" }];
  return new Failure("usage", `${said.charAt(0).toUpperCase()}${said.slice(1)}.`, { next });
}
