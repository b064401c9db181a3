/**
 * Which ids were ever started, of those that do not say it themselves: chosen ones, and ones without a check. To address an
 * object by a name makes it, with files on the local platform: so a question for an id that was never used must not reach for one (E10). A claim is never taken back, so it is remembered.
 *
 * While the index does not answer, starts go on without a claim, and questions reach for the object. The row that the
 * projector writes, or holds until the index takes it, stands for the claim afterwards.
 */
import { LruCache } from "../../domain/values/lru-cache.ts";
import { claimId, isClaimed } from "../../registry/projection/known-ids.ts";
import type { DatabaseOf } from "../../registry/run-registry.ts";

export interface KnownIds {
  /** Resolves when the chosen id counts as used for all callers, or when the index did not answer. */
  claim(tenant: string, id: string): Promise<void>;
  has(tenant: string, id: string): Promise<boolean>;
}

/** Most claims that an isolate keeps in memory; the others cost one read of the registry. */
const REMEMBERED = 10_000;

export interface KnownIdParts {
  readonly registries: DatabaseOf;
  /** Whether the projector holds a row of this execution that the index does not have yet. */
  readonly isHeld: (tenant: string, id: string) => Promise<boolean>;
}

const made = new WeakMap<DatabaseOf, KnownIds>();

/** One memory an isolate and index. */
export function knownIdsOf(parts: KnownIdParts): KnownIds {
  const known = made.get(parts.registries) ?? rememberedIds(parts);
  made.set(parts.registries, known);
  return known;
}

function rememberedIds({ registries, isHeld }: KnownIdParts): KnownIds {
  const known = new LruCache<string, true>(REMEMBERED);
  const nameOf = (tenant: string, id: string) => JSON.stringify([tenant, id]);
  const claimed = async <T>(
    query: (database: D1Database, tenant: string, id: string) => Promise<T>,
    ...[tenant, id]: readonly [tenant: string, id: string]
  ) => query(await registries.of(tenant), tenant, id);
  return {
    claim: async (tenant, id) => {
      const name = nameOf(tenant, id);
      if (known.get(name)) return;
      // Without an answer the start goes on: the projector's row is the claim then.
      await claimed(claimId, tenant, id).catch(() => undefined);
      known.set(name, true);
    },
    has: async (tenant, id) => {
      const name = nameOf(tenant, id);
      if (known.get(name)) return true;
      const used = await claimed(isClaimed, tenant, id).catch(() => undefined);
      if (used) known.set(name, true);
      return used === false ? isHeld(tenant, id) : true;
    },
  };
}
