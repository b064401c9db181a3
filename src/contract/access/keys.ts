/** Keys on the wire. A key itself is in `NewKeyBody` alone, once. */
import * as z from "zod";
import type { KeyRecord } from "../../domain/execution/key.ts";
import { TenantId } from "../../domain/execution/key.ts";
import { Scope } from "../../domain/execution/principal.ts";
import { cursorText } from "../cursors.ts";
import { numberText } from "../query-values.ts";
import { iso } from "../wire.ts";

/** Visible characters: a subject and a name are shown in logs and lists. */
const Label = z
  .string()
  .min(1)
  .max(256)
  .regex(/^[^\p{C}]+$/u, "must hold no control characters");

export const KeyRequest = z.object({
  name: Label.describe("What people tell it by."),
  scopes: z.array(Scope).min(1).max(Scope.options.length).describe("`admin` implies the others."),
  subject: Label.optional().describe("The user it acts for; default: the caller."),
  rate_limit_per_min: z
    .number()
    .int()
    .min(1)
    .max(1_000_000)
    .optional()
    .describe("At most that of the key that makes it, which is also the default; requests count towards both."),
  masked: z
    .boolean()
    .optional()
    .describe(
      "A viewer's key: it reads e-mail addresses and phone numbers masked. A masked key makes masked keys only.",
    ),
  tenant: TenantId.optional().describe("Another tenant than one's own: only for who runs the deployment."),
});

const CursorText = cursorText(/^(\d{1,15})~(key_[0-9a-f]{1,64})$/);

export const KeysQuery = z.object({
  limit: numberText(z.number().int().min(1).max(200)).default(25),
  cursor: CursorText.optional().describe("next_cursor of the page before."),
  tenant: TenantId.optional().describe("Another tenant than one's own: only for who runs the deployment."),
});

export const KeyBody = z.object({
  key_id: z.string(),
  name: z.string(),
  prefix: z.string().describe("The first letters of the key."),
  tenant: z.string(),
  subject: z.string(),
  scopes: z.array(Scope),
  rate_limit_per_min: z.number().nullable(),
  masked: z.boolean(),
  created_at: z.iso.datetime(),
  created_by: z.string(),
  revoked_at: z.iso.datetime().nullable(),
});
export const NewKeyBody = KeyBody.extend({ key: z.string().describe("The key. It is shown here and never again.") });
export const KeyList = z.object({ items: z.array(KeyBody), next_cursor: z.string().nullable() });

export function keyBody(record: KeyRecord): z.infer<typeof KeyBody> {
  return {
    key_id: record.id,
    name: record.name,
    prefix: record.prefix,
    tenant: record.tenant,
    subject: record.subject,
    scopes: [...record.scopes],
    rate_limit_per_min: record.rateLimitPerMin,
    masked: record.masked ?? false,
    created_at: iso(record.createdAtMs),
    created_by: record.createdBy,
    revoked_at: record.revokedAtMs === null ? null : iso(record.revokedAtMs),
  };
}
