/**
 * The end of retention: each minute the sweeper looks in the index for ended executions whose time is over, and removes each
 * of them. An object has no alarm for this, so an ended execution is never woken before.
 *
 * - A look goes on where the last one of its tenant ended, so executions that cannot go now hold up no others.
 * - While the index takes no writes, none is removed: its row would stay there, and it would be removed again each minute.
 * - Each tenant has its share of a look: a loud one does not keep another's waiting.
 */
import type { Principal } from "../../domain/execution/principal.ts";
import { systemPrincipal } from "../../domain/execution/principal.ts";
import type { EndStatus, RetentionPolicy } from "../../domain/execution/retention.ts";
import { END_STATUSES, retentionMsOf } from "../../domain/execution/retention.ts";

interface Place {
  readonly id: string;
  readonly updatedAtMs: number;
}
interface Found extends Place {
  readonly status: EndStatus;
}

export interface ExpiryParts {
  /** Tenants with executions, and the way to find those of one that ended before instants, oldest first. */
  readonly tenants: () => Promise<readonly string[]>;
  readonly endedBefore: (
    tenant: string,
    page: {
      readonly cuts: Readonly<Record<EndStatus, number>>;
      readonly from: Place | undefined;
      readonly limit: number;
    },
  ) => Promise<{ readonly found: readonly Found[]; readonly resumeAfter: Place | undefined }>;
  /** Whether the index would take the removal of this tenant's rows now. */
  readonly takesWrites: (tenant: string) => Promise<boolean>;
  readonly expire: (caller: Principal, executionId: string, retentionMs: number) => Promise<void>;
  /** What tenants say themselves, by their names. */
  readonly policies: () => Promise<ReadonlyMap<string, RetentionPolicy>>;
  readonly retentionMs: number;
  readonly log: (entry: Readonly<Record<string, unknown>>) => void;
}

/** A minute's share of a tenant: 360,000 a day. */
const A_TENANT = 250;
/** Removals under way at once. */
const AT_ONCE = 10;

export class Expiry {
  readonly #parts: ExpiryParts;
  readonly #resumeAfter = new Map<string, Place>();

  constructor(parts: ExpiryParts) {
    this.#parts = parts;
  }

  /** Returns how many executions the sweeper asked to expire. Never rejects for one tenant or one execution. */
  async sweep(nowMs: number): Promise<number> {
    const { retentionMs, tenants, policies, log } = this.#parts;
    const known = await policies();
    if (!Number.isFinite(retentionMs) && known.size === 0) return 0;
    let told = 0;
    for (const tenant of await tenants()) {
      try {
        told += await this.#sweepTenant(tenant, known.get(tenant), nowMs);
      } catch (error) {
        log({ level: "error", message: "ended executions could not be looked for", tenant, error: String(error) });
      }
    }
    return told;
  }

  async #sweepTenant(tenant: string, policy: RetentionPolicy | undefined, nowMs: number): Promise<number> {
    const { endedBefore, takesWrites, retentionMs: usualMs } = this.#parts;
    const keptMs = (status: EndStatus) => retentionMsOf(policy, status, usualMs);
    const cuts = Object.fromEntries(END_STATUSES.map((status) => [status, nowMs - keptMs(status)]));
    if (!Object.values(cuts).some(Number.isFinite)) return 0;
    const page = { cuts: cuts as Record<EndStatus, number>, from: this.#resumeAfter.get(tenant), limit: A_TENANT };
    const { found, resumeAfter } = await endedBefore(tenant, page);
    if (found.length > 0 && !(await takesWrites(tenant))) return 0;
    // At the end the look begins anew: an execution that could not be removed is tried again.
    if (resumeAfter) this.#resumeAfter.set(tenant, resumeAfter);
    else this.#resumeAfter.delete(tenant);
    const expire = ({ id, status }: Found) => this.#expire(tenant, id, keptMs(status));
    for (let from = 0; from < found.length; from += AT_ONCE)
      await Promise.all(found.slice(from, from + AT_ONCE).map(expire));
    return found.length;
  }

  async #expire(tenant: string, id: string, retentionMs: number): Promise<void> {
    const { expire, log } = this.#parts;
    try {
      await expire(systemPrincipal(tenant), id, retentionMs);
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
