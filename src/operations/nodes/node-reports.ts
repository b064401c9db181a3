/** What nodes report, in their own words: a status, a result, what it cost. */
import { BODY_BYTES } from "../../contract/body-limits.ts";
import type { Amount } from "../../domain/execution/budget.ts";
import { NOTHING } from "../../domain/execution/budget.ts";
import type { Outcome } from "../../domain/execution/entry.ts";
import { entryError } from "../../domain/execution/entry.ts";
import type { ErrorCode } from "../../domain/execution/error-code.ts";
import type { Status } from "../../domain/execution/status.ts";
import { isTerminal, parseStatus } from "../../domain/execution/status.ts";
import type { Refusal } from "../../domain/values/fault.ts";
import type { Json } from "../../domain/values/json.ts";

/** Characters of what a node says about its failure. */
const MOST_WORDS = 10_000;
/** What a report may bring: its body is no larger. */
export const REPORT_BYTES = BODY_BYTES.batch;
const USAGE = "__agentfield_usage__";

/** A result without what a node says beside it about its cost. */
export function reportedValue(value: Json): { readonly value: Json; readonly usage?: Amount } {
  if (typeof value !== "object" || value === null || Array.isArray(value) || !Object.hasOwn(value, USAGE))
    return { value };
  const { [USAGE]: said, ...rest } = value;
  return { value: rest, usage: amountOf(said ?? null) };
}

/** Figures that are none, or more than can be counted, cost nothing and the most that is counted. */
function number(value: unknown): number {
  return typeof value === "number" && value > 0 ? Math.min(value, Number.MAX_SAFE_INTEGER) : 0;
}

const whole = (tokens: number) => number(Math.round(tokens));

function amountOf(said: Json): Amount {
  if (typeof said !== "object" || said === null || Array.isArray(said)) return NOTHING;
  const { total_tokens, input_tokens, output_tokens, prompt_tokens, completion_tokens, cost_usd, total_cost } = said;
  const inputTokens = number(input_tokens) || number(prompt_tokens);
  const outputTokens = number(output_tokens) || number(completion_tokens);
  const tokens = number(total_tokens) || inputTokens + outputTokens;
  return {
    ...NOTHING,
    tokens: whole(tokens),
    costUsd: number(cost_usd) || number(total_cost),
    ...(inputTokens > 0 ? { inputTokens: whole(inputTokens) } : {}),
    ...(outputTokens > 0 ? { outputTokens: whole(outputTokens) } : {}),
  };
}

/** In place of a result that is not taken: a node that is refused would only send it again. */
export function tooLargeResult(): Outcome {
  const message = `the report is larger than ${REPORT_BYTES} bytes: keep the result elsewhere and return its address`;
  return { ok: false, error: entryError("value_too_large", message) };
}

/** In place of an end that is no JSON (`NaN`), or JSON that is not kept (half of a surrogate pair). */
export function unreadableResult({ detail }: Pick<Refusal, "detail">): Outcome {
  return { ok: false, error: entryError("agent_error", `the node's report cannot be read: ${detail}`) };
}

/** Whether a report that cannot be read as it should says the end of its execution. */
export function saysAnEnd(text: string): boolean {
  const status = parseStatus(statusIn(text));
  return status !== undefined && isTerminal(status);
}

function statusIn(text: string): string {
  try {
    const body: unknown = JSON.parse(text);
    const isNamed = typeof body === "object" && body !== null && "status" in body;
    return isNamed ? String(body.status) : "";
  } catch {
    return /"status"\s*:\s*"([^"]{1,100})"/.exec(text)?.[1] ?? "";
  }
}

/** What a node says of its failure, as a text. */
export function wordsOf(error: Json | undefined): string | undefined {
  if (error === undefined || error === null) return undefined;
  return typeof error === "string" ? error : JSON.stringify(error);
}

export interface NodeReport {
  readonly status: string;
  readonly result?: Json | undefined;
  readonly error?: string | undefined;
  readonly errorDetails?: Json | undefined;
  readonly usage?: Json | undefined;
  readonly progress?: number | undefined;
}

/** The end that a report tells; `undefined` when it tells none. */
export function endOf(report: NodeReport & { readonly status: Status }) {
  const { value, usage: beside } = reportedValue(report.result ?? null);
  const usage = report.usage === undefined ? beside : amountOf(report.usage);
  const outcome = outcomeOf(report, value);
  return outcome && { outcome, ...(usage === undefined ? {} : { usage }) };
}

function outcomeOf({ status, error, errorDetails }: NodeReport & { readonly status: Status }, value: Json) {
  const failed = (code: ErrorCode, usual: string): Outcome => ({
    ok: false,
    error: entryError(code, error?.slice(0, MOST_WORDS) ?? usual, errorDetails),
  });
  const ends: { readonly [S in Status]?: () => Outcome } = {
    succeeded: () => ({ ok: true, value }),
    failed: () => failed("agent_error", "the node reported a failure"),
    cancelled: () => failed("agent_cancelled", "the node gave it up"),
    timeout: () => failed("agent_timeout", "the node ran out of time"),
  };
  return ends[status]?.();
}
