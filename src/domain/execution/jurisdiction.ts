/**
 * Where the objects of a tenant may be. It is the beginning of the tenant's name (`eu.acme`): so it never changes, as the place of an
 * object never does, and is known without a look-up wherever the tenant is named.
 */
export const JURISDICTIONS = ["eu", "us"] as const;
export type Jurisdiction = (typeof JURISDICTIONS)[number];

/** `undefined`: its objects are made near their callers, wherever these are. */
export function jurisdictionOf(tenant: string): Jurisdiction | undefined {
  return JURISDICTIONS.find((jurisdiction) => tenant.startsWith(`${jurisdiction}.`));
}
