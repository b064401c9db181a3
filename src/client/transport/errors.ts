/** What a call may throw. Expected refusals are `ProblemError`s with a stable `code`; the rest is transport or time. */
import type { Problem } from "../../contract/problem.ts";
import type { Execution } from "./options.ts";

/** The server said no (RFC 9457). `code` is stable, `detail` says what to do next, `errors` name the fields. */
export class ProblemError extends Error {
  override readonly name = "ProblemError";
  readonly problem: Problem;
  readonly code: string;
  readonly status: number;
  readonly detail: string;
  readonly errors: readonly { readonly path: string; readonly message: string }[];
  /** The same call may succeed later. */
  readonly retryable: boolean;
  readonly requestId: string;
  /** The execution that refused, or that may have begun before something broke. */
  readonly executionId: string | undefined;
  /** How long the server asks to be left alone; 0 when it did not say. */
  readonly retryAfterMs: number;
  /** All that was answered: a refused run of an agent has an envelope with details beside. */
  readonly body: unknown;

  constructor(problem: Problem, retryAfterMs = 0, body: unknown = problem) {
    super(`${problem.code}: ${problem.detail}`);
    this.problem = problem;
    this.code = problem.code;
    this.status = problem.status;
    this.detail = problem.detail;
    this.errors = problem.errors ?? [];
    this.retryable = problem.retryable;
    this.requestId = problem.request_id;
    this.executionId = problem.execution_id;
    this.retryAfterMs = retryAfterMs;
    this.body = body;
  }
}

/** No answer, or half of one. After a call that is not safe to repeat, the caller does not know whether it arrived. */
export class TransportError extends Error {
  override readonly name = "TransportError";
}

/** Whether another connection may do better; anything else is for the caller to hear. */
export function isCut(error: unknown): boolean {
  return error instanceof TransportError || (error instanceof ProblemError && error.retryable);
}

/** The wait was over before the execution was. It goes on; `execution` is how it stood. */
export class WaitTimeoutError extends Error {
  override readonly name = "WaitTimeoutError";
  readonly execution: Execution<unknown>;

  constructor(execution: Execution<unknown>) {
    super(
      `${execution.execution_id} is still ${execution.status}${execution.why ? `: ${execution.why.sentence}` : ""}`,
    );
    this.execution = execution;
  }
}
