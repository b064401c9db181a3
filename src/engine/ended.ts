/** What the end of a program means for its execution. */
import type { FunctionDefinition } from "../define/agent.ts";
import { ExecutionFailure, StepError } from "../define/errors.ts";
import { check } from "../define/schema.ts";
import type { Json } from "../domain/json.ts";
import { storable } from "./storable.ts";

export type Ended = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly error: unknown };

/** Parses the output by the function's schema; an output that does not fit, or cannot be stored, is a failure. */
export async function checkOutput(definition: FunctionDefinition, value: unknown): Promise<Ended> {
  try {
    const parsed = await check(definition.output, value);
    if (parsed.ok) return { ok: true, value: storable(parsed.value, "the output") };
    const [first] = parsed.errors;
    const message = `the output does not fit its schema: ${first?.path || "output"}: ${first?.message ?? ""}`;
    return { ok: false, error: new ExecutionFailure("invalid_output", message) };
  } catch (error) {
    if (!(error instanceof StepError)) return { ok: false, error };
    return { ok: false, error: new ExecutionFailure(error.code, error.message) };
  }
}

/** The words a failed execution keeps. No stack trace: people read this. */
export function failureOf(error: unknown): { code: string; message: string; details?: Json } {
  if (error instanceof ExecutionFailure) return { code: error.code, message: error.message.slice(0, 2_000) };
  if (error instanceof StepError) {
    const details = { code: error.code, details: error.details ?? null };
    return { code: "runtime_error", message: error.message.slice(0, 2_000), details };
  }
  const message = error instanceof Error ? error.message : String(error);
  return { code: "runtime_error", message: message.slice(0, 2_000) };
}
