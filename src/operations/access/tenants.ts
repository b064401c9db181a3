/** Tenants and the databases of their rows: who may see them, and the move of one. */
import type { NamesQuery } from "../../contract/query-values.ts";
import type { Result } from "../../domain/values/fault.ts";
import { accept, refuse } from "../../domain/values/fault.ts";
import type { KeyHolder } from "./api-key-authenticator.ts";

export interface TenantPlace {
  readonly tenant: string;
  readonly registry: number;
  readonly movingFrom: number | null;
}

/** The databases behind the index; each call rejects when the deployment's own does not answer. */
export interface TenantPlaces {
  /** Numbers of the databases that are bound. */
  readonly numbers: () => readonly number[];
  /** Behind `after`, by name, at most `limit`. */
  tenants(page: { readonly after: string; readonly limit: number }): Promise<readonly TenantPlace[]>;
  place(tenant: string): Promise<TenantPlace | undefined>;
  /** `undefined`: there is no such tenant. */
  beginMove(tenant: string, to: number): Promise<TenantPlace | undefined>;
}

export class Tenants {
  readonly #places: TenantPlaces;

  constructor(places: TenantPlaces) {
    this.#places = places;
  }

  /** Returns a page of all tenants to the operator of the deployment, and to any other caller the caller's own tenant. */
  async list(
    { operator, caller }: KeyHolder,
    { limit, cursor = "" }: NamesQuery,
  ): Promise<{ readonly places: readonly TenantPlace[]; readonly nextCursor: string | null }> {
    if (!operator) {
      const own = caller.tenant > cursor ? await this.#places.place(caller.tenant) : undefined;
      return { places: own ? [own] : [], nextCursor: null };
    }
    const found = await this.#places.tenants({ after: cursor, limit: limit + 1 });
    const places = found.slice(0, limit);
    return { places, nextCursor: found.length > limit ? (places.at(-1)?.tenant ?? null) : null };
  }

  async move({ operator }: KeyHolder, tenant: string, registry: number): Promise<Result<TenantPlace>> {
    if (!operator) return refuse("not_found", "there is no such tenant; only the root key moves tenants");
    const numbers = this.#places.numbers();
    if (!numbers.includes(registry)) {
      const message = `no database has this number; bound are ${numbers.join(", ")}: bind REGISTRY_${registry} first`;
      return refuse("invalid_input", `registry: ${message}`, [{ path: "registry", message }]);
    }
    const place = await this.#places.beginMove(tenant, registry);
    return place ? accept(place) : refuse("not_found", "there is no such tenant: it is made with its first key");
  }
}
