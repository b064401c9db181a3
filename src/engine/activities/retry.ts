/** Policies about another try, and the error that an entry keeps of one that ended badly. */

import { ExecutionFailure, InDoubt, StepError } from "../../define/errors.ts";
import type { EntryError } from "../../domain/execution/entry.ts";
import { entryError } from "../../domain/execution/entry.ts";
import type { LoggedCode } from "../../domain/execution/error-code.ts";
import { loggedCode } from "../../domain/execution/error-code.ts";
import { TurnFailure } from "../../domain/model/conversation.ts";
import { backoffMs } from "../../domain/values/backoff.ts";
import type { Json } from "../../domain/values/json.ts";
import { jsonText } from "../../domain/values/json-text.ts";
import { instantOf } from "../../domain/values/numbers.ts";
import { detailsOf, fieldOf, inspected, isA, messageOf } from "../../domain/values/thrown.ts";
import type { World } from "../ports.ts";
import { NOT_A_PROGRAM } from "../program/call-scope.ts";
import { traceOf } from "../trace.ts";
import type { Activity } from "./activity.ts";

/** Details of an error that are larger are kept in part: an error is read by people. */
const MOST_DETAILS_BYTES = 65_536;

/** A provider that asks for more than this is not waited for: people who watch would take it for stuck. */
const LONGEST_ASKED_MS = 3_600_000;

/** What a try leaves that ended badly: its error, and the instant of the next try where one follows. */
export function afterFailure(
  world: World,
  activity: Pick<Activity, "key" | "options">,
  failed: { readonly failures: number; readonly thrown: unknown },
): { readonly error: EntryError; readonly retryAtMs: number | undefined } {
  const error = toEntryError(failed.thrown);
  const askedMs = askedWait(failed.thrown);
  if (askedMs <= LONGEST_ASKED_MS) return { error, retryAtMs: retryAtMs(world, activity, failed) };
  const retryAt = new Date(instantOf(world.now() + askedMs)).toISOString();
  const message = `${error.message}: the provider asks to wait until ${retryAt}, and no try waits for more than an hour`;
  return { error: entryError("rate_limited", message, { retry_at: retryAt }), retryAtMs: undefined };
}

/** Milliseconds a provider asks to wait; 0 when it asks for nothing, or for what is no time. */
function askedWait(thrown: unknown): number {
  const retryAfterMs = isA(thrown, TurnFailure) ? fieldOf(thrown, "retryAfterMs") : undefined;
  return typeof retryAfterMs === "number" && retryAfterMs > 0 ? retryAfterMs : 0;
}

/**
 * The instant of the next try after so many that failed, or `undefined` when there is none: a finite number with every
 * policy. A recovery is no failed try.
 */
export function retryAtMs(
  world: World,
  { key, options }: Pick<Activity, "key" | "options">,
  { failures, thrown }: { readonly failures: number; readonly thrown: unknown },
): number | undefined {
  const { maxAttempts = 1, retryable, backoff } = options;
  if (failures >= maxAttempts || isA(thrown, ExecutionFailure) || isOurRefusal(thrown)) return undefined;
  try {
    if (retryable && !retryable(isA(thrown, Error) ? thrown : new Error(messageOf(thrown), { cause: thrown })))
      return undefined;
    return instantOf(world.now() + Math.max(askedWait(thrown), backoffMs(backoff, failures, world.random())));
  } catch (error) {
    // The policy is the user's code: a fault in it must not swallow the result of the try.
    world.log("error", "a retry policy failed", { key, stack: traceOf(error) });
    return undefined;
  }
}

/** A try that asked for what only a program may ask would ask for it again. */
function isOurRefusal(thrown: unknown): boolean {
  return isA(thrown, StepError) && fieldOf(thrown, "code") === NOT_A_PROGRAM;
}

/** Returns what follows a try whose end no process saw (E7). */
export function afterInterrupt({ kind, options }: Pick<Activity, "kind" | "options">): "retry" | "fail" | "ask" {
  if (kind === "step" || kind === "turn") return "retry";
  return options.onInterrupt ?? (options.idempotent ? "retry" : "ask");
}

/** The try says itself that it cannot know whether it reached the outside. */
export function isInDoubt(thrown: unknown): boolean {
  return isA(thrown, InDoubt);
}

/** Total: returns an error that can be stored, no matter what user code threw. */
export function toEntryError(thrown: unknown): EntryError {
  const details = keptDetails(thrown);
  return { code: codeOf(thrown), message: messageOf(thrown), ...(details === undefined ? {} : { details }) };
}

function codeOf(thrown: unknown): LoggedCode {
  const hasCode = isA(thrown, StepError) || isA(thrown, ExecutionFailure) || isA(thrown, TurnFailure);
  const code = hasCode ? fieldOf(thrown, "code") : undefined;
  return typeof code === "string" && code !== "" ? loggedCode(code) : "error";
}

/** Details that a program gave itself are kept as they are, as far as JSON carries them. */
function keptDetails(thrown: unknown): Json | undefined {
  const own = isA(thrown, StepError) || isA(thrown, ExecutionFailure) ? fieldOf(thrown, "details") : undefined;
  // What is behind a failed turn is a library's affair: its message says what there is to say.
  if (own === undefined) return isA(thrown, TurnFailure) ? undefined : detailsOf(thrown);
  const made = jsonText(own, "the details", MOST_DETAILS_BYTES);
  return made.ok ? (JSON.parse(made.text) as Json) : inspected(own);
}
