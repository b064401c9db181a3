/** Making, listing and revoking keys. A key is shown once, when it is made; afterwards only its hash is anywhere. */
import type { z } from "zod";
import type { KeyRequest, KeysQuery } from "../../contract/access/keys.ts";
import { cursorOf } from "../../contract/cursors.ts";
import type { KeyRecord } from "../../domain/execution/key.ts";
import { agentSubject } from "../../domain/node/polling-agent.ts";
import type { Cursor } from "../../domain/read-models/summary.ts";
import type { Result } from "../../domain/values/fault.ts";
import { accept, refuse } from "../../domain/values/fault.ts";
import { pageOfItems } from "../page-of.ts";
import type { ApiKeyAuthenticator, KeyHolder } from "./api-key-authenticator.ts";
import type { Made } from "./minting.ts";
import { agentKeyBy, madeBy, tenantMeant } from "./minting.ts";

/** `errand_` and six letters: 36 of 256 bits. */
const PREFIX_LENGTH = 13;

interface KeyStore {
  /** Makes the tenant too, when this is its first key; refused when no database has room for another tenant. */
  insert(record: KeyRecord): Promise<Result<null>>;
  /** Keys of one subject that are not revoked, newest first. */
  inForceOf(tenant: string, subject: string): Promise<KeyRecord[]>;
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
    return made.ok ? this.#make(holder, request.name, made.value) : made;
  }

  /**
   * The one key of a polling agent: those that it had before are revoked. Whether the caller may is decided by who calls
   * this; without `ratePerMin` the limit stays as it was.
   */
  async createForAgent(
    holder: KeyHolder,
    { id, ratePerMin }: { readonly id: string; readonly ratePerMin: number | undefined },
  ): Promise<Result<{ readonly record: KeyRecord; readonly secret: string }>> {
    const before = await this.#ofAgent(holder, id);
    const made = agentKeyBy(holder, { id, ratePerMin, before: before[0] });
    if (!made.ok) return made;
    const key = await this.#make(holder, `agent ${id}`, made.value);
    // Anew: of two that are made at once the later one stays.
    if (key.ok)
      await this.#revokeAll((await this.#ofAgent(holder, id)).filter((one) => isBefore(one, key.value.record)));
    return key;
  }

  async revokeOfAgent({ caller }: KeyHolder, id: string): Promise<void> {
    await this.#revokeAll(await this.#ofAgent({ caller }, id));
  }

  /** Keys that a user made by hand for a subject of this form are not the agent's. */
  async #ofAgent({ caller }: Pick<KeyHolder, "caller">, id: string): Promise<KeyRecord[]> {
    const keys = await this.#parts.store.inForceOf(caller.tenant, agentSubject(id));
    return keys.filter(({ scopes }) => scopes.length === 1 && scopes[0] === "agent");
  }

  async #revokeAll(records: readonly KeyRecord[]): Promise<void> {
    const { store, ring, now } = this.#parts;
    for (const { id, tenant, hash } of records) {
      await store.revoke({ id, tenant }, now());
      ring.forget(hash);
    }
  }

  async #make(
    holder: KeyHolder,
    name: string,
    made: Made,
  ): Promise<Result<{ readonly record: KeyRecord; readonly secret: string }>> {
    const { vault, store, newId, now } = this.#parts;
    const secret = vault.newKeySecret();
    const record: KeyRecord = {
      ...made,
      id: newId(),
      hash: vault.hashKey(secret),
      name,
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
    const { items: records, nextCursor } = pageOfItems(found, query.limit, cursorOf);
    return accept({ records, nextCursor });
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

function isBefore(a: KeyRecord, b: KeyRecord): boolean {
  return a.createdAtMs < b.createdAtMs || (a.createdAtMs === b.createdAtMs && a.id < b.id);
}
