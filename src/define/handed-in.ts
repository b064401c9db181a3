/** Something a tool or function needs from outside, by name. What it is at run time is the composition root's business. */
export interface Service<T> {
  /** For the compiler only. */
  readonly "~service"?: T;
}

/** Declares the shape of a service: `services: { shop: service<Shop>() }`. */
export function service<T>(): Service<T> {
  return {};
}

/** A service that is made for one tenant and reaches nothing of another's. */
export class PerTenant<T> {
  readonly of: (tenant: string) => T;

  constructor(of: (tenant: string) => T) {
    this.of = of;
  }
}

/**
 * Returns the services of an execution of the tenant, by name. Tools and functions never learn their tenant, so they
 * cannot request another tenant's services.
 */
export function handedTo(tenant: string, services: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const own = (one: unknown) => (one instanceof PerTenant ? one.of(tenant) : one);
  return Object.fromEntries(Object.entries(services).map(([name, one]) => [name, own(one)]));
}

export type Services = Readonly<Record<string, Service<unknown>>>;
/** What a tool or function with these services gets. */
export type Given<S extends Services> = { readonly [K in keyof S]: S[K] extends Service<infer T> ? T : never };
