/**
 * Keeps a lease: renews it when a third of it is over at the latest, and knows when it ended without an answer. What runs renews it
 * more often, because the answer tells that its execution was cancelled.
 */
import type { Lease, Reply } from "./wire.ts";

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
  #heldUntilMs: number;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isKept = false;
  #isWaiting = false;

  constructor(lease: Lease, parts: KeeperParts) {
    this.#parts = parts;
    this.#seconds = lease.seconds;
    this.#heldUntilMs = parts.now() + lease.seconds * 1_000;
  }

  start(): void {
    this.#isKept = true;
    this.#next();
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
    this.#heldUntilMs = askedAtMs + this.#seconds * 1_000;
    if (this.#isKept) this.#next();
  }

  #next(): void {
    clearTimeout(this.#timer);
    const thirdMs = (this.#seconds * 1_000) / 3;
    const afterMs = this.#isWaiting ? thirdMs : Math.min(thirdMs, this.#parts.heartbeatMs);
    this.#timer = setTimeout(() => this.#renew(), afterMs);
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
