/** The signatures of a webhook that leaves. Receivers verify whichever form they know. */
import { createHash, createHmac } from "node:crypto";
import { isBase64 } from "../domain/values/base64.ts";

const PREFIX = "whsec_";

interface Unsigned {
  readonly id: string;
  readonly atMs: number;
  readonly body: string;
}

/** An id for one delivery, the same at each try, and no other delivery's of this deployment. */
export function webhookId(words: readonly string[]): string {
  return `msg_${createHash("sha256").update(JSON.stringify(words)).digest("base64url").slice(0, 24)}`;
}

/**
 * `X-AgentField-Signature`: HMAC-SHA256 of the body, in hex. `webhook-signature` (Standard Webhooks): of `id.seconds.body`, in
 * base64, with the secret's own bytes; and behind it, where the secret is base64 (with `whsec_` in front or not), with the
 * bytes that it stands for.
 */
export function signWebhook(secret: string | undefined, { id, atMs, body }: Unsigned): Record<string, string> {
  const seconds = String(Math.floor(atMs / 1_000));
  const stamp = { "webhook-id": id, "webhook-timestamp": seconds };
  if (secret === undefined) return stamp;
  const hex = createHmac("sha256", secret).update(body).digest("hex");
  const text = `${id}.${seconds}.${body}`;
  const keys = [Buffer.from(secret), ...decoded(secret)];
  const signatures = keys.map((key) => `v1,${createHmac("sha256", key).update(text).digest("base64")}`);
  return { ...stamp, "webhook-signature": signatures.join(" "), "x-agentfield-signature": `sha256=${hex}` };
}

function decoded(secret: string): Buffer[] {
  const text = secret.startsWith(PREFIX) ? secret.slice(PREFIX.length) : secret;
  return isBase64(text) ? [Buffer.from(text, "base64")] : [];
}
