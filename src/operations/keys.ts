/** Making, listing and revoking keys. A key is shown once, when it is made; afterwards only its hash is anywhere. */
import type { z } from "zod";
import type { KeyRequest, KeysQuery } from "../contract/access/keys.ts";
import { keyCursorOf } from "../contract/access/keys.ts";
import type { KeyRecord } from "../domain/execution/key.ts";
import { firstPage } from "../domain/read-models/page-room.ts";
import type { Cursor } from "../domain/read-models/summary.ts";
import type { Result } from "../domain/values/fault.ts";
import { accept, refuse } from "../domain/values/fault.ts";
import type { ApiKeyAuthenticator, KeyHolder } from "./api-key-authenticator.ts";
import { madeBy, tenantMeant } from "./minting.ts";

/** `errand_` and six letters: 36 of 256 bits. */
const PREFIX_LENGTH = 13;

interface KeyStore {
  /** Makes the tenant too, when this is its first key; refused when no database has room for another tenant. */
  insert(record: KeyRecord): Promise<Result<null>>;
  list(tenant: string, page: { readonly limit: number; readonly from: Cursor | undefined }): Promise<KeyRecord[]>;
  /** With `tenant`, only a key of that tenant. */
  revoke(
    which: { readonly id: string; readonly tenant: string | undefined },
    atMs: number,
  ): Promise<KeyRecord | undefined>;
}

export interface KeysParts {
  readonly store: KeyStore;
  readonly ring: Pick<ApiKeyAuthenticator, "forget">;
  readonly vault: { newKeySecret(): string; hashKey(secret: string): string };
  readonly newId: () => string;
  readonly now: () => number;
}

export class Keys {
  readonly #parts: KeysParts;

  constructor(parts: KeysParts) {
    this.#parts = parts;
  }

  async create(
    holder: KeyHolder,
    request: z.infer<typeof KeyRequest>,
  ): Promise<Result<{ readonly record: KeyRecord; readonly secret: string }>> {
    const made = madeBy(holder, request);
    if (!made.ok) return made;
    const { vault, store, newId, now } = this.#parts;
    const secret = vault.newKeySecret();
    const record: KeyRecord = {
      ...made.value,
      id: newId(),
      hash: vault.hashKey(secret),
      name: request.name,
      prefix: secret.slice(0, PREFIX_LENGTH),
      createdAtMs: now(),
      createdBy: holder.caller.subject,
      revokedAtMs: null,
    };
    const kept = await store.insert(record);
    if (!kept.ok) return kept;
    return accept({ record, secret });
  }

  async list(
    holder: KeyHolder,
    query: z.infer<typeof KeysQuery>,
  ): Promise<Result<{ readonly records: readonly KeyRecord[]; readonly nextCursor: string | null }>> {
    const tenant = tenantMeant(holder, query.tenant);
    if (!tenant.ok) return tenant;
    const found = await this.#parts.store.list(tenant.value, { limit: query.limit + 1, from: query.cursor });
    const records = firstPage(found, { items: query.limit });
    const last = records.at(-1);
    return accept({ records, nextCursor: found.length > records.length && last ? keyCursorOf(last) : null });
  }

  /** Revoking twice is as once. The operator reaches the keys of every tenant. */
  async revoke({ operator, caller }: KeyHolder, id: string): Promise<Result<KeyRecord>> {
    const { store, ring, now } = this.#parts;
    const record = await store.revoke({ id, tenant: operator ? undefined : caller.tenant }, now());
    if (!record) return refuse("not_found", "there is no such key");
    ring.forget(record.hash);
    return accept(record);
  }
}
