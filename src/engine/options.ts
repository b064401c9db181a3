/**
 * What a program says about a verb, looked at when it is asked: what does not fit is an error of that very call, and not a
 * silence when the first try has failed. Called by `context.ts`.
 */
import { z } from "zod";
import type { EffectOptions } from "../define/context.ts";
import { StepError } from "../define/errors.ts";
import { Backoff } from "../domain/backoff.ts";
import { limited, numberOf } from "../domain/numbers.ts";

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
  probe: aFunction<NonNullable<EffectOptions["probe"]>>().optional(),
  probeTimeoutMs: timeout,
});

const DEFAULTS: TryOptions = { backoff: Backoff.parse({}) };

/** Throws `StepError` `invalid_options`, which names the option. */
export function tryOptions(given: EffectOptions | undefined, what: string): TryOptions {
  return given === undefined ? DEFAULTS : (fitting(Options, given, what) as TryOptions);
}

/** What fits the schema, or `StepError` `invalid_options` with the path of what does not. */
function fitting<T>(schema: z.ZodType<T>, given: unknown, what: string): T {
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const path = issue?.path.join(".") ?? "";
  const message = `${what}: ${path === "" ? "the options" : path} ${issue?.message ?? "do not fit"}`;
  throw new StepError("invalid_options", message, { path });
}
