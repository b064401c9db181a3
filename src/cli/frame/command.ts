/**
 * What a command is: its input as a schema (flags and arguments are made of it), its document as a schema, and what it does.
 * A command says what there is to show; how it looks, on a terminal, in a pipe and with `--json`, is the formatter's.
 */
import type { z } from "zod";
import type { Client } from "../../client/client.ts";
import type { Block } from "../output/blocks.ts";
import type { LiveText } from "../output/live-text.ts";
import type { CommandsDocument } from "./commands-document.ts";
import type { ExitKind } from "./exits.ts";
import type { Next } from "./failure.ts";
import type { Settings } from "./settings.ts";

export interface Result {
  /** What `--json` prints, with `next_steps` beside. */
  readonly document: object;
  /** What people read. */
  readonly view: readonly Block[];
  readonly next?: readonly Next[];
  /** Words that are no result, on stderr. */
  readonly warnings?: readonly string[];
  /** Default `done`. */
  readonly ends?: ExitKind;
}

/** One item of a stream: a line of JSON, or what people read of it (nothing, if it says nothing to them). */
export interface Item {
  readonly document: object;
  readonly view: readonly Block[];
}

/** What a command that changes something would do, and how it is done. */
export interface Plan {
  readonly says: readonly string[];
  /** What the first argument means, as an id that means the same later: `latest` does not. */
  readonly id?: string;
  /** Flags that make the same command do exactly this later, or nothing. */
  readonly pins?: readonly string[];
  apply(): Promise<Result>;
}

export interface Session {
  readonly settings: Settings;
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
  /** What the person typed, and the words of the command in it: "executions list". */
  readonly argv: readonly string[];
  readonly words: string;
  readonly json: boolean;
  /** Aborted by the first ^C. */
  readonly interrupted: AbortSignal;
  client(): Promise<Client>;
  /** The table of commands. */
  describe(): Promise<CommandsDocument>;
  /** One item of a stream. */
  emit(item: Item): void;
  /** Words for people, on stderr; silent with `--json`. */
  say(text: string): void;
  /** What a model writes, while it is written; undefined where no person looks on. */
  readonly live: LiveText | undefined;
}

interface Described<Input extends z.ZodObject> {
  readonly input: Input;
  /** Fields of the input that are arguments, in order; the others are flags. */
  readonly positionals?: readonly (keyof z.input<Input> & string)[];
  /** Of the document; of a stream, of each line. */
  readonly output: z.ZodType;
  readonly isStream?: true;
  readonly examples: readonly string[];
}

/** Only reads. */
export interface Reading<Input extends z.ZodObject = z.ZodObject> extends Described<Input> {
  /** Undefined: a stream that has said everything. */
  run(input: z.output<Input>, session: Session): Promise<Result | undefined>;
}

/** Changes something: has `--dry-run`, and `--yes` where it takes away or stops something (`isFinal`). */
export interface Changing<Input extends z.ZodObject = z.ZodObject> extends Described<Input> {
  readonly isFinal?: true;
  plan(input: z.output<Input>, session: Session): Promise<Plan>;
}

export type Command = Reading | Changing;

export function reading<Input extends z.ZodObject>(command: Reading<Input>): Reading<Input> {
  return command;
}

export function changing<Input extends z.ZodObject>(command: Changing<Input>): Changing<Input> {
  return command;
}

export function isChanging(command: Command): command is Changing {
  return "plan" in command;
}
