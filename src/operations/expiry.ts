/**
 * The end of retention: each minute the sweeper looks in the index for ended executions whose time is over, and removes each
 * of them. An object has no alarm for this, so an ended execution is never woken before.
 *
 * - A look goes on where the last one of its tenant ended, so executions that cannot go now hold up no others.
 * - While the index takes no writes, none is removed: its row would stay there, and it would be removed again each minute.
 * - Each tenant has its share of a look: a loud one does not keep another's waiting.
 */
import type { Principal } from "../domain/execution/principal.ts";
import { systemPrincipal } from "../domain/execution/principal.ts";

interface Found {
  readonly id: string;
  readonly updatedAtMs: number;
}

export interface ExpiryParts {
  /** Tenants with executions, and the way to find those of one that ended before an instant, oldest first. */
  readonly tenants: () => Promise<readonly string[]>;
  readonly endedBefore: (
    tenant: string,
    page: { readonly endedBeforeMs: number; readonly from: Found | undefined; readonly limit: number },
  ) => Promise<readonly Found[]>;
  /** Whether the index would take the removal of this tenant's rows now. */
  readonly takesWrites: (tenant: string) => Promise<boolean>;
  readonly expire: (caller: Principal, executionId: string) => Promise<void>;
  readonly retentionMs: number;
  readonly log: (entry: Readonly<Record<string, unknown>>) => void;
}

/** A minute's share of a tenant: 360,000 a day. */
const A_TENANT = 250;
/** Removals under way at once. */
const AT_ONCE = 10;

export class Expiry {
  readonly #parts: ExpiryParts;
  readonly #resumeAfter = new Map<string, Found>();

  constructor(parts: ExpiryParts) {
    this.#parts = parts;
  }

  /** Returns how many executions the sweeper asked to expire. Never rejects for one tenant or one execution. */
  async sweep(nowMs: number): Promise<number> {
    const { retentionMs, tenants, log } = this.#parts;
    if (!Number.isFinite(retentionMs)) return 0;
    let told = 0;
    for (const tenant of await tenants()) {
      try {
        told += await this.#sweepTenant(tenant, nowMs - retentionMs);
      } catch (error) {
        log({ level: "error", message: "ended executions could not be looked for", tenant, error: String(error) });
      }
    }
    return told;
  }

  async #sweepTenant(tenant: string, endedBeforeMs: number): Promise<number> {
    const { endedBefore, takesWrites } = this.#parts;
    const found = await endedBefore(tenant, { endedBeforeMs, from: this.#resumeAfter.get(tenant), limit: A_TENANT });
    if (found.length === 0 || !(await takesWrites(tenant))) return 0;
    const last = found.at(-1);
    // At the end the look begins anew: an execution that could not be removed is tried again.
    if (last && found.length === A_TENANT) this.#resumeAfter.set(tenant, last);
    else this.#resumeAfter.delete(tenant);
    for (let from = 0; from < found.length; from += AT_ONCE)
      await Promise.all(found.slice(from, from + AT_ONCE).map(({ id }) => this.#expire(tenant, id)));
    return found.length;
  }

  async #expire(tenant: string, id: string): Promise<void> {
    const { expire, log } = this.#parts;
    try {
      await expire(systemPrincipal(tenant), id);
    } catch (error) {
      log({
        level: "warn",
        message: "an ended execution could not be removed",
        execution_id: id,
        error: String(error),
      });
    }
  }
}
