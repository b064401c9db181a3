/**
 * Keeps a lease: renews it when a third of it is over at the latest, and knows when it may have ended without an answer. What runs
 * renews it more often, because the answer tells that its execution was cancelled.
 *
 * The server moves the end of a lease only where that moves by more than a third: a call that was answered is sure of two thirds.
 */
import type { Lease, Reply } from "./wire.ts";

const SURE = 2 / 3;

/** Whether the agent holds the lease by this answer. One to a report that was sent again says `applied` of its first time. */
export function isHeldBy(reply: Reply, lease: Lease): boolean {
  return reply.applied && (reply.lease === undefined || reply.lease?.lease_id === lease.lease_id);
}

interface KeeperParts {
  readonly renew: () => Promise<Reply>;
  readonly lost: (reason: string) => void;
  readonly now: () => number;
  /** The longest between two heartbeats of what runs. */
  readonly heartbeatMs: number;
}

export class LeaseKeeper {
  readonly #parts: KeeperParts;
  #seconds: number;
  /** Held for sure until then. */
  #heldUntilMs: number;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isKept = false;
  #isWaiting = false;

  constructor(lease: Lease, parts: KeeperParts) {
    this.#parts = parts;
    this.#seconds = lease.seconds;
    this.#heldUntilMs = parts.now() + lease.seconds * 1_000 * SURE;
  }

  start(): void {
    this.#isKept = true;
    this.#next();
  }

  /** True when the lease may have ended: a machine that slept comes late to its answer. */
  get isUnsure(): boolean {
    return this.#parts.now() >= this.#heldUntilMs;
  }

  /** Nothing runs that could be aborted. */
  waits(): void {
    this.#isWaiting = true;
    if (this.#isKept) this.#next();
  }

  stop(): void {
    this.#isKept = false;
    clearTimeout(this.#timer);
  }

  /** The server had it at `askedAtMs` at the earliest: the lease is counted from there. */
  renewed(askedAtMs: number, lease: Lease | undefined): void {
    if (lease) this.#seconds = lease.seconds;
    this.#heldUntilMs = askedAtMs + this.#seconds * 1_000 * SURE;
    if (this.#isKept) this.#next();
  }

  #next(): void {
    clearTimeout(this.#timer);
    const thirdMs = (this.#seconds * 1_000) / 3;
    const dueMs = this.#heldUntilMs - thirdMs - this.#parts.now();
    const afterMs = this.#isWaiting ? dueMs : Math.min(dueMs, this.#parts.heartbeatMs);
    this.#timer = setTimeout(() => this.#renew(), Math.max(0, afterMs));
  }

  /** While it is not answered, the end of the lease is watched. */
  #renew(): void {
    const { renew, lost, now } = this.#parts;
    const leftMs = Math.max(0, this.#heldUntilMs - now());
    this.#timer = setTimeout(() => lost("its lease ended, and the server could not be reached"), leftMs);
    renew().then(
      (reply) => {
        if (!this.#isKept) return;
        if (!reply.applied) lost(reply.reason ?? "the server refused the heartbeat");
        else this.#next();
      },
      () => {},
    );
  }
}
