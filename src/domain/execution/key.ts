import * as z from "zod";
import type { Scope } from "./principal.ts";

/**
 * No colon: an idempotency key is looked up as `tenant:key`, and two tenants must never spell one name. A point stands behind a
 * jurisdiction only.
 */
export const TenantId = z
  .string()
  .max(64)
  .regex(/^(?:(?:eu|us)\.)?[a-z0-9][a-z0-9_-]*$/, "must match ^((eu|us)\\.)?[a-z0-9][a-z0-9_-]*$");

/** Subjects under which the runtime itself acts: no key of a user's may sign as one of them. */
export const SYSTEM_SUBJECTS: ReadonlySet<string> = new Set([
  "system",
  "webhook",
  "root",
  "parent",
  "program",
  "probe",
]);

/** So many requests a minute, counted for the key of this hash. */
export interface KeyLimit {
  readonly hash: string;
  readonly perMin: number;
}

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
  /** Limits of the keys that made it: its requests count towards them too. */
  readonly drawsOn?: readonly KeyLimit[];
  /** A viewer's key. Absent is false. */
  readonly masked?: boolean;
  readonly createdAtMs: number;
  readonly createdBy: string;
  readonly revokedAtMs: number | null;
}
