/** What a webhook is told of an execution: its owner's view of one change of its status. Plain data; the contract writes it. */
import type { EntryError } from "../execution/entry.ts";
import type { Origin } from "../execution/origin.ts";
import type { Status } from "../execution/status.ts";
import type { StoredResult } from "../execution/stored-result.ts";
import type { WebhookEvent } from "../execution/webhook.ts";
import type { Json } from "../values/json.ts";

export interface Notice {
  readonly event: WebhookEvent;
  readonly origin: Origin;
  /** Of the event that is told. */
  readonly seq: number;
  readonly atMs: number;
  readonly status: Status;
  readonly reason: string | undefined;
  readonly createdAtMs: number;
  readonly startedAtMs: number | undefined;
  readonly finishedAtMs: number | undefined;
  readonly output: Json | undefined;
  /** Where the output is not in the log. */
  readonly stored: StoredResult | undefined;
  readonly error: EntryError | undefined;
  readonly context: Json | undefined;
  readonly metadata: Json | undefined;
  /** Attempts before this one. */
  readonly retryCount: number;
}
