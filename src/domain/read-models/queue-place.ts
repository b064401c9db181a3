/** Where an execution stands that waits for a slot, in words. */
import { queueTitle } from "../intake/queues.ts";
import { ordinal } from "../values/ordinal.ts";

/** What the limiter of a queue says of it. */
export interface QueueReport {
  readonly waiting: number;
  readonly running: number;
  readonly limit?: number | undefined;
  readonly paused: boolean;
  /** Since when the one waits that has waited longest. */
  readonly oldestAtMs?: number | undefined;
  /** Of the execution that was asked about, when it waits: 1 goes next. */
  readonly position?: number | undefined;
}

/** As in `3rd of 120; 5 of 5 running under acme/reports`. */
export function placeInWords(
  { tenant, queue }: { readonly tenant: string; readonly queue: string },
  { waiting, running, limit, paused, position }: QueueReport,
): string {
  const place = position === undefined ? "on its way to a slot" : `${ordinal(position)} of ${waiting}`;
  const used = limit === undefined ? `${running}` : `${running} of ${limit}`;
  const isPaused = paused ? "; an operator paused this queue" : "";
  return `${place}; ${used} running under ${queueTitle(tenant, queue)}${isPaused}`;
}
