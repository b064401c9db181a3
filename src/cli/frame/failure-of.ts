/** What a call of the server threw, as a failure of the command: its kind by the status, and what to do next. */
import { ProblemError, TransportError, WaitTimeoutError } from "../../client/transport/errors.ts";
import type { FailureKind } from "./exits.ts";
import type { Next } from "./failure.ts";
import { Failure } from "./failure.ts";

/** `url`: the server that was called. */
export function failureOf(error: unknown, url: string): Failure {
  if (error instanceof Failure) return error;
  if (error instanceof ProblemError) return refusalOf(error);
  if (error instanceof WaitTimeoutError)
    return new Failure("timeout", `${error.message}. It goes on.`, { next: [watch(error.execution.execution_id)] });
  if (error instanceof TransportError) return unreachableServer(error, url);
  if (error instanceof Error && error.name === "ZodError")
    return new Failure("server", `${url} answered what this command does not understand.`, {
      causes: ["The server and the command are of different versions."],
      next: [DOCTOR],
    });
  throw error;
}

const DOCTOR: Next = { command: "errand doctor", description: "looks at the settings, the server and the key" };

export function watch(id: string): Next {
  return { command: `errand executions watch ${id}`, description: "waits for its end" };
}

function refusalOf(error: ProblemError): Failure {
  const { status, code, detail, errors, requestId, executionId } = error;
  const kind = kindOf(status);
  // Of one fault the sentence says it all.
  const causes = errors.map(({ path, message }) => `${path}: ${message}`).filter((one) => !detail.includes(one));
  const shown: Next[] = executionId
    ? [{ command: `errand executions show ${executionId}`, description: "how the execution stands" }]
    : [];
  const next = [...shown, ...movesOf(error), ...nextBy(kind, code)];
  return new Failure(kind, withoutCalls(detail), { code, causes, requestId, next });
}

/** Without the last sentences of a refusal, where they name calls of the API: here commands are next. */
function withoutCalls(detail: string): string {
  return detail.replace(/(?<=[.?!]) [^.?!]*\b(?:(?:GET|POST|PUT|PATCH|DELETE) \/|Authorization: ).*$/s, "");
}

/** What the server says is possible now, as far as it is a command that needs no more than the id. */
function movesOf({ executionId, problem: { legal_moves: moves = [] } }: ProblemError): Next[] {
  if (executionId === undefined) return [];
  return moves
    .filter((move) => MOVES.includes(move))
    .map((move) => {
      const yes = move === "cancel" ? " --yes" : "";
      return { command: `errand executions ${move} ${executionId}${yes}`, description: "is possible as it stands" };
    });
}

const MOVES = ["pause", "resume", "cancel", "restart"];

function kindOf(status: number): FailureKind {
  if (status === 401 || status === 403) return "auth";
  if (status === 404) return "not_found";
  if (status === 429 || status >= 500) return "server";
  return status === 409 ? "failed" : "usage";
}

function nextBy(kind: FailureKind, code: string): Next[] {
  if (kind === "auth" || kind === "server") return [DOCTOR];
  return AGENTS_MISSING.includes(code) ? [{ command: "errand agents list", description: "what there is" }] : [];
}

const AGENTS_MISSING = ["agent_not_found", "target_not_found", "invalid_target"];

function unreachableServer({ message, cause }: TransportError, url: string): Failure {
  const isHere = /^https?:\/\/(localhost|127\.|\[::1\])/.test(url);
  const start: Next = { command: "errand dev", description: "serves the Worker of this folder" };
  return new Failure("network", `${url} does not answer.`, {
    causes: [...new Set([message, ...deeper(cause)])].filter(
      (one, at, all) => !all.some((other, n) => n < at && other.endsWith(one)),
    ),
    next: [...(isHere ? [start] : []), DOCTOR],
  });
}

/** `fetch failed` says little; its cause says more. */
function deeper(cause: unknown): string[] {
  if (!(cause instanceof Error)) return [];
  const { message, cause: below } = cause;
  return [...(message ? [message] : []), ...deeper(below)];
}
