import { createHash, randomBytes } from "node:crypto";

/** SHA-256 in base64url, cut to 128 bits: enough to tell two inputs apart, short enough to store with each entry. */
export function shortDigest(text: string): string {
  return createHash("sha256").update(text).digest("base64url").slice(0, 22);
}

/** Letters and digits only; `bytes` of randomness. */
export function randomToken(bytes: number): string {
  return randomBytes(bytes).toString("hex");
}
