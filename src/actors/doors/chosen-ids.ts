/**
 * Which chosen ids were ever started. To address an object by a name makes it, with files on the local platform: so
 * whoever asks for an id that nobody chose must not reach for one (E10). A claim is never taken back, so it is remembered.
 */
import { claimId, isClaimed } from "../../registry/chosen-ids.ts";

export interface ChosenIds {
  /** Resolves when the id counts as chosen, whoever asks from then on. */
  claim(tenant: string, id: string): Promise<void>;
  has(tenant: string, id: string): Promise<boolean>;
}

/** So many claims an isolate keeps in memory; the others cost one read of the registry. */
const REMEMBERED = 10_000;

const made = new WeakMap<D1Database, ChosenIds>();

/** One memory an isolate and registry. */
export function chosenIdsOf(registry: D1Database): ChosenIds {
  const known = made.get(registry) ?? rememberedIds(registry);
  made.set(registry, known);
  return known;
}

function rememberedIds(registry: D1Database): ChosenIds {
  const known = new Set<string>();
  const nameOf = (tenant: string, id: string) => JSON.stringify([tenant, id]);
  const remember = (name: string) => {
    known.add(name);
    const [oldest] = known;
    if (known.size > REMEMBERED && oldest !== undefined) known.delete(oldest);
  };
  return {
    claim: async (tenant, id) => {
      const name = nameOf(tenant, id);
      if (known.has(name)) return;
      await claimId(registry, tenant, id);
      remember(name);
    },
    has: async (tenant, id) => {
      const name = nameOf(tenant, id);
      if (known.has(name)) return true;
      const claimed = await isClaimed(registry, tenant, id);
      if (claimed) remember(name);
      return claimed;
    },
  };
}
