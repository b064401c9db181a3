/**
 * What a definition says in numbers and names, looked at when it is declared: what does not fit, or could not be stored, is
 * an error at start-up that names the definition and the field. Called by the functions that declare.
 */
import * as z from "zod";
import type { BudgetLimits } from "../domain/execution/budget.ts";
import { GivenLimits } from "../domain/execution/given-limits.ts";
import { MAX_FILES } from "../domain/execution/stored-file.ts";
import { LAST_INSTANT_MS, numberOf } from "../domain/values/numbers.ts";
import { DeclaredConcurrency, DeclaredPriority } from "./concurrency.ts";

export const Name = z.string().refine((text) => text.trim() !== "", "must be a text that is not empty");

const duration = numberOf({ min: 0, above: true, unlimited: true });

const Numbers = z.object({
  // No limit is a limit that no execution lives to see: a number can be stored.
  timeoutMs: duration.transform((ms) => Math.min(ms, LAST_INSTANT_MS)).optional(),
  budget: GivenLimits.optional(),
  files: z.looseObject({ max: numberOf({ min: 1, max: MAX_FILES, whole: true }).optional() }).optional(),
  tags: z.array(Name).optional(),
  concurrency: DeclaredConcurrency.optional(),
  priority: DeclaredPriority.optional(),
});

/** What is asked of a definition here; its files and tags are only looked at. */
interface Stated {
  readonly timeoutMs?: number;
  readonly budget?: BudgetLimits;
}

/** The definition with its numbers as they are stored. Throws an error that begins with `who`. */
export function checkedNumbers<D extends Stated>(who: string, definition: D): D {
  const { timeoutMs, budget } = checked(Numbers, definition, who);
  return {
    ...definition,
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
    ...(budget === undefined ? {} : { budget }),
  };
}

/** What fits; otherwise throws `WHO: FIELD is NaN: give a …`. */
export function checked<T>(schema: z.ZodType<T>, given: unknown, who: string): T {
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  const lines = parsed.error.issues.map(({ path, message }) => `${path.join(".") || "it"} ${message}`);
  throw new Error(`${who}: ${lines.join("; ")}`);
}

/** What is wrong with one value, after its name. */
export function wordsOf(error: z.ZodError): string {
  return error.issues.map(({ message }) => message).join("; ");
}
