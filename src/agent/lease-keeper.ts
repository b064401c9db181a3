/** Keeps a lease: renews it when a third of it is over, and knows when it ended without an answer. */
import type { Lease, Reply } from "./wire.ts";

interface KeeperParts {
  readonly renew: () => Promise<Reply>;
  readonly lost: (reason: string) => void;
  readonly now: () => number;
}

export class LeaseKeeper {
  readonly #parts: KeeperParts;
  #seconds: number;
  #heldUntilMs: number;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isKept = false;

  constructor(lease: Lease, parts: KeeperParts) {
    this.#parts = parts;
    this.#seconds = lease.seconds;
    this.#heldUntilMs = parts.now() + lease.seconds * 1_000;
  }

  start(): void {
    this.#isKept = true;
    this.#next();
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
    this.#timer = setTimeout(() => this.#renew(), (this.#seconds * 1_000) / 3);
  }

  /** While it is not answered, the end of the lease is watched. */
  #renew(): void {
    const { renew, lost, now } = this.#parts;
    const leftMs = Math.max(0, this.#heldUntilMs - now());
    this.#timer = setTimeout(() => lost("its lease ended, and the server could not be reached"), leftMs);
    renew().then(
      (reply) => {
        if (!reply.applied) lost(reply.reason ?? "the server refused the heartbeat");
        else if (this.#isKept) this.#next();
      },
      () => {},
    );
  }
}
