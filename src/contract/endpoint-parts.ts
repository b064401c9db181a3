/** What the rows of the endpoint table share. */
import type { z } from "zod";

export const V1 = "/api/v1";
export const ONE = `${V1}/executions/{id}`;

export const answer = (description: string, schema: z.ZodType) => ({ description, schema });

/** What any call with a key may be refused with. */
export const entry = ["unauthorized", "forbidden_scope", "rate_limited"] as const;
export const read = [...entry, "not_found"] as const;
/** What any body may be refused with. */
export const body = ["invalid_json", "invalid_input", "payload_too_large", "unsupported_media_type"] as const;
export const change = [...read, ...body, "invalid_state", "storage_full", "storage_unavailable"] as const;
export const start = [
  ...change,
  "invalid_form",
  "unsupported_file",
  "unavailable",
  "invalid_target",
  "target_not_found",
  "node_unavailable",
  "idempotency_mismatch",
  "parent_refused",
  "overloaded",
  "too_many_open",
  "too_many_waits",
] as const;
