import { createHash, createHmac } from "node:crypto";

/** SHA-256 in base64url, cut to 128 bits: enough to tell two inputs apart, short enough to store with each entry. */
export function shortDigest(text: string): string {
  return createHash("sha256").update(text).digest("base64url").slice(0, 22);
}

/** SHA-256 in base64url, whole. */
export function bytesDigest(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("base64url");
}

/** SHA-256 in hex, whole. */
export function hexDigest(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

/** Letters and digits only; `bytes` of randomness. */
export function randomToken(bytes: number): string {
  let token = "";
  for (const byte of crypto.getRandomValues(new Uint8Array(bytes))) token += byte.toString(16).padStart(2, "0");
  return token;
}

/** The first 8 bytes of HMAC-SHA256 in hex: a forger has to try 2^63 times for one that fits. */
export function keyedCheck(secret: string, text: string): string {
  return createHmac("sha256", secret).update(text).digest("hex").slice(0, 16);
}

/**
 * What tells a tenant's nodes that a call is this deployment's: the configured secret for the tenant `default`, whose nodes are the
 * operator's, and for any other one its HMAC-SHA256 of the tenant's name, in hex. Users of one tenant, whose nodes hear their
 * own, cannot call another's with it.
 */
export function nodeToken(secret: string | undefined, tenant: string): string | undefined {
  if (secret === undefined || tenant === "default") return secret;
  return createHmac("sha256", secret).update(tenant).digest("hex");
}
