/** What programs and tools throw and catch. Each is told by its class or its `code`; the message is for people. */
import type { Verdict } from "../domain/execution/approval.ts";
import type { ErrorCode } from "../domain/execution/error-code.ts";
import type { Json } from "../domain/values/json.ts";
import { fieldOf, isA } from "../domain/values/thrown.ts";

export { InDoubt } from "../domain/execution/in-doubt.ts";

/** Any text; written so that an editor still completes the codes of the table. */
type OwnCode = string & {};

/** A `StepError` of the engine and of the house's own code: its code is one of the table. */
export function stepError(code: ErrorCode, message: string, details?: Json): StepError {
  return new StepError(code, message, details);
}

type ErrorOf<Code extends string> = Code extends "approval_rejected"
  ? ApprovalRejected
  : Code extends "approval_expired"
    ? ApprovalExpired
    : Code extends "answer_cut_off" | "answer_refused"
      ? AnswerError & { readonly code: Code }
      : (StepError | ExecutionFailure) & { readonly code: Code };

/**
 * Whether what a program caught has this code: `if (hasCode(error, "timeout")) …`. Narrows to the class that brings the code,
 * with the code as a literal.
 */
export function hasCode<const Code extends ErrorCode | OwnCode>(error: unknown, code: Code): error is ErrorOf<Code> {
  const isOurs = CATCHABLE.some((type) => isA<Error>(error, type));
  return isOurs && fieldOf(error, "code") === code;
}

/**
 * What a program catches when a step, an effect, a child or a signal ended badly. `code` is stable, `message` is for people.
 * The codes of Errand's own are those of `ERROR_CODES` (docs/errors.md); a child and a try may bring codes of their own.
 */
export class StepError extends Error {
  override readonly name = "StepError";
  readonly code: ErrorCode | OwnCode;
  readonly details: Json | undefined;

  constructor(code: ErrorCode | OwnCode, message: string, details?: Json) {
    super(message);
    this.code = code;
    this.details = details;
  }
}

/**
 * Thrown by `ctx.waitForApproval` when a person said no, or asked for changes (`decision`). Left alone it ends the execution
 * as failed, with its code.
 */
export class ApprovalRejected extends Error {
  override readonly name = "ApprovalRejected";
  readonly code = "approval_rejected" satisfies ErrorCode;
  readonly decision: "rejected" | "request_changes";
  readonly feedback: string | undefined;
  readonly option: string | undefined;
  readonly response: Json | undefined;
  readonly decidedBy: string | undefined;

  constructor(approval: string, verdict: Verdict) {
    const { decision, feedback, option, response, decidedBy } = verdict;
    const said = decision === "request_changes" ? "was sent back for changes" : "was rejected";
    super(`"${approval}" ${said}${feedback === undefined ? "" : `: ${feedback}`}`);
    this.decision = decision === "request_changes" ? decision : "rejected";
    this.feedback = feedback;
    this.option = option;
    this.response = response;
    this.decidedBy = decidedBy;
  }
}

/** Thrown by `ctx.waitForApproval` when no person decided in time. Not caught, it fails the execution with its code. */
export class ApprovalExpired extends Error {
  override readonly name = "ApprovalExpired";
  readonly code = "approval_expired" satisfies ErrorCode;

  constructor(approval: string) {
    super(`"${approval}" was not decided in time`);
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
  readonly code: "answer_cut_off" | "answer_refused";
  readonly reason: "cut_off" | "refused";

  constructor(reason: AnswerError["reason"], message: string) {
    super(message);
    this.code = `answer_${reason}`;
    this.reason = reason;
  }
}

const CATCHABLE = [StepError, ApprovalRejected, ApprovalExpired, ExecutionFailure, AnswerError];
