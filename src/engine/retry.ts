/** Policies about another try. */
import { ExecutionFailure, StepError } from "../define/errors.ts";
import { Backoff, backoffMs } from "../domain/backoff.ts";
import { TurnFailure } from "../domain/conversation.ts";
import type { EntryError } from "../domain/entry.ts";
import type { World } from "./ports.ts";
import { traceOf } from "./trace.ts";
import type { Work } from "./work.ts";

/** The instant of the next try after so many that failed, or `undefined` when there is none. A recovery is no failed try. */
export function retryAtMs(
  world: World,
  { key, options }: Work,
  { failures, thrown }: { readonly failures: number; readonly thrown: unknown },
): number | undefined {
  const { maxAttempts = 1, retryable, backoff } = options;
  if (failures >= maxAttempts || thrown instanceof ExecutionFailure) return undefined;
  try {
    if (retryable && !retryable(thrown instanceof Error ? thrown : new Error(String(thrown)))) return undefined;
    const policy = Backoff.parse(typeof backoff === "number" ? { initialMs: backoff } : (backoff ?? {}));
    const asked = thrown instanceof TurnFailure ? (thrown.retryAfterMs ?? 0) : 0;
    return world.now() + Math.max(asked, backoffMs(policy, failures, world.random()));
  } catch (error) {
    // The policy is the user's code: a fault in it must not swallow the result of the try.
    world.log("error", "a retry policy failed", { key, stack: traceOf(error) });
    return undefined;
  }
}

/** What follows a try whose end nobody saw (E7). */
export function afterInterrupt({ kind, options }: Pick<Work, "kind" | "options">): "retry" | "fail" | "ask" {
  if (kind === "step" || kind === "turn") return "retry";
  return options.onInterrupt ?? (options.idempotent ? "retry" : "ask");
}

export function toEntryError(thrown: unknown): EntryError {
  if (thrown instanceof StepError || thrown instanceof ExecutionFailure) {
    const details = thrown instanceof StepError ? thrown.details : undefined;
    const message = thrown.message.slice(0, 2_000);
    return { code: thrown.code, message, ...(details === undefined ? {} : { details }) };
  }
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  if (thrown instanceof TurnFailure) return { code: thrown.code, message: message.slice(0, 2_000) };
  return { code: "error", message: message.slice(0, 2_000) };
}
