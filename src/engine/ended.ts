/** What the end of a program means for its execution. */
import { ExecutionFailure, StepError } from "../define/errors.ts";
import type { Json } from "../domain/json.ts";
import type { Finished } from "./large-output.ts";

export type Ended = { readonly ok: true; readonly value: Finished } | { readonly ok: false; readonly error: unknown };

/** The words a failed execution keeps. No stack trace: people read this. */
export function failureOf(error: unknown): { code: string; message: string; details?: Json } {
  if (error instanceof ExecutionFailure) {
    const { code, message, details } = error;
    return { code, message: message.slice(0, 2_000), ...(details === undefined ? {} : { details }) };
  }
  if (error instanceof StepError) {
    const details = { code: error.code, details: error.details ?? null };
    return { code: "runtime_error", message: error.message.slice(0, 2_000), details };
  }
  const message = error instanceof Error ? error.message : String(error);
  return { code: "runtime_error", message: message.slice(0, 2_000) };
}
