/**
 * One line of a shell, from its words to its exit code. Only here the process is listened to and ended.
 *
 * - The first ^C ends a wait and says how to go on; the second one ends the process.
 * - Who reads no further ends what only shows. What changes something is done to its end, and a failure keeps its code.
 * - An unexpected error ends with the code of a server's error, and shows its stack only with `--log debug`.
 */
import type { Item, Session } from "./frame/command.ts";
import { isChanging } from "./frame/command.ts";
import type { ExitKind } from "./frame/exits.ts";
import { EXITS } from "./frame/exits.ts";
import { Failure } from "./frame/failure.ts";
import type { Typed } from "./frame/program.ts";
import { readLine } from "./frame/program.ts";
import { ownVersion } from "./frame/version.ts";
import { Output } from "./output/output.ts";

/** Ends the process, unless a server goes on in it. */
export async function main(argv: readonly string[]): Promise<void> {
  const { stdout, stderr, env } = process;
  const shown: Shown = { isAll: true };
  for (const stream of [stdout, stderr]) stream.on("error", () => shown.isAll && process.exit());
  const output = new Output({ stdout, stderr, env }, { json: asksForJson(argv) });
  const ends = await run(argv, output, shown);
  if (ends === "serves") return;
  shown.isAll = false;
  await output.flush();
  process.exit(EXITS[ends].code);
}

interface Shown {
  /** True where a command only shows: when its reader closes the pipe, the process ends. One that changes something finishes first. */
  isAll: boolean;
}

function asksForJson(argv: readonly string[]): boolean {
  const end = argv.indexOf("--");
  return (end === -1 ? argv : argv.slice(0, end)).includes("--json");
}

async function run(argv: readonly string[], output: Output, shown: Shown): Promise<ExitKind | "serves"> {
  const interrupted = new AbortController();
  try {
    if (argv[0] === "complete") return await complete(argv);
    const typed = await readLine(argv, ownVersion());
    if (typed.kind === "help") return await help(typed, output);
    if (typed.kind === "raw") return await runRaw(typed, output);
    process.on("SIGINT", () => {
      if (interrupted.signal.aborted) process.exit(EXITS.interrupted.code);
      interrupted.abort();
    });
    shown.isAll = !isChanging(typed.command);
    return await call(typed, { output, argv, interrupted: interrupted.signal });
  } catch (error) {
    shown.isAll = false;
    const failure = interrupted.signal.aborted && !(error instanceof Failure) ? INTERRUPTED : unexpected(error);
    output.failure(failure);
    return failure.kind;
  }
}

const INTERRUPTED = new Failure("interrupted", "Interrupted.");

function unexpected(error: unknown): Failure {
  if (error instanceof Failure) return error;
  const { message, stack } = error instanceof Error ? error : new Error(String(error));
  const isDebug = process.env.ERRAND_LOG === "debug";
  return new Failure("server", `This is a defect of errand: ${message}`, { causes: isDebug && stack ? [stack] : [] });
}

async function help({ text, words }: Extract<Typed, { kind: "help" }>, output: Output): Promise<ExitKind> {
  if (!output.json) {
    output.raw(text);
    return "done";
  }
  const { describeCommands } = await import("./frame/describe.ts");
  output.result({ document: await describeCommands(words.join(" ")), view: [] });
  return "done";
}

async function complete(argv: readonly string[]): Promise<ExitKind> {
  const { completeWords } = await import("./frame/complete.ts");
  await completeWords(argv.slice(argv.indexOf("--") + 1));
  return "done";
}

async function runRaw({ row, args }: Extract<Typed, { kind: "raw" }>, output: Output): Promise<ExitKind | "serves"> {
  if (row.words === "dev") {
    const { serve } = await import("./commands/dev.ts");
    return await serve(args, output.json);
  }
  const { init } = await import("./commands/init.ts");
  return init(args, output);
}

interface Calling {
  readonly output: Output;
  readonly argv: readonly string[];
  readonly interrupted: AbortSignal;
}

async function call(
  { command, given, row }: Extract<Typed, { kind: "call" }>,
  { output, argv, interrupted }: Calling,
): Promise<ExitKind> {
  const { perform } = await import("./frame/perform.ts");
  const { readSettings } = await import("./frame/settings.ts");
  const settings = withHelp(row.words, () => readSettings(given.globals, { env: process.env, cwd: process.cwd() }));
  const session: Session = {
    ...{ settings, interrupted, env: process.env, cwd: process.cwd(), json: output.json, argv, words: row.words },
    client: async () => (await import("./frame/connect.ts")).connect(settings, (text) => output.debug(text)),
    describe: async () => (await import("./frame/describe.ts")).describeCommands(),
    emit: ({ document, view }: Item) => output.item(document, view),
    say: (text) => output.say(text),
    live: output.live,
  };
  const { failureOf } = await import("./frame/failure-of.ts");
  try {
    return await perform(command, given.fields, { session, output });
  } catch (error) {
    if (interrupted.aborted && !(error instanceof Failure)) throw error;
    return withHelp(row.words, () => {
      throw failureOf(error, settings.url.value);
    });
  }
}

/** A failure that leads nowhere leads to the help of its command. */
function withHelp<T>(words: string, attempt: () => T): T {
  try {
    return attempt();
  } catch (error) {
    if (!(error instanceof Failure) || error.told.next?.length) throw error;
    const next = [{ command: `errand ${words} --help`, description: "says what it takes" }];
    throw new Failure(error.kind, error.message, { ...error.told, next });
  }
}
