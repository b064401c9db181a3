/** Runs a command with what was typed: its input is parsed, its plan is shown, and done only where that is wanted. */
import type { z } from "zod";
import { issueWords } from "../../domain/values/field-errors.ts";
import type { Output } from "../output/output.ts";
import type { Changing, Command, Plan, Result, Session } from "./command.ts";
import { isChanging } from "./command.ts";
import type { ExitKind } from "./exits.ts";
import { Failure } from "./failure.ts";
import { shapeOf, typed } from "./flags.ts";
import { commandLine } from "./quote.ts";

interface Performing {
  readonly session: Session;
  readonly output: Output;
}

type Fields = Readonly<Record<string, unknown>>;

export async function perform(command: Command, fields: Fields, { session, output }: Performing): Promise<ExitKind> {
  const input = inputOf(command, fields, session.words);
  if (!isChanging(command)) return end(await command.run(input, session), output);
  const done = await change(command, { input, fields, session, output });
  return end(done, output);
}

function end(result: Result | undefined, output: Output): ExitKind {
  if (result === undefined) return "done";
  output.result(result);
  return result.ends ?? "done";
}

function inputOf(command: Command, fields: Fields, words: string): z.output<z.ZodObject> {
  const parsed = command.input.safeParse(typed(command, fields), { reportInput: true, error: issueWords });
  if (parsed.success) return parsed.data;
  const shape = shapeOf(command);
  const nameOf = (field: unknown) =>
    shape.arguments.find((one) => one.field === field)?.name ??
    shape.flags.find((one) => one.field === field)?.long ??
    String(field);
  const causes = parsed.error.issues.map((issue) => {
    const {
      path: [field, ...rest],
      message,
    } = issue;
    const place = rest.filter((one) => typeof one !== "number").join(".");
    return `${nameOf(field)}${place === "" ? "" : ` (${place})`}: ${wordsOf(issue) ?? message}`;
  });
  const [first = "", ...others] = causes;
  const next = [{ command: `errand ${words} --help`, description: "says what it takes" }];
  throw new Failure("usage", others.length === 0 ? `${first}.` : "What was typed does not fit.", {
    causes: others.length === 0 ? [] : causes,
    next,
  });
}

/** What zod says of programs, as people who type say it. */
function wordsOf(issue: z.core.$ZodIssue): string | undefined {
  if (issue.code === "invalid_type" && issue.input === undefined) return "is needed";
  if (issue.code === "invalid_type" && issue.expected === "number") return "must be a number";
  return undefined;
}

interface Change extends Performing {
  readonly input: z.output<z.ZodObject>;
  readonly fields: Fields;
}

async function change(command: Changing, { input, fields, session, output }: Change): Promise<Result> {
  const plan = await command.plan(input, session);
  const { says } = plan;
  const needsYes = command.isFinal === true && fields.yes !== true;
  const next = [{ command: sameLater(command, plan, { fields, session, needsYes }), description: "does it" }];
  if (fields.dryRun === true) {
    const view = says.map((text) => ({ kind: "text", text }) as const);
    return { document: { dry_run: true, plan: says }, view, next };
  }
  output.plan(says);
  if (needsYes)
    throw new Failure("needs_confirmation", "Nothing was changed. Add --yes to do it.", { plan: says, next });
  return plan.apply();
}

interface Later extends Pick<Change, "fields" | "session"> {
  readonly needsYes: boolean;
}

/** What was typed, as a command that does what this plan says, whenever it is run. */
function sameLater(command: Changing, { id, pins = [] }: Plan, { fields, session, needsYes }: Later): string {
  const [first = ""] = command.positionals ?? [];
  const words = session.argv.filter((word) => word !== "--dry-run");
  const at = words.lastIndexOf(String(fields[first]));
  const meant = id === undefined || at === -1 ? words : words.with(at, id);
  const missing = pins.some((pin) => meant.includes(pin)) ? [] : pins;
  return commandLine([...meant, ...missing, ...(needsYes ? ["--yes"] : [])]);
}
