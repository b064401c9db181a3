import { createHmac, timingSafeEqual } from "node:crypto";

/** A signed timestamp may be this old, or this far ahead. */
const TOLERANCE_S = 300;
const STAMPED = /^t=(\d{1,12})((?:,\s*v1=[0-9a-fA-F]{64})+)$/;
const PLAIN = /^(?:sha256=)?([0-9a-fA-F]{64})$/;

export interface SignedBody {
  readonly signature: string;
  readonly body: Uint8Array;
  readonly nowMs: number;
}

/**
 * Whether a signature fits the body: HMAC-SHA256 in hex, bare or as `sha256=HEX`; or `t=SECONDS,v1=HEX` over
 * `SECONDS.body`, no older than five minutes. Compares in a time that does not tell how much of it was right.
 */
export function isSigned(secret: string, { signature, body, nowMs }: SignedBody): boolean {
  const plain = PLAIN.exec(signature)?.[1];
  if (plain !== undefined) return isSame(createHmac("sha256", secret).update(body).digest(), plain);
  const [, seconds, signatures = ""] = STAMPED.exec(signature) ?? [];
  if (seconds === undefined || Math.abs(nowMs / 1_000 - Number(seconds)) > TOLERANCE_S) return false;
  const wanted = createHmac("sha256", secret).update(`${seconds}.`).update(body).digest();
  // Several while a sender changes its secret: one of them has to fit.
  return [...signatures.matchAll(/v1=([0-9a-fA-F]+)/g)].some(([, hex = ""]) => isSame(wanted, hex));
}

function isSame(wanted: Buffer, hex: string): boolean {
  const given = Buffer.from(hex, "hex");
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}
