/** Wires who may call: keys, stream tokens, rate limits, signed webhooks. */

import type { Result } from "../domain/fault.ts";
import { accept, refuse } from "../domain/fault.ts";
import type { KeyRecord } from "../domain/key.ts";
import type { Access } from "../http/app.ts";
import { RateLimit } from "../http/rate-limit.ts";
import { KeyRing } from "../operations/key-ring.ts";
import { Keys } from "../operations/keys.ts";
import type { ExecutionDoor } from "../operations/ports.ts";
import { StreamTokens } from "../operations/tokens.ts";
import { WebhookSignatures } from "../operations/webhook-signatures.ts";
import { findKey, hasKeys, insertKey, listKeys, revokeKey, settingOrFirst } from "../registry/keys.ts";
import { randomToken } from "../vault/digest.ts";
import { hashKey, isKeyShaped, isSameSecret, newKeySecret } from "../vault/keys.ts";
import type { Sealer } from "../vault/vault.ts";
import { signatureOf } from "../vault/webhook-signature.ts";
import type { Env } from "./env.ts";
import { modeOf } from "./env.ts";
import { registriesOf } from "./registries.ts";

/** One ring an isolate: the actors in it believe a key no longer than the router does. */
const rings = new WeakMap<Env, KeyRing>();
export function keyRingOf(env: Env): KeyRing {
  const { REGISTRY: registry, ERRAND_ROOT_KEY: rootKey } = env;
  let ring = rings.get(env);
  if (!ring) {
    ring = new KeyRing({
      store: { find: (hash) => findKey(registry, hash), any: () => hasKeys(registry) },
      vault: { isKeyShaped, hashKey, isSameSecret },
      rootKey,
      now: () => Date.now(),
    });
    rings.set(env, ring);
  }
  return ring;
}

export function accessOf(env: Env, { door, texts }: { readonly door: ExecutionDoor; readonly texts: Sealer }): Access {
  const { REGISTRY: registry, ERRAND_TOKEN_SECRET, ERRAND_WEBHOOK_SECRET: webhookSecret } = env;
  // There is one webhook secret a deployment: it speaks for the tenant that the deployment itself acts for.
  const tenant = modeOf(env) === "open" ? "local" : "default";
  const stampedOnly = env.ERRAND_WEBHOOK_STAMPED === "required";
  const now = () => Date.now();
  const keyRing = keyRingOf(env);
  const store = {
    insert: async (record: KeyRecord): Promise<Result<null>> => {
      const place = await registriesOf(env).place(record.tenant);
      if (place === undefined) return refuse("index_full", "every database of the index is at least 90 % full");
      await insertKey(registry, record, place);
      return accept(null);
    },
    list: (tenant: string, page: Parameters<typeof listKeys>[2]) => listKeys(registry, tenant, page),
    revoke: (which: Parameters<typeof revokeKey>[1], atMs: number) => revokeKey(registry, which, atMs),
  };
  const newId = () => `key_${randomToken(8)}`;
  let tokenSecret = ERRAND_TOKEN_SECRET;
  return {
    keyRing,
    keys: new Keys({ store, ring: keyRing, vault: { newKeySecret, hashKey }, newId, now }),
    leaveParts: { ring: keyRing, now },
    streamTokens: new StreamTokens({ door, ring: keyRing, now }),
    tokenSecret: async () => {
      if (tokenSecret !== undefined) return tokenSecret;
      const place = "settings token_secret";
      const stored = await settingOrFirst(registry, "token_secret", texts.sealText(randomToken(32), place));
      tokenSecret = texts.openText(stored, place);
      return tokenSecret;
    },
    rateLimit: new RateLimit(now),
    webhooks: new WebhookSignatures({ secret: webhookSecret, tenant, stampedOnly, signatureOf, now }),
  };
}
