/** Wires who may call: keys, stream tokens, rate limits, signed webhooks. */
import { requestWindowsClient } from "../actors/platform/polling-agent-client.ts";
import type { KeyRecord } from "../domain/execution/key.ts";
import type { Result } from "../domain/values/fault.ts";
import { accept, refuse } from "../domain/values/fault.ts";
import type { Access } from "../http/requests/app.ts";
import { ApiKeyAuthenticator } from "../operations/access/api-key-authenticator.ts";
import { Keys } from "../operations/access/keys.ts";
import { RateLimit } from "../operations/access/rate-limit.ts";
import { StreamTokens } from "../operations/access/tokens.ts";
import { WebhookSignatures } from "../operations/access/webhook-signatures.ts";
import { AgentQuota } from "../operations/polling-agents/agent-quota.ts";
import type { ExecutionClient } from "../operations/ports.ts";
import { nearestCopyOf } from "../registry/databases/read-replicas.ts";
import {
  findKey,
  hasKeys,
  insertKey,
  keysInForceOf,
  listKeys,
  revokeKey,
  settingOrFirst,
} from "../registry/settings/keys.ts";
import { randomToken } from "../vault/digest.ts";
import { hashKey, isKeyShaped, isSameSecret, newKeySecret } from "../vault/keys.ts";
import type { Sealer } from "../vault/vault.ts";
import { signatureOf } from "../vault/webhook-signature.ts";
import type { Env } from "./environment/env.ts";
import { modeOf } from "./environment/env.ts";
import { registriesOf } from "./environment/registries.ts";

/** One ring an isolate: the actors in it believe a key no longer than the router does. */
const rings = new WeakMap<Env, ApiKeyAuthenticator>();
export function authenticatorOf(env: Env): ApiKeyAuthenticator {
  const { REGISTRY: registry, ERRAND_ROOT_KEY: rootKey } = env;
  const near = env.ERRAND_READ_REPLICAS === "on" ? nearestCopyOf(registry) : undefined;
  let ring = rings.get(env);
  if (!ring) {
    ring = new ApiKeyAuthenticator({
      store: {
        find: (hash) => findKey(registry, hash),
        findNear: near && ((hash) => findKey(near(), hash)),
        any: () => hasKeys(registry),
      },
      vault: { isKeyShaped, hashKey, isSameSecret },
      rootKey,
      now: () => Date.now(),
    });
    rings.set(env, ring);
  }
  return ring;
}

export function accessOf(
  env: Env,
  { client, texts }: { readonly client: ExecutionClient; readonly texts: Sealer },
): Access {
  const { REGISTRY: registry, ERRAND_TOKEN_SECRET, ERRAND_WEBHOOK_SECRET: webhookSecret } = env;
  // There is one webhook secret a deployment: it speaks for the tenant that the deployment itself acts for.
  const tenant = modeOf(env) === "open" ? "local" : "default";
  const stampedOnly = env.ERRAND_WEBHOOK_STAMPED === "required";
  const now = () => Date.now();
  const authenticator = authenticatorOf(env);
  const store = {
    insert: async (record: KeyRecord): Promise<Result<null>> => {
      const place = await registriesOf(env).place(record.tenant);
      if (place === undefined) return refuse("index_full", "every database of the index is at least 90 % full");
      await insertKey(registry, record, place);
      return accept(null);
    },
    inForceOf: (tenant: string, subject: string) => keysInForceOf(registry, tenant, subject),
    list: (tenant: string, page: Parameters<typeof listKeys>[2]) => listKeys(registry, tenant, page),
    revoke: (which: Parameters<typeof revokeKey>[1], atMs: number) => revokeKey(registry, which, atMs),
  };
  const newId = () => `key_${randomToken(8)}`;
  let tokenSecret = ERRAND_TOKEN_SECRET;
  return {
    authenticator,
    keys: new Keys({ store, ring: authenticator, vault: { newKeySecret, hashKey }, newId, now }),
    leaveParts: { ring: authenticator, now },
    streamTokens: new StreamTokens({ client, ring: authenticator, now }),
    tokenSecret: async () => {
      if (tokenSecret !== undefined) return tokenSecret;
      const place = "settings token_secret";
      const stored = await settingOrFirst(registry, "token_secret", texts.sealText(randomToken(32), place));
      tokenSecret = texts.openText(stored, place);
      return tokenSecret;
    },
    rateLimit: new AgentQuota({ memory: new RateLimit(now), windows: requestWindowsClient(env.NODES), now }),
    webhooks: new WebhookSignatures({ secret: webhookSecret, tenant, stampedOnly, signatureOf, now }),
  };
}
