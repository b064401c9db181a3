import type { Json } from "../domain/json.ts";

export { InDoubt } from "../domain/in-doubt.ts";

/** What a program catches when a step, an effect, a child or a signal ended badly. `code` is stable, `message` is for people. */
export class StepError extends Error {
  override readonly name = "StepError";
  readonly code: string;
  readonly details: Json | undefined;

  constructor(code: string, message: string, details?: Json) {
    super(message);
    this.code = code;
    this.details = details;
  }
}

/** Thrown by `ctx.fail`: ends the execution with a failure code of the definition's own. */
export class ExecutionFailure extends Error {
  override readonly name = "ExecutionFailure";
  readonly code: string;
  readonly details: Json | undefined;

  constructor(code: string, message: string, details?: Json) {
    super(message);
    this.code = code;
    this.details = details;
  }
}

/**
 * Thrown by a tool. The model reads the message and may try something else; with `fatal` the execution ends instead, with
 * `failureCode` (one that the definition declares) or `runtime_error`.
 */
export class ToolError extends Error {
  override readonly name = "ToolError";
  readonly fatal: boolean;
  readonly failureCode: string | undefined;

  constructor(message: string, { fatal = false, failureCode }: { fatal?: boolean; failureCode?: string } = {}) {
    super(message);
    this.fatal = fatal;
    this.failureCode = failureCode;
  }
}

/**
 * Thrown by `conversation.ask` when the model gave no whole answer. Left alone it is judged like an invalid response:
 * `cut_off` (its output was full) is corrected, `refused` (it declines) ends the execution.
 */
export class AnswerError extends Error {
  override readonly name = "AnswerError";
  readonly reason: "cut_off" | "refused";

  constructor(reason: AnswerError["reason"], message: string) {
    super(message);
    this.reason = reason;
  }
}
