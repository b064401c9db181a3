/** Who calls when a webhook is signed: a caller without a key that knows this deployment's webhook secret. */
import type { Principal } from "../../domain/execution/principal.ts";
import type { Result } from "../../domain/values/fault.ts";
import { accept, refuse } from "../../domain/values/fault.ts";
import type { KeyHolder } from "./api-key-authenticator.ts";

/** The first of these that was sent counts. */
export const SIGNATURE_HEADERS = ["x-hax-signature", "x-webhook-signature", "x-hub-signature-256"] as const;

export interface WebhookParts {
  readonly secret: string | undefined;
  /** The tenant that the secret speaks for: there is one secret a deployment; callers of other tenants have keys. */
  readonly tenant: string;
  /** A bare signature says nothing about when it was made, and is refused. */
  readonly stampedOnly: boolean;
  readonly signatureOf: (
    secret: string,
    signed: { readonly signature: string; readonly body: Uint8Array; readonly nowMs: number },
  ) => Principal["signed"];
  readonly now: () => number;
}

export class WebhookSignatures {
  readonly #parts: WebhookParts;

  constructor(parts: WebhookParts) {
    this.#parts = parts;
  }

  holderOf(signature: string | undefined, body: Uint8Array): Result<KeyHolder> {
    const { secret, tenant, stampedOnly, signatureOf, now } = this.#parts;
    if (!secret) return refuse("webhooks_not_configured", "signed webhooks cannot be checked here");
    if (signature === undefined)
      return refuse("invalid_signature", `no signature was sent in ${SIGNATURE_HEADERS.join(", ")}`);
    const signed = signatureOf(secret, { signature, body, nowMs: now() });
    if (!signed)
      return refuse(
        "invalid_signature",
        "the signature does not fit this body, or its timestamp is over five minutes off",
      );
    if (stampedOnly && signed.stampedAtMs === undefined)
      return refuse(
        "invalid_signature",
        "this deployment takes stamped signatures only (ERRAND_WEBHOOK_STAMPED): t=SECONDS,v1=HEX over SECONDS.body",
      );
    return accept({ caller: { tenant, subject: "webhook", scopes: ["admin"], signed }, operator: false });
  }
}
