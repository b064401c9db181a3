/** How long a tenant keeps its ended executions, as its administrators say it. */
import type { Principal } from "../../domain/execution/principal.ts";
import type { RetentionPolicy } from "../../domain/execution/retention.ts";

interface Parts {
  readonly read: (tenant: string) => Promise<RetentionPolicy>;
  readonly write: (tenant: string, policy: RetentionPolicy) => Promise<void>;
  /** Of a tenant that says nothing; `Infinity`: for ever. */
  readonly usualMs: number;
}

export class Retention {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  get usualMs(): number {
    return this.#parts.usualMs;
  }

  of({ tenant }: Principal): Promise<RetentionPolicy> {
    return this.#parts.read(tenant);
  }

  /** Replaces all of it. */
  async set({ tenant }: Principal, policy: RetentionPolicy): Promise<RetentionPolicy> {
    await this.#parts.write(tenant, policy);
    return policy;
  }
}
