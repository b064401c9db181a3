/** Signed webhooks, both ways: `X-Webhook-Signature: sha256=HEX`, the HMAC-SHA256 of the raw body. */
import { createHmac, timingSafeEqual } from "node:crypto";

export const SIGNATURE = "x-webhook-signature";

export function signatureOf(body: string | Buffer, secret: string): string {
  return `sha256=${createHmac("sha256", secret).update(body).digest("hex")}`;
}

export function isSigned(body: Buffer, secret: string, sent: string | undefined): boolean {
  const expected = Buffer.from(signatureOf(body, secret));
  const given = Buffer.from(sent ?? "");
  return given.length === expected.length && timingSafeEqual(given, expected);
}
