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

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}
