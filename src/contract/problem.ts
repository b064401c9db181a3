import { z } from "zod";
import type { FieldError, Refusal } from "../domain/fault.ts";
import { FAULTS } from "../domain/fault.ts";

/** RFC 9457, plus `error` and `message`, which clients of reference 2 read. */
export const Problem = z.object({
  type: z.string(),
  title: z.string(),
  status: z.number().int(),
  detail: z.string(),
  code: z.string(),
  retryable: z.boolean(),
  errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
  request_id: z.string(),
  error: z.string(),
  message: z.string(),
});
export type Problem = z.infer<typeof Problem>;

export function problemOf({ code, detail, errors }: Refusal, requestId: string): Problem {
  const { status, title, retryable, next } = FAULTS[code];
  const full = `${sentence(detail)} ${next}`;
  return {
    type: `/docs#${code}`,
    title,
    status,
    detail: full,
    code,
    retryable,
    ...(errors ? { errors: errors.map(({ path, message }: FieldError) => ({ path, message })) } : {}),
    request_id: requestId,
    error: code,
    message: full,
  };
}

function sentence(text: string): string {
  const first = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?]$/.test(first) ? first : `${first}.`;
}
