/**
 * From a secret to who holds it. Knows the keys that this isolate has seen lately, and the root key of the deployment.
 *
 * - A good key is believed for 30 s from the moment its look-up began: so long may a revocation take at most. Its principal
 *   carries this moment, so code that sends data to this caller later checks the key again.
 * - Where keys are read off copies of the registry a key that is new to this isolate is looked up nearby, and believed for 5 s; what a
 *   copy does not have, and each later look-up, is asked of the primary. So a copy that lags lets a revoked key in for 5 s at most.
 * - A bad one is refused for 5 s without looking again. Bad keys never push good ones out.
 * - While the registry does not answer, a key that was good goes on being good for 15 minutes since it was last looked up:
 *   nothing can be revoked either as long as no row can be written. All others hear 503, not 200 and not 401.
 */
import type { KeyLimit, KeyRecord } from "../../domain/execution/key.ts";
import type { KeyInForce, Principal } from "../../domain/execution/principal.ts";
import type { Result } from "../../domain/values/fault.ts";
import { accept, refuse } from "../../domain/values/fault.ts";
import { LruCache } from "../../domain/values/lru-cache.ts";

const GOOD_FOR_MS = 30_000;
const NEAR_FOR_MS = 5_000;
const BAD_FOR_MS = 5_000;
/** How long a good key is believed while it cannot be looked up, and how often that is tried. */
const KNOWN_FOR_MS = 900_000;
const TRIED_AGAIN_MS = 5_000;
const MOST_GOOD = 2_000;
const MOST_BAD = 2_000;
/** Shorter root keys are ignored: a person could have made them up. */
const SHORTEST_ROOT_KEY = 32;

export interface KeyHolder {
  readonly caller: Principal;
  /** Undefined for the root key and for the local user of open mode, who cannot be revoked. */
  readonly keyHash?: string;
  readonly rateLimitPerMin?: number;
  /** Limits of the keys that made it. */
  readonly drawsOn?: readonly KeyLimit[];
  /** Runs the deployment: may make keys for any tenant. */
  readonly operator: boolean;
}

export interface ApiKeyAuthenticatorParts {
  readonly store: {
    find(hash: string): Promise<KeyRecord | undefined>;
    /** Off the nearest copy of the registry; absent where there is none. */
    findNear?: ((hash: string) => Promise<KeyRecord | undefined>) | undefined;
    any(): Promise<boolean>;
  };
  readonly vault: {
    isKeyShaped(text: string): boolean;
    hashKey(secret: string): string;
    isSameSecret(given: string, known: string): boolean;
  };
  readonly rootKey: string | undefined;
  readonly now: () => number;
}

const ROOT: KeyHolder = { caller: { tenant: "default", subject: "root", scopes: ["admin"] }, operator: true };
const UNKNOWN = refuse("unauthorized", "this key is not known here, or it was revoked");

export class ApiKeyAuthenticator {
  readonly #parts: ApiKeyAuthenticatorParts;
  readonly #good = new LruCache<string, KeyHolder>(MOST_GOOD);
  /** Good keys as they were last looked up. */
  readonly #known = new LruCache<string, KeyRecord>(MOST_GOOD);
  readonly #bad = new LruCache<string, true>(MOST_BAD);
  /** Revoked here: a copy may not have heard of it. */
  readonly #revoked = new LruCache<string, true>(MOST_BAD);
  #hasKeys = false;
  #lookedForKeysAtMs = Number.NEGATIVE_INFINITY;

  constructor(parts: ApiKeyAuthenticatorParts) {
    this.#parts = parts;
  }

  async holderOf(secret: string): Promise<Result<KeyHolder>> {
    const { vault, now } = this.#parts;
    const hash = vault.isKeyShaped(secret) ? vault.hashKey(secret) : undefined;
    // A comparison with the root key costs two more digests: only a caller whose key is not among the known ones pays them.
    const known = hash === undefined ? undefined : this.#good.get(hash, now());
    if (known) return accept(known);
    const rootKey = this.#rootKey();
    if (rootKey !== undefined && vault.isSameSecret(secret, rootKey)) return accept(ROOT);
    if (hash === undefined) return refuse("unauthorized", "what was sent has not the form of a key");
    return this.holderOfHash(hash);
  }

  async holderOfHash(hash: string): Promise<Result<KeyHolder>> {
    const startedAtMs = this.#parts.now();
    const known = this.#good.get(hash, startedAtMs);
    if (known) return accept(known);
    if (this.#bad.get(hash, startedAtMs)) return UNKNOWN;
    let record: KeyRecord | undefined;
    let near: KeyRecord | undefined;
    try {
      near = await this.#nearby(hash, startedAtMs);
      record = near ?? (await this.#parts.store.find(hash));
    } catch {
      return this.#unanswered(hash, startedAtMs);
    }
    if (!record || record.revokedAtMs !== null) {
      this.#known.delete(hash);
      this.#bad.set(hash, true, startedAtMs + BAD_FOR_MS);
      return UNKNOWN;
    }
    this.#known.set(hash, record, startedAtMs + KNOWN_FOR_MS);
    return accept(this.#believe(record, startedAtMs + (near ? NEAR_FOR_MS : GOOD_FOR_MS)));
  }

  /** Of a key that is new to this isolate; a copy that is away is none. */
  async #nearby(hash: string, nowMs: number): Promise<KeyRecord | undefined> {
    const { findNear } = this.#parts.store;
    if (!findNear || this.#known.get(hash, nowMs) || this.#revoked.get(hash)) return undefined;
    return findNear(hash).catch(() => undefined);
  }

  #unanswered(hash: string, nowMs: number): Result<KeyHolder> {
    const record = this.#known.get(hash, nowMs);
    if (!record) return refuse("unavailable", "the registry of keys did not answer");
    return accept(this.#believe(record, nowMs + TRIED_AGAIN_MS));
  }

  #believe(record: KeyRecord, untilMs: number): KeyHolder {
    const holder = holderFrom(record, untilMs);
    this.#good.set(record.hash, holder, untilMs);
    return holder;
  }

  /** Whether the key of this hash is in force, and until when that is believed. */
  async keyOfHash(hash: string): Promise<Result<KeyInForce>> {
    const holder = await this.holderOfHash(hash);
    if (!holder.ok) return holder;
    const { key } = holder.value.caller;
    return key ? accept(key) : UNKNOWN;
  }

  /** At once in this isolate; the others within the time that the head of this file names. */
  forget(hash: string): void {
    this.#good.delete(hash);
    this.#known.delete(hash);
    this.#revoked.set(hash, true);
  }

  /** What a caller without a key is told; on a fresh deployment, how to make the first one. */
  async noKey(): Promise<string> {
    if (this.#rootKey() !== undefined || (await this.#anyKey())) {
      return "this deployment answers only to keys, and none was sent";
    }
    const short =
      this.#parts.rootKey === undefined ? "" : `ERRAND_ROOT_KEY is ignored: it needs ${SHORTEST_ROOT_KEY} characters. `;
    return (
      `${short}This deployment has no key yet. Create the first: (1) npx wrangler d1 migrations apply errand --remote; ` +
      "(2) openssl rand -base64 32, and keep what it prints; (3) npx wrangler secret put ERRAND_ROOT_KEY, and paste it; " +
      '(4) POST /api/v1/keys with Authorization: Bearer THAT_TEXT and the body {"name":"first","scopes":["admin"]}: ' +
      "the answer shows the key, once"
    );
  }

  #rootKey(): string | undefined {
    const { rootKey } = this.#parts;
    return rootKey !== undefined && rootKey.length >= SHORTEST_ROOT_KEY ? rootKey : undefined;
  }

  /** Once there is a key there always is a row of it; until then D1 is asked every 5 s at most. */
  async #anyKey(): Promise<boolean> {
    const now = this.#parts.now();
    if (this.#hasKeys || now - this.#lookedForKeysAtMs < BAD_FOR_MS) return this.#hasKeys;
    this.#lookedForKeysAtMs = now;
    this.#hasKeys = await this.#parts.store.any().catch(() => true);
    return this.#hasKeys;
  }
}

function holderFrom(
  { tenant, subject, scopes, hash, rateLimitPerMin, drawsOn = [], masked }: KeyRecord,
  untilMs: number,
): KeyHolder {
  return {
    caller: { tenant, subject, scopes, key: { hash, untilMs }, ...(masked ? { masked } : {}) },
    keyHash: hash,
    drawsOn,
    ...(rateLimitPerMin === null ? {} : { rateLimitPerMin }),
    operator: false,
  };
}
