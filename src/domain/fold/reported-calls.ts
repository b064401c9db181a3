/** Calls within a node, as the node reported them. Called only by `foldEntry`. */
import type { Event } from "../execution/event.ts";
import type { Status } from "../execution/status.ts";
import { isTerminal } from "../execution/status.ts";

/** A call of a function of a node by another one of the same node. It is drawn in its run, and is nothing that is executed here. */
export interface ReportedCall {
  readonly id: string;
  /** The call that it is beneath; absent: the execution itself. */
  readonly parentId?: string | undefined;
  readonly node?: string | undefined;
  readonly fn: string;
  readonly status: Status;
  readonly reason?: string | undefined;
  readonly startedAtMs: number;
  /** Of its end. */
  readonly endedAtMs?: number;
}

/** By id, in the order in which they were heard of first. */
export interface ReportedCalls {
  readonly calls: Map<string, ReportedCall>;
}

export const noCalls = (): ReportedCalls => ({ calls: new Map() });

/** What came first as an end stays: the node repeats itself, and its words overtake each other. */
export function foldCalls({ calls }: ReportedCalls, { data, atMs }: Extract<Event, { type: "log.reported" }>): void {
  for (const { callId: id, call, node, reasoner = "" } of data.entries) {
    if (!call || id === undefined) continue;
    const known = calls.get(id);
    if (known && isTerminal(known.status)) continue;
    const { parentId = known?.parentId, status, reason, durationMs = 0 } = call;
    const ended = isTerminal(status);
    const startedAtMs = known?.startedAtMs ?? (ended ? atMs - durationMs : atMs);
    const named = { id, parentId, node: node ?? known?.node, fn: reasoner || (known?.fn ?? "") };
    calls.set(id, { ...named, status, reason, startedAtMs, ...(ended ? { endedAtMs: atMs } : {}) });
  }
}
