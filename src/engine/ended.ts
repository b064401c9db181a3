/** What the end of a program means for its execution. */
import type { FunctionDefinition } from "../define/agent.ts";
import { ExecutionFailure, StepError } from "../define/errors.ts";
import { check } from "../define/schema.ts";
import type { Json } from "../domain/json.ts";
import { toJson } from "../domain/json.ts";
import type { Finished } from "./large-output.ts";

export type Ended = { readonly ok: true; readonly value: Finished } | { readonly ok: false; readonly error: unknown };

/** Parses the output by the function's schema. Throws `ExecutionFailure` when it does not fit. */
export async function checkOutput(definition: FunctionDefinition, value: unknown): Promise<Json> {
  const parsed = await check(definition.output, value);
  if (parsed.ok) return toJson(parsed.value);
  const [first] = parsed.errors;
  const message = `the output does not fit its schema: ${first?.path || "output"}: ${first?.message ?? ""}`;
  throw new ExecutionFailure("invalid_output", message);
}

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
