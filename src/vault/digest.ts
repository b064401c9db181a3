import { createHash } from "node:crypto";

/** SHA-256 in base64url, cut to 128 bits: enough to tell two inputs apart, short enough to store with each entry. */
export function shortDigest(text: string): string {
  return createHash("sha256").update(text).digest("base64url").slice(0, 22);
}

/** SHA-256 in base64url, whole. */
export function bytesDigest(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("base64url");
}

/** Letters and digits only; `bytes` of randomness. */
export function randomToken(bytes: number): string {
  let token = "";
  for (const byte of crypto.getRandomValues(new Uint8Array(bytes))) token += byte.toString(16).padStart(2, "0");
  return token;
}
