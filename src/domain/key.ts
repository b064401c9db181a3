import { z } from "zod";
import type { Scope } from "./caller.ts";

/** No colon: an idempotency key is looked up as `tenant:key`, and two tenants must never spell one name. */
export const TenantId = z
  .string()
  .max(64)
  .regex(/^[a-z0-9][a-z0-9_-]*$/, "must match ^[a-z0-9][a-z0-9_-]*$");

/** What is kept of a key. The secret itself was shown once and is known by its hash alone. */
export interface KeyRecord {
  readonly id: string;
  /** SHA-256 of the secret. */
  readonly hash: string;
  readonly tenant: string;
  /** The user on whose behalf it acts. */
  readonly subject: string;
  readonly name: string;
  /** The first letters of the secret: enough to tell keys apart, too few to guess the rest. */
  readonly prefix: string;
  readonly scopes: readonly Scope[];
  /** Requests a minute; null is without limit. */
  readonly rateLimitPerMin: number | null;
  readonly createdAtMs: number;
  readonly createdBy: string;
  readonly revokedAtMs: number | null;
}
