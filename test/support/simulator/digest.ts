import { createHash } from "node:crypto";

/** As a deployment makes its digests. */
export function digestOf(text: string): string {
  return createHash("sha256").update(text).digest("base64url").slice(0, 22);
}
