/**
 * The part of a namespace in which a tenant's objects are made. Ids that were made there say so themselves: the whole namespace reads
 * and reaches them, and makes none.
 */
import { jurisdictionOf } from "../../domain/execution/jurisdiction.ts";

/** What workerd throws on a laptop: it has one place. Nothing else is taken for it, because the objects would lie anywhere. */
const ONE_PLACE = /not implemented in workerd/i;

export function namespaceOf(namespace: DurableObjectNamespace, tenant: string): DurableObjectNamespace {
  const jurisdiction = jurisdictionOf(tenant);
  if (jurisdiction === undefined) return namespace;
  try {
    return namespace.jurisdiction(jurisdiction);
  } catch (error) {
    if (ONE_PLACE.test(String(error))) return namespace;
    throw error;
  }
}
