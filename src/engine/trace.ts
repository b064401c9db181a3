/**
 * What the log is told of something that was thrown. What a program, a tool or a model says by an error of ours (a failure
 * code, a tool's answer, a provider that is busy) is how things may go: a line of level `info` with its code and none of
 * its words. Anything else is a fault in the code that threw it: its message and where it came from. Total.
 */
import { AnswerError, ExecutionFailure, StepError, ToolError } from "../define/errors.ts";
import { TurnFailure } from "../domain/model/conversation.ts";
import { fieldOf, isA, messageOf } from "../domain/values/thrown.ts";

interface ThrownText {
  readonly level: "info" | "warn";
  readonly fields: Readonly<Record<string, unknown>>;
}

const EXPECTED: readonly (abstract new (...given: never[]) => Error)[] = [
  StepError,
  ExecutionFailure,
  ToolError,
  AnswerError,
  TurnFailure,
];
/** A provider that does not know our key is waited for in vain: an operator has to look. */
const NEEDS_OPERATOR = "authentication";

export function thrownText(thrown: unknown): ThrownText {
  const type = EXPECTED.find((expected) => isA(thrown, expected));
  if (!type) return { level: "warn", fields: { error: messageOf(thrown), stack: traceOf(thrown) } };
  const code = fieldOf(thrown, "code") ?? fieldOf(thrown, "reason") ?? type.name;
  return code === NEEDS_OPERATOR && isA(thrown, TurnFailure)
    ? { level: "warn", fields: { code, error: messageOf(thrown) } }
    : { level: "info", fields: { code } };
}

/** Its name and its frames, without its words. */
export function traceOf(error: unknown): string {
  if (!isA(error, Error)) return `a thrown ${typeof error}`;
  const stack = fieldOf(error, "stack");
  const frames = typeof stack === "string" ? stack.split("\n").filter((line) => /^\s+at /.test(line)) : [];
  const name = fieldOf(error, "name");
  return [typeof name === "string" ? name : "Error", ...frames].join("\n");
}
