/** What the end of a program means for its execution. */
import { ExecutionFailure, StepError } from "../define/errors.ts";
import type { Json } from "../domain/json.ts";
import { isA } from "../domain/thrown.ts";
import type { Finished } from "./large-output.ts";
import { toEntryError } from "./retry.ts";

export type Ended = { readonly ok: true; readonly value: Finished } | { readonly ok: false; readonly error: unknown };

/** The words a failed execution keeps. No stack trace: people read this. Total. */
export function failureOf(error: unknown): { code: string; message: string; details?: Json } {
  const { code, message, details } = toEntryError(error);
  const kept = details === undefined ? {} : { details };
  if (isA(error, ExecutionFailure)) return { code, message, ...kept };
  if (isA(error, StepError)) return { code: "runtime_error", message, details: { code, details: details ?? null } };
  return { code: "runtime_error", message, ...kept };
}
