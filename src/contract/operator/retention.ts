/** How long ended executions are kept, on the wire. */
import * as z from "zod";
import type { RetentionPolicy } from "../../domain/execution/retention.ts";
import { END_STATUSES, KeptDays, keptDays, retentionMsOf } from "../../domain/execution/retention.ts";
import { BODY_BYTES } from "../body-limits.ts";
import { endpoint } from "../endpoint.ts";
import { answer, body, entry, V1 } from "../endpoint-parts.ts";

const days = KeptDays.nullable()
  .optional()
  .describe('Days from the end, parts of a day too, or "forever". Without it, or null: as the deployment says.');

/** Strict: a misspelt status would be kept as the deployment says. */
export const RetentionRequest = z
  .strictObject({ succeeded: days, failed: days, cancelled: days, timeout: days })
  .transform((given): RetentionPolicy => {
    const said = Object.entries(given).filter(([, kept]) => kept !== null && kept !== undefined);
    return Object.fromEntries(said);
  });

const Kept = z.object({
  days: KeptDays,
  own: z.boolean().describe("True: the tenant said so. False: the deployment."),
});
export const RetentionBody = z.object({ succeeded: Kept, failed: Kept, cancelled: Kept, timeout: Kept });

export function retentionBody(policy: RetentionPolicy, usualMs: number): z.infer<typeof RetentionBody> {
  const kept = END_STATUSES.map((status) => {
    const own = policy[status] !== undefined;
    return [status, { days: keptDays(retentionMsOf(policy, status, usualMs)), own }];
  });
  return RetentionBody.parse(Object.fromEntries(kept));
}

const shared = { path: `${V1}/retention`, tag: "Operations", scope: "admin" } as const;

export const RETENTION_ENDPOINTS = {
  getRetention: endpoint({
    ...shared,
    id: "getRetention",
    method: "GET",
    summary: "How long the tenant's ended executions are kept, by status",
    answers: { 200: answer("Days from the end", RetentionBody) },
    faults: entry,
  }),
  setRetention: endpoint({
    ...shared,
    id: "setRetention",
    method: "PUT",
    summary: "Say how long the tenant's ended executions are kept, by status; replaces what was said before",
    body: RetentionRequest,
    bodyBytes: BODY_BYTES.small,
    answers: { 200: answer("As it is from now on", RetentionBody) },
    faults: [...entry, ...body],
  }),
} as const;
