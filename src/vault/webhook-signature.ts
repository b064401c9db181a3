import { createHmac, timingSafeEqual } from "node:crypto";

/** A signed timestamp may be this old, or this far ahead. */
const TOLERANCE_S = 300;
const STAMPED = /^t=(\d{1,12})((?:,\s*v1=[0-9a-fA-F]{64})+)$/;
const PLAIN = /^(?:sha256=)?([0-9a-fA-F]{64})$/;

interface Signature {
  readonly stampedAtMs?: number;
}

export interface SignedBody {
  readonly signature: string;
  readonly body: Uint8Array;
  readonly nowMs: number;
}

/**
 * What a signature that fits the body says: HMAC-SHA256 in hex, bare or as `sha256=HEX`; or `t=SECONDS,v1=HEX` over
 * `SECONDS.body`, no older than five minutes, which also says when it was made. `undefined` when it does not fit.
 * Compares in a time that does not tell how much of it was right.
 */
export function signatureOf(secret: string, { signature, body, nowMs }: SignedBody): Signature | undefined {
  const plain = PLAIN.exec(signature)?.[1];
  if (plain !== undefined) return isSame(createHmac("sha256", secret).update(body).digest(), plain) ? {} : undefined;
  const [, seconds, signatures = ""] = STAMPED.exec(signature) ?? [];
  if (seconds === undefined || Math.abs(nowMs / 1_000 - Number(seconds)) > TOLERANCE_S) return undefined;
  const wanted = createHmac("sha256", secret).update(`${seconds}.`).update(body).digest();
  // Several while a sender changes its secret: one of them has to fit.
  const fits = [...signatures.matchAll(/v1=([0-9a-fA-F]+)/g)].some(([, hex = ""]) => isSame(wanted, hex));
  return fits ? { stampedAtMs: Number(seconds) * 1_000 } : undefined;
}

function isSame(wanted: Buffer, hex: string): boolean {
  const given = Buffer.from(hex, "hex");
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}
