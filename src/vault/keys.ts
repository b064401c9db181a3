import { createHash, randomBytes, timingSafeEqual } from "node:crypto";

const SECRET_BYTES = 32;
const SHAPE = /^errand_[A-Za-z0-9_-]{43}$/;

/** 256 random bits: `errand_` and 43 letters of base64url. */
export function newKeySecret(): string {
  return `errand_${randomBytes(SECRET_BYTES).toString("base64url")}`;
}

/** Whether a text can be a key of ours at all; spares the look-up of what cannot. */
export function isKeyShaped(text: string): boolean {
  return SHAPE.test(text);
}

/** SHA-256, whole. Fast on purpose: there is nothing to guess in 256 random bits. */
export function hashKey(secret: string): string {
  return createHash("sha256").update(secret).digest("base64url");
}

/** Compares in a time that does not tell how much of it was right. */
export function isSameSecret(given: string, known: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(given), digest(known));
}
