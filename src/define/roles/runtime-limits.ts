/** What a runtime says of questions to people, of what a request may spend, and of how much of a conversation is told. */
import * as z from "zod";
import { Approvers } from "../../domain/execution/approval.ts";
import type { BudgetLimits } from "../../domain/execution/budget.ts";
import { GivenLimits } from "../../domain/execution/given-limits.ts";
import { isRecord } from "../../domain/values/is-record.ts";
import { numberOf } from "../../domain/values/numbers.ts";
import { THREAD_TOKENS } from "../execution/thread.ts";
import type { ApprovalTerms } from "../execution/tool-approval.ts";
import type { DefinitionCode, FaultList } from "./definition-error.ts";
import { inWords } from "./definition-error.ts";
import { refuseUnknown } from "./unknown-parameters.ts";

const Terms = z.object({
  approvers: Approvers.optional(),
  fourEyes: z.boolean().optional(),
  expiresInMs: numberOf({ min: 0, above: true, unlimited: true }).optional(),
});

export function readTerms(given: unknown, faults: FaultList): ApprovalTerms {
  const read = readObject(given, Terms, { at: "ask", code: "invalid_ask", faults, known: Object.keys(Terms.shape) });
  return Object.freeze({ ...read }) as ApprovalTerms;
}

const DEFAULT_BUDGET: BudgetLimits = Object.freeze({ maxTurns: 200, maxChildren: 50 });
const LIMITS = ["maxTurns", "maxTokens", "maxCostUsd", "maxDurationMs", "maxRecoveries", "maxChildren", "onExceeded"];

export function readBudget(given: unknown, faults: FaultList): BudgetLimits {
  const read = readObject(given, GivenLimits, { at: "budget", code: "invalid_budget", faults, known: LIMITS });
  return read === undefined ? DEFAULT_BUDGET : Object.freeze(read);
}

interface Place {
  readonly at: string;
  readonly code: DefinitionCode;
  readonly faults: FaultList;
  readonly known: readonly string[];
}

/** `undefined` where nothing was given, or what was given is wrong. */
function readObject<T>(given: unknown, shape: z.ZodType<T>, { at, code, faults, known }: Place): T | undefined {
  if (given === undefined) return undefined;
  if (!isRecord(given)) {
    faults.add(code, at, `${at} is ${inWords(given)}: give an object of ${known.join(", ")}`);
    return undefined;
  }
  refuseUnknown(given, known, { faults, at });
  const read = shape.safeParse(Object.fromEntries(Object.entries(given).filter(([key]) => known.includes(key))));
  if (read.success) return read.data;
  for (const { path, message } of read.error.issues) {
    const field = [at, ...path].join(".");
    const [key = "", ...within] = path;
    const value = within.reduce<unknown>(
      (part, step) => (part as Record<PropertyKey, unknown>)[step],
      given[String(key)],
    );
    const hint = path.length === 1 ? HINTS.get(String(key)) : "give a subject: a text of 1 to 256 characters";
    faults.add(code, field, hint === undefined ? `${field} ${message}` : `${field} is ${inWords(value)}: ${hint}`);
  }
  return undefined;
}

/** Numbers say for themselves what they may be. */
const HINTS: ReadonlyMap<string, string> = new Map([
  ["approvers", "give a list of 1 to 50 subjects"],
  ["fourEyes", "give true or false"],
  ["onExceeded", 'give "fail" or "pause"'],
]);

const ThreadTokens = numberOf({ min: 100, max: 200_000, whole: true });

export function readThreadTokens(given: unknown, faults: FaultList): number {
  if (given === undefined) return THREAD_TOKENS;
  const read = ThreadTokens.safeParse(given);
  if (read.success) return read.data;
  const message = read.error.issues[0]?.message ?? "does not fit";
  faults.add("invalid_thread_tokens", "threadTokens", `threadTokens ${message}`);
  return THREAD_TOKENS;
}
