/** Tenants and the databases of their rows: who may see them, and the move of one. */
import type { Result } from "../domain/fault.ts";
import { accept, refuse } from "../domain/fault.ts";
import type { KeyHolder } from "./key-ring.ts";

export interface TenantPlace {
  readonly tenant: string;
  readonly registry: number;
  readonly movingFrom: number | null;
}

/** The databases behind the index; each call rejects when the deployment's own does not answer. */
export interface TenantPlaces {
  /** Numbers of the databases that are bound. */
  readonly numbers: () => readonly number[];
  tenants(): Promise<readonly TenantPlace[]>;
  /** `undefined`: there is no such tenant. */
  beginMove(tenant: string, to: number): Promise<TenantPlace | undefined>;
}

export class Tenants {
  readonly #places: TenantPlaces;

  constructor(places: TenantPlaces) {
    this.#places = places;
  }

  async list({ operator, caller }: KeyHolder): Promise<readonly TenantPlace[]> {
    const all = await this.#places.tenants();
    return operator ? all : all.filter(({ tenant }) => tenant === caller.tenant);
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
