/** How the deployment does, as an operator asks: what is late, what stands still, what was refused. */
import type { Status } from "../execution/status.ts";

/** What projectors have that the index does not have yet. */
export interface Backlog {
  /** Entries that wait to be written, or are being written. */
  readonly waiting: number;
  /** Entries that are kept while the index takes no writes. */
  readonly held: number;
  /** Since when the oldest of them has been here. */
  readonly sinceMs?: number | undefined;
}

export interface DeadLetter {
  readonly kind: "execution" | "approval";
  readonly id: string;
  readonly error: string;
  readonly atMs: number;
}

/** An execution whose webhook did not take what it was told. */
export interface FailingWebhook {
  readonly id: string;
  readonly agent: string;
  readonly fn: string;
  readonly status: Status;
  readonly atMs: number;
}

export interface StillStanding {
  readonly id: string;
  readonly agent: string;
  readonly fn: string;
  readonly status: Status;
  readonly reason: string | null;
  readonly updatedAtMs: number;
}

/** The first of them, and how many there are; `more`: at least so many, because no more were looked at. */
export interface Found<Item> {
  readonly items: readonly Item[];
  readonly count: number;
  readonly more: boolean;
}

/** What the cron handler did last. */
export interface SweepReport {
  readonly atMs: number;
  readonly tookMs: number;
  /** Jobs that failed, by name. */
  readonly failed: readonly string[];
}
