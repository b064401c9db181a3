/** Refusals on the wire: RFC 9457 problems, and the shape that a refused start has. */
import * as z from "zod";
import type { FaultCode, FieldError, Refusal } from "../domain/values/fault.ts";
import { FAULTS } from "../domain/values/fault.ts";

/** RFC 9457, plus `error` and `message`, which clients of AgentField read. */
export const Problem = z.object({
  type: z.string(),
  title: z.string(),
  status: z.number().int(),
  detail: z.string(),
  code: z.string(),
  retryable: z.boolean(),
  errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
  open_approvals: z
    .array(z.object({ id: z.string(), gate_id: z.string(), digest: z.string() }))
    .optional()
    .describe("Of `approval_id_required`: what could have been meant, 50 at most."),
  legal_moves: z
    .array(z.string())
    .optional()
    .describe("Of a command that does not fit (409): what is possible now, each as POST /api/v1/executions/{id}/MOVE."),
  request_id: z.string(),
  execution_id: z
    .string()
    .optional()
    .describe(
      "The execution that refused, or that may have begun before something broke: read it before you repeat a start.",
    ),
  error: z.string(),
  message: z.string(),
});
export type Problem = z.infer<typeof Problem>;

/** What a caller sent comes back in a problem in part only: keys and names may be as long as the body. */
const MOST_ERRORS = 50;
const MOST_APPROVALS = 50;
const LONGEST_DETAIL = 1_000;
const LONGEST_PATH = 200;
/** Nothing of a caller is in it: all faults of a deployment, with the lines to paste. */
const LONGEST_MISCONFIGURED = 16_000;

export function problemOf(refusal: Refusal, requestId: string): Problem {
  const { code, detail, errors, open, executionId, moves } = refusal;
  const { status, title, retryable, next } = FAULTS[code];
  const possible = moves ? `Possible while it is ${moves.status}: ${moves.possible.join(", ")}. ` : "";
  const longest = code === "misconfigured" ? LONGEST_MISCONFIGURED : LONGEST_DETAIL;
  const full = `${sentence(cut(detail, longest))} ${possible}${next}`;
  return {
    type: `/docs#${code}`,
    title,
    status,
    detail: full,
    code,
    retryable,
    ...(errors ? { errors: errors.slice(0, MOST_ERRORS).map(shown) } : {}),
    ...(open ? { open_approvals: open.slice(0, MOST_APPROVALS).map(openBody) } : {}),
    ...(moves ? { legal_moves: [...moves.possible] } : {}),
    request_id: requestId,
    ...(executionId === undefined ? {} : { execution_id: executionId }),
    error: code,
    message: full,
  };
}

function openBody({ id, gateId, digest }: NonNullable<Refusal["open"]>[number]) {
  return { id, gate_id: gateId, digest };
}

function shown({ path, message }: FieldError): FieldError {
  return { path: cut(path, LONGEST_PATH), message: cut(message, LONGEST_DETAIL) };
}

function cut(text: string, length: number): string {
  return text.length > length ? `${text.slice(0, length)}…` : text;
}

function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}

/** The shape of `executeProblemOf`. */
export const ExecuteProblem = Problem.extend({
  status: z.literal("failed"),
  error_category: z.string(),
  fault: z.string(),
});

/** AgentField's words for the same faults. A fault that is not in this list is `internal_error` there. */
const CATEGORY: Partial<Record<FaultCode, string>> = {
  target_not_found: "target_not_found",
  overloaded: "concurrency_limit",
  unavailable: "node_unavailable",
  node_unavailable: "node_unavailable",
};

/**
 * On execute the fields that AgentField's callers read win where the two shapes clash: `status` is the execution's word
 * and `error` a text; the fault code is in `fault` (and stays in `code`).
 */
export function executeProblemOf(refusal: Refusal, requestId: string) {
  const problem = problemOf(refusal, requestId);
  return {
    ...problem,
    status: "failed",
    error: cut(refusal.detail, LONGEST_DETAIL),
    error_category: CATEGORY[refusal.code] ?? "internal_error",
    fault: refusal.code,
  };
}
