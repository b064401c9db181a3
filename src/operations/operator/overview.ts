/** What an operator asks first: how far the index is behind, what is late, what stands still, what the sweeper does. */
import type { Principal } from "../../domain/execution/principal.ts";
import type {
  Backlog,
  DeadLetter,
  FailingWebhook,
  Found,
  StillStanding,
  SweepReport,
} from "../../domain/read-models/overview.ts";
import { OVERDUE_MS } from "../sweep/sweeper.ts";
import type { IndexReport } from "./index-health.ts";

/** An execution that goes on, is not asleep, and has told nothing for so long, stands still. */
const STILL_MS = 3_600_000;
/** The cron handler runs each minute. */
const LATE_SWEEP_MS = 300_000;

interface Parts {
  readonly index: {
    deadLetters(tenant: string): Promise<Found<DeadLetter>>;
    failingWebhooks(tenant: string): Promise<Found<FailingWebhook>>;
    overdue(tenant: string, before: number): Promise<Found<{ readonly id: string; readonly owedAtMs: number }>>;
    still(tenant: string, when: { readonly before: number; readonly now: number }): Promise<Found<StillStanding>>;
  };
  readonly health: () => Promise<IndexReport>;
  /** Of all shards of a tenant's projector. */
  readonly backlog: (tenant: string) => Promise<Backlog>;
  /** `undefined` before the first sweep. */
  readonly lastSweep: () => Promise<SweepReport | undefined>;
  readonly now: () => number;
}

export class Overview {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Of the administrator's own tenant; how the index and the sweeper do is the deployment's. */
  async look({ tenant }: Principal) {
    const { index, health, backlog, lastSweep, now } = this.#parts;
    const atMs = now();
    const [report, behind, deadLetters, failing, overdue, still, sweep] = await Promise.all([
      health(),
      backlog(tenant),
      index.deadLetters(tenant),
      index.failingWebhooks(tenant),
      index.overdue(tenant, atMs - OVERDUE_MS),
      index.still(tenant, { before: atMs - STILL_MS, now: atMs }),
      lastSweep(),
    ]);
    const lagMs = behind.sinceMs === undefined ? 0 : Math.max(0, atMs - behind.sinceMs);
    const isLate = sweep === undefined || atMs - sweep.atMs > LATE_SWEEP_MS;
    return { atMs, report, behind, lagMs, deadLetters, failing, overdue, still, sweep, isLate };
  }
}
