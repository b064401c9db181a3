/**
 * What follows from an event besides the state: timers and messages, written in the event's own transaction. A pure
 * function of the log, so the actor, the simulator and a reader of the log agree on what must happen next.
 *
 * - A timer exists exactly while its entry or approval is open. A message leaves by the outbox, is safe to repeat and
 * stays until it is acknowledged.
 */
import type { OpenApprovals } from "../execution/approval.ts";
import { NONE_OPEN } from "../execution/approval.ts";
import type { Event } from "../execution/event.ts";
import { has } from "../execution/event-traits.ts";
import type { ExecutionState } from "../execution/state.ts";
import { isTerminal } from "../execution/status.ts";
import { storesResult } from "../execution/stored-result.ts";
import { timerName } from "../execution/timer.ts";
import { unreachable } from "../values/json.ts";
import { openChildren } from "./children-below.ts";
import type { EntryIndex } from "./entry-index.ts";

/** What leaves an execution. `seq` names the event that holds the content, so that nothing is stored twice. */
export type OutboxEntry =
  | { readonly to: "registry"; readonly seq: number }
  | { readonly to: "approval"; readonly openedSeq: number; readonly seq: number }
  | { readonly to: "child"; readonly verb: "start"; readonly childId: string; readonly seq: number }
  | { readonly to: "child"; readonly verb: "cancel"; readonly childId: string; readonly seq: number }
  | { readonly to: "parent"; readonly verb: "finished"; readonly seq: number }
  | { readonly to: "parent"; readonly verb: "waiting"; readonly waiting: boolean; readonly seq: number }
  | { readonly to: "files"; readonly verb: "remove"; readonly what: "uploads" | "result"; readonly seq: number }
  | { readonly to: "successor"; readonly id: string; readonly seq: number };

/** One row an id: a newer message of the same id replaces the older one. */
export function messageId(message: OutboxEntry): string {
  if (message.to === "registry") return "registry";
  if (message.to === "approval") return `approval:${message.openedSeq}`;
  if (message.to === "files") return `files:${message.verb}:${message.what}`;
  if (message.to === "successor") return `successor:${message.id}`;
  if (message.to === "child") return `child:${message.verb}:${message.childId}`;
  return `parent:${message.verb}`;
}

export interface Reactions {
  readonly setTimers: readonly { readonly name: string; readonly atMs: number }[];
  /** `all` those that do not outlive the end. */
  readonly clearTimers: readonly string[] | "all";
  readonly messages: readonly OutboxEntry[];
}

interface Change {
  readonly before: ExecutionState | undefined;
  readonly after: ExecutionState;
  readonly index: () => EntryIndex;
  /** Those that were open before the event. */
  readonly approvals?: OpenApprovals;
}

export function reactionsOf(event: Event, change: Change): Reactions {
  const { before, after } = change;
  if (event.type === "files.expired") {
    const removal: OutboxEntry = { to: "files", verb: "remove", what: "uploads", seq: event.seq };
    return { setTimers: [], clearTimers: [timerName("files")], messages: [removal] };
  }
  if (event.type === "log.archived") return { ...none, messages: afterArchiving(event, before) };
  const statusChanged = before?.status !== after.status;
  const messages: OutboxEntry[] = statusChanged ? [{ to: "registry", seq: event.seq }] : [];
  messages.push(...approvals(event, change));
  if (isTerminal(after.status)) {
    messages.push(...reportEnd(event, change), ...startRestarts(event, change), ...removeResult(event, change));
    if (statusChanged || event.type === "cancel.passed_on") messages.push(...cancelBelow(event, after, change.index));
    if (!statusChanged) return { ...none, messages };
    return { setTimers: [], clearTimers: "all", messages };
  }
  if (after.origin.owned && (before?.status === "waiting") !== (after.status === "waiting")) {
    messages.push({ to: "parent", verb: "waiting", waiting: after.status === "waiting", seq: event.seq });
  }
  return { ...timers(event), messages: [...messages, ...startChild(event), ...cancelWithdrawn(event)] };
}

/** Its row in the index goes too, and a result that lies elsewhere. */
function afterArchiving({ seq }: Event, before: ExecutionState | undefined): OutboxEntry[] {
  const row: OutboxEntry = { to: "registry", seq };
  return before?.storedResult ? [row, { to: "files", verb: "remove", what: "result", seq }] : [row];
}

/**
 * The parent hears of an end when everything below has ended too: so what it counts as spent is final (P4), and a cancel
 * that is quiesced covers all descendants (P3).
 */
function reportEnd(event: Event, { before, after, index }: Change): OutboxEntry[] {
  const ends = before === undefined || !isTerminal(before.status);
  if (!after.origin.owned || (!ends && !endsBelow(event))) return [];
  return awaitsChildren(after, index) ? [] : [{ to: "parent", verb: "finished", seq: event.seq }];
}

const endsBelow = ({ type }: Event) => type === "child.finished" || type === "child.rested";

/** The execution that follows this one begins when everything below has ended too: until then that could still act (P3). */
function startRestarts(event: Event, { after, index }: Change): OutboxEntry[] {
  if (event.type !== "successor.started" && !endsBelow(event)) return [];
  if (after.restartedAs === undefined || awaitsChildren(after, index)) return [];
  const started = [...index().successors].filter(([id]) => event.type !== "successor.started" || id === event.data.id);
  return started.map(([id, { seq }]) => ({ to: "successor", id, seq }));
}

/**
 * A result that was being stored and that no end names. Asked for once more when a write that was under way at the end is
 * heard of, because it may have arrived after its removal; what a dead process sent goes with the log.
 */
function removeResult(event: Event, { before, after }: Change): OutboxEntry[] {
  if (after.storedResult !== "begun") return [];
  const isHeardOf = (event.type === "step.completed" || event.type === "step.failed") && storesResult(event.data);
  const ends = before?.status !== after.status;
  return ends || isHeardOf ? [{ to: "files", verb: "remove", what: "result", seq: event.seq }] : [];
}

/** A cancel reaches those that came by themselves too, and is over when they have ended; another end leaves them alone. */
function awaitsChildren({ openChildren: count, goingOn, status }: ExecutionState, index: () => EntryIndex): boolean {
  if (status === "cancelled") return count > 0 || (goingOn ?? 0) > 0;
  return count > 0 && openChildren(index()).some(({ adopted }) => !adopted);
}

function startChild(event: Event): OutboxEntry[] {
  if (event.type !== "child.started" || event.data.adopted) return [];
  return [{ to: "child", verb: "start", childId: event.data.childId, seq: event.seq }];
}

/** A child that lost its race is cancelled; its end is still heard of, for what it spent. */
function cancelWithdrawn(event: Event): OutboxEntry[] {
  if (event.type !== "entry.withdrawn" || event.data.childId === undefined) return [];
  return [{ to: "child", verb: "cancel", childId: event.data.childId, seq: event.seq }];
}

/** Every approval that this event opened or closed; an end of the execution closes all of them. */
function approvals(event: Event, { before, after, approvals = NONE_OPEN }: Change): OutboxEntry[] {
  const { seq } = event;
  const about = (openedSeq: number): OutboxEntry => ({ to: "approval", openedSeq, seq });
  if (event.type === "gate.opened") return [about(seq)];
  if (event.type === "gate.decided" || event.type === "gate.expired" || event.type === "entry.withdrawn") {
    const { openedSeq } = event.data;
    return openedSeq === undefined ? [] : [about(openedSeq)];
  }
  const open = before?.gates.open ?? 0;
  return open > 0 && after.gates.open === 0 ? approvals.first(open).map(({ openedSeq }) => about(openedSeq)) : [];
}

/**
 * No child outlives its parent: an end of any kind cancels the children that are still open (P3). Those that came by
 * themselves go on, here and beneath children that have ended; only a cancel reaches them too.
 */
function cancelBelow(event: Event, after: ExecutionState, index: () => EntryIndex): OutboxEntry[] {
  if (after.openChildren === 0 && !after.goingOn) return [];
  const isCancel = after.status === "cancelled" || event.type === "cancel.passed_on";
  const open = openChildren(index()).filter(({ adopted }) => !adopted || isCancel);
  const ids = [...open.map(({ childId }) => childId), ...(isCancel ? index().goingOn : [])];
  return ids.map((childId) => ({ to: "child", verb: "cancel", childId, seq: event.seq }) as const);
}

type Timers = Pick<Reactions, "setTimers"> & { readonly clearTimers: readonly string[] };
const none: Timers = { setTimers: [], clearTimers: [] };

function timers(event: Event): Timers {
  if (!has(event, "timer")) return none;
  switch (event.type) {
    case "execution.created": {
      const { origin, files } = event.data;
      const setTimers: { name: string; atMs: number }[] = [];
      if (origin.deadlineMs !== undefined) setTimers.push({ name: timerName("deadline"), atMs: origin.deadlineMs });
      if (files) setTimers.push({ name: timerName("files"), atMs: files.expiresAtMs });
      return { setTimers, clearTimers: [] };
    }
    case "step.started":
    case "tool.started":
    case "turn.started": {
      const { key, kind, wakeAtMs, attempt } = event.data;
      const setTimers: { name: string; atMs: number }[] = [];
      if (wakeAtMs !== undefined)
        setTimers.push({ name: timerName(kind === "signal" ? "signal" : "sleep", key), atMs: wakeAtMs });
      return { setTimers, clearTimers: attempt > 1 ? [timerName("retry", key)] : [] };
    }
    case "step.completed":
    case "tool.completed":
    case "turn.completed":
      return { setTimers: [], clearTimers: timersOf(event.data.key, event.data.kind) };
    case "step.failed":
    case "tool.failed":
    case "turn.failed": {
      const { key, kind, retryAtMs } = event.data;
      const setTimers = retryAtMs === undefined ? [] : [{ name: timerName("retry", key), atMs: retryAtMs }];
      return { setTimers, clearTimers: timersOf(key, kind) };
    }
    case "gate.opened": {
      const { gateId, expiresAtMs } = event.data;
      return expiresAtMs === undefined
        ? none
        : { setTimers: [{ name: timerName("gate", gateId), atMs: expiresAtMs }], clearTimers: [] };
    }
    case "entry.withdrawn": {
      const { key, kind, gateId } = event.data;
      const approval = gateId === undefined ? [] : [timerName("gate", gateId)];
      return { setTimers: [], clearTimers: [...timersOf(key, kind), ...approval] };
    }
    case "gate.decided":
    case "gate.expired":
      return { setTimers: [], clearTimers: [timerName("gate", event.data.gateId)] };
  }
  return unreachable(event);
}

/** Only the timers that an entry of this kind can have: clearing costs a statement each. */
function timersOf(key: string, kind: string): string[] {
  if (kind === "sleep") return [timerName("sleep", key)];
  if (kind === "signal") return [timerName("signal", key)];
  if (kind === "value") return [];
  return [timerName("retry", key)];
}
