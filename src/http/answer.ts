import type { Problem } from "../contract/problem.ts";
import { executeProblemOf, problemOf } from "../contract/problem.ts";
import type { Refusal } from "../domain/fault.ts";
import { FAULTS, refuse } from "../domain/fault.ts";
import type { C } from "./app.ts";

/** The one place where a refusal becomes a body. */
export function answerRefusal(c: C, refusal: Refusal, headers: Record<string, string> = {}): Response {
  return answerProblem(c, problemOf(refusal, c.get("requestId")), headers);
}

/** A start that was refused: the fields that callers of reference 2 read, beside the problem's own. */
export function answerExecuteRefusal(c: C, refusal: Refusal): Response {
  return problemResponse(executeProblemOf(refusal, c.get("requestId")), FAULTS[refusal.code]);
}

export function answerProblem(_c: C, problem: Problem, headers: Record<string, string> = {}): Response {
  return problemResponse(problem, { status: problem.status, retryable: problem.retryable }, headers);
}

function problemResponse(
  body: object,
  { status, retryable }: { readonly status: number; readonly retryable: boolean },
  headers: Record<string, string> = {},
): Response {
  const retry = retryable && status === 503 ? { "retry-after": "1" } : {};
  const all = { "content-type": "application/problem+json", ...retry, ...headers };
  return new Response(JSON.stringify(body), { status, headers: all });
}

/** What was thrown is a bug or a broken transport: the reader gets the request id, the log gets the stack. */
export function problemOfThrown(error: unknown, c: C): Problem {
  const overloaded = isFlagged(error, "overloaded");
  const retryable = isFlagged(error, "retryable");
  c.get("services").log({
    level: "error",
    message: "a request failed",
    request_id: c.get("requestId"),
    path: c.req.path,
    stack: error instanceof Error ? error.stack : String(error),
  });
  if (overloaded)
    return problemOf(refuse("overloaded", "the object behind this request is overloaded"), c.get("requestId"));
  if (retryable)
    return problemOf(refuse("unavailable", "the object behind this request was just restarted"), c.get("requestId"));
  return problemOf(refuse("internal_error", "something failed on our side"), c.get("requestId"));
}

/** The platform marks broken stubs with booleans on the error. */
function isFlagged(error: unknown, flag: "overloaded" | "retryable"): boolean {
  return (
    typeof error === "object" && error !== null && flag in error && (error as Record<string, unknown>)[flag] === true
  );
}
