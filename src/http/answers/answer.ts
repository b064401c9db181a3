/** How values and refusals become answers: their bodies, their status, and what the log is told of them. */
import { maskBody } from "../../contract/privacy/mask.ts";
import type { Problem } from "../../contract/problem.ts";
import { executeProblemOf, problemOf } from "../../contract/problem.ts";
import type { Refusal } from "../../domain/values/fault.ts";
import { FAULTS, isGivenUp, refuse, refusedBy } from "../../domain/values/fault.ts";
import { UnderWay } from "../../operations/executions/under-way.ts";
import type { C } from "../requests/app.ts";
import { PRINTABLE } from "../requests/request-id.ts";
import { masks } from "./masked-answer.ts";

type Headers = Readonly<Record<string, string>>;

/** Makes the body of an answer, in this one place: the value is masked first for a caller that sees no personal data. */
export function answerJson(
  c: C,
  body: object,
  { status = 200, headers = {} }: { readonly status?: number; readonly headers?: Headers } = {},
): Response {
  const masked = masks(c);
  const init = { status, headers: { "content-type": "application/json", ...headers } };
  const answer = new Response(JSON.stringify(masked ? maskBody(body) : body), init);
  if (masked) c.set("maskedAnswer", answer);
  return answer;
}

/** The one place where a refusal becomes a body. */
export function answerRefusal(c: C, refusal: Refusal, headers: Headers = {}): Response {
  return answerProblem(c, problemOf(refusal, c.get("requestId")), headers);
}

/** A start that was refused: the fields that callers of AgentField read, beside the problem's own. */
export function answerExecuteRefusal(c: C, refusal: Refusal): Response {
  const { status, retryable } = FAULTS[refusal.code];
  const body = executeProblemOf(refusal, c.get("requestId"));
  noteRefusal(c, body);
  const { routedVersion: version } = refusal;
  const routed = routedHeader(version);
  const headers = { ...problemHeaders(status, retryable), ...aboutHeaders(body), ...routed };
  return answerJson(c, body, { status, headers });
}

/** The version of a node that a call went, or would have gone, to. */
export function routedHeader(version: string | undefined): Headers {
  return version !== undefined && PRINTABLE.test(version) ? { "x-routed-version": version } : {};
}

export function answerProblem(c: C, problem: Problem, headers: Headers = {}): Response {
  const { status, retryable } = problem;
  noteRefusal(c, problem);
  return answerJson(c, problem, {
    status,
    headers: { ...problemHeaders(status, retryable), ...aboutHeaders(problem), ...headers },
  });
}

function aboutHeaders({ execution_id }: Pick<Problem, "execution_id">): Headers {
  return execution_id === undefined || !PRINTABLE.test(execution_id) ? {} : { "x-execution-id": execution_id };
}

/** For the line of the log. */
function noteRefusal(c: C, { code, errors }: Pick<Problem, "code" | "errors">): void {
  c.set("refused", { code, field: errors?.[0]?.path });
}

function problemHeaders(status: number, retryable: boolean): Headers {
  const retry = retryable && (status === 503 || status === 429) ? { "retry-after": "1" } : {};
  return { "content-type": "application/problem+json", ...retry };
}

/** What was thrown is a bug or a broken transport: the reader gets the request id, the log gets the stack. */
export function problemOfThrown(thrown: unknown, c: C): Problem {
  const executionId = thrown instanceof UnderWay ? thrown.executionId : c.get("asked")?.executionId;
  const refusal = refusalOfThrown(thrown instanceof UnderWay ? thrown.cause : thrown, c);
  return problemOf(executionId === undefined ? refusal : refusedBy(executionId, refusal), c.get("requestId"));
}

function refusalOfThrown(error: unknown, c: C): Refusal {
  if (isIndexUnavailable(error)) return refuse("unavailable", INDEX_AWAY);
  const overloaded = isFlagged(error, "overloaded");
  const retryable = isFlagged(error, "retryable");
  c.get("services").log({
    level: "error",
    message: "a request failed",
    request_id: c.get("requestId"),
    path: c.req.path,
    stack: error instanceof Error ? error.stack : String(error),
  });
  if (isGivenUp(error)) return refuse("storage_unavailable", "what this request said was not written");
  if (overloaded) return refuse("overloaded", "the object behind this request is overloaded");
  if (retryable) return refuse("unavailable", "the object behind this request was just restarted");
  return refuse("internal_error", "something failed on our side");
}

const INDEX_AWAY =
  "the index behind lists and searches does not answer now; executions start, run and are read by their ids meanwhile";

/** Told by its name, because the router does not import the index; the query builder wraps what it hears. */
function isIndexUnavailable(error: unknown): boolean {
  for (let at = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth += 1)
    if (at.name === "IndexUnavailable") return true;
  return false;
}

/** The platform marks broken stubs with booleans on the error. */
function isFlagged(error: unknown, flag: "overloaded" | "retryable"): boolean {
  return (
    typeof error === "object" && error !== null && flag in error && (error as Record<string, unknown>)[flag] === true
  );
}
