/**
 * What a program says about a verb, looked at when it is asked: what does not fit is an error of that very call, and not a
 * silence when the first try has failed. Called by `context.ts`.
 */

import * as z from "zod";
import type { EffectOptions } from "../../define/context.ts";
import { stepError } from "../../define/errors.ts";
import type { ProgramContext } from "../../define/program-context.ts";
import { Approvers } from "../../domain/execution/approval.ts";
import { GivenLimits } from "../../domain/execution/given-limits.ts";
import { AttributeChanges } from "../../domain/execution/search-attributes.ts";
import { faultOfApprovalId } from "../../domain/read-models/approval-record.ts";
import { Backoff } from "../../domain/values/backoff.ts";
import { unreachable } from "../../domain/values/json.ts";
import { LAST_INSTANT_MS, limited, numberOf } from "../../domain/values/numbers.ts";
import { faultOfWebUrl } from "../../domain/values/web-url.ts";

/** As the engine uses them: a backoff in full, and no limit where none was meant. */
export interface TryOptions extends Omit<EffectOptions, "backoff"> {
  readonly backoff: Backoff;
}

const aFunction = <T>() => z.custom<T>((value) => typeof value === "function", "must be a function");
const timeout = numberOf({ min: 0, above: true, unlimited: true }).transform(limited).optional();

const Options = z.object({
  maxAttempts: numberOf({ min: 1, whole: true, unlimited: true }).optional(),
  // A number is the first wait.
  backoff: z.preprocess((given = {}) => (typeof given === "number" ? { initialMs: given } : given), Backoff),
  retryable: aFunction<NonNullable<EffectOptions["retryable"]>>().optional(),
  timeoutMs: timeout,
  idempotent: z.boolean().optional(),
  onInterrupt: z.enum(["retry", "fail", "ask"]).optional(),
  checkOutcome: aFunction<NonNullable<EffectOptions["checkOutcome"]>>().optional(),
  checkTimeoutMs: timeout,
});

const DEFAULTS: TryOptions = { backoff: Backoff.parse({}) };

/** Throws `StepError` `invalid_options`, which names the option. */
export function tryOptions(given: EffectOptions | undefined, what: string): TryOptions {
  return given === undefined ? DEFAULTS : (fitting(Options, given, what) as TryOptions);
}

export function attributeChanges(given: unknown): AttributeChanges {
  return fitting(AttributeChanges, given, "ctx.setAttributes");
}

/** How long to wait for something; `Infinity`: as long as it takes. */
const waitLimit = numberOf({ min: 0, unlimited: true }).optional();
const SignalOptions = z.looseObject({ timeoutMs: waitLimit.transform(limited) }).optional();
const judged = (faultOf: (text: string) => string | undefined) =>
  z.string().superRefine((text, ctx) => {
    const fault = faultOf(text);
    if (fault !== undefined) ctx.addIssue(fault);
  });
/** Strict: a misspelt rule would admit every person. */
const PauseGiven = z.strictObject({
  name: z.string().optional(),
  payload: z.unknown().optional(),
  id: judged(faultOfApprovalId).optional(),
  url: judged(faultOfWebUrl).optional(),
  options: z.array(z.string().min(1).max(256)).min(1).max(100).optional(),
  expiresInMs: waitLimit.transform(sooner),
  onReject: z.enum(["continue", "cancel"]).optional(),
  approvers: Approvers.optional(),
  fourEyes: z.boolean().optional(),
});
/** The longest time stands for none at all: a child without one would take its function's. */
const childTime = numberOf({ min: 0, above: true, unlimited: true }).transform((ms) => Math.min(ms, LAST_INSTANT_MS));
const CallGiven = z.looseObject({ budget: GivenLimits.optional(), timeoutMs: childTime.optional() }).optional();
const GenerateGiven = z.looseObject({ maxTokens: numberOf({ min: 1, max: Number.MAX_SAFE_INTEGER, whole: true }) });
/** Milliseconds, of which less than none are none, or an instant. */
const Until = numberOf({ min: -Number.MAX_VALUE, max: LAST_INSTANT_MS });

/** An expiry that no instant up to the year 9999 could reach is none. */
function sooner(ms: number | undefined): number | undefined {
  return ms !== undefined && ms > LAST_INSTANT_MS ? Number.POSITIVE_INFINITY : ms;
}

/** The verbs that answer later. */
export type Verb = Exclude<
  {
    [V in keyof ProgramContext]-?: ProgramContext[V] extends (...given: never[]) => Promise<unknown> ? V : never;
  }[keyof ProgramContext],
  "note" | "progress" | "setAttributes" | "sayAttempt" | "fail"
>;

/** The arguments of a verb with its options as the engine takes them. Throws like `tryOptions`. */
export function verbArguments(verb: Verb, given: readonly unknown[]): readonly unknown[] {
  const what = `ctx.${verb}`;
  const at = (place: number, schema: z.ZodType) => given.with(place, fitting(schema, given[place], what));
  switch (verb) {
    case "signal":
      return given.length < 2 ? given : at(1, SignalOptions);
    case "call":
      return given.length < 3 ? given : at(2, CallGiven);
    case "pause":
    case "waitForApproval":
      return given.length < 1 ? given : at(0, PauseGiven.optional());
    case "generate":
      return at(0, GenerateGiven);
    case "sleep":
      checkUntil(given[0]);
      return given;
    case "external":
    case "step":
    case "effect":
    case "tool":
    case "turn":
    case "all":
    case "race":
    case "within":
      return given;
  }
  return unreachable(verb);
}

function checkUntil(until: unknown): void {
  const ms = until instanceof Date ? until.getTime() : until;
  // What is no time at all is a fault of the program, and has its own error.
  if (typeof ms === "number" && Number.isFinite(ms)) fitting(Until, ms, "ctx.sleep: the time");
}

/** What fits the schema, or `StepError` `invalid_options` with the path of what does not. */
function fitting<T>(schema: z.ZodType<T>, given: unknown, what: string): T {
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const path = issue?.path.join(".") ?? "";
  const message = `${what}${path === "" ? "" : `: ${path}`} ${issue?.message ?? "does not fit"}`;
  throw stepError("invalid_options", message, { path });
}
