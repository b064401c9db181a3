/**
 * What an event sends: to the index, the parent, the children, the file store and the execution that follows. Called by
 * `reactionsOf`.
 *
 * - `ofStatus`: what any event sends that moves the execution to another status.
 * - `ofSlot`: what any event sends that makes it ask for a slot under a limit, or give one back.
 * - `ofEvent`: what an event sends by itself; a new event that says `message` in its family does not compile without a case.
 */
import type { OpenApprovals } from "../execution/approval.ts";
import { NONE_OPEN } from "../execution/approval.ts";
import { isOpenExternal } from "../execution/entry.ts";
import type { Event } from "../execution/event.ts";
import { has } from "../execution/event-traits.ts";
import type { OutboxEntry } from "../execution/outbox-entry.ts";
import type { ExecutionState } from "../execution/state.ts";
import { isTerminal } from "../execution/status.ts";
import { storesResult } from "../execution/stored-result.ts";
import type { ToldEvent } from "../execution/webhook.ts";
import { isNotified, isWebhookFailing, webhookEventOf } from "../execution/webhook.ts";
import { unreachable } from "../values/json.ts";
import { openChildren } from "./children-below.ts";
import type { EntryIndex } from "./entry-index.ts";

export interface Change {
  readonly before: ExecutionState | undefined;
  readonly after: ExecutionState;
  readonly index: () => EntryIndex;
  /** Those that were open before the event. */
  readonly approvals?: OpenApprovals;
}

export function messagesOf(event: Event, change: Change): OutboxEntry[] {
  return [
    ...ofStatus(event, change),
    ...ofSlot(event, change),
    ...ofDelivery(event, change),
    ...ofLapses(event, change),
    ...ofEvent(event, change),
  ];
}

/** The index hears when the first delivery of its webhook is given up, and when none is any more. */
function ofDelivery({ seq }: Event, { before, after }: Change): OutboxEntry[] {
  return before && isWebhookFailing(before) !== isWebhookFailing(after) ? [{ to: "registry", seq }] : [];
}

/** Agents that fell silent, or were heard again, are known to their directory. */
function ofLapses({ seq }: Event, { before, after }: Change): OutboxEntry[] {
  return before?.work?.lapses === after.work?.lapses ? [] : [{ to: "offers", seq }];
}

function ofStatus(event: Event, change: Change): OutboxEntry[] {
  const { before, after } = change;
  if (before?.status === after.status) return [];
  const { seq } = event;
  const messages: OutboxEntry[] = [{ to: "registry", seq }];
  if (after.origin.plan) messages.push({ to: "offers", seq });
  const told = webhookEventOf(after.status);
  if (told && after.webhook?.events.includes(told)) messages.push({ to: "webhook", event: told, seq });
  if (isTerminal(after.status)) {
    messages.push(...closedApprovals(seq, change), ...reportEnd(seq, change));
    if (after.storedResult === "begun") messages.push(resultRemoval(seq));
    messages.push(...cancelBelow(seq, change, after.status === "cancelled"), ...cancelOutside(seq, change));
  } else if (after.origin.owned && (before?.status === "waiting") !== (after.status === "waiting")) {
    messages.push({ to: "parent", verb: "waiting", waiting: after.status === "waiting", seq });
  }
  return messages;
}

/** Its limiters hear when it asks for a slot, and when it gives back what it holds or waits for. */
function ofSlot({ seq }: Event, { before, after }: Change): OutboxEntry[] {
  const { slot } = after;
  const had = before?.slot;
  if (!slot || slot === had) return [];
  const gaveUp = had && !had.off && (slot.off || slot.epoch !== had.epoch) ? had.held + 1 : 0;
  const count = after.origin.queues?.length ?? 0;
  const places = Array.from({ length: Math.min(gaveUp, count) }, (_, place) => place);
  const asks = !slot.off && slot.held < count && !places.includes(slot.held) ? [slot.held] : [];
  return [...places, ...asks].map((queue) => ({ to: "limiter", queue, seq }));
}

function ofEvent(event: Event, change: Change): OutboxEntry[] {
  if (!has(event, "message")) return [];
  const { seq } = event;
  const { before, after, index } = change;
  const ended = isTerminal(after.status);
  switch (event.type) {
    case "step.started":
      return ended || event.data.kind !== "external" ? [] : [{ to: "node", verb: "start", key: event.data.key, seq }];
    case "external.unsent": {
      const { key, retryAtMs: notBeforeMs } = event.data;
      return ended ? [] : [{ to: "node", verb: "start", key, seq, notBeforeMs }];
    }
    case "gate.opened":
      return [{ to: "approval", openedSeq: seq, seq }];
    case "gate.decided":
    case "gate.expired":
      return [...aboutApproval(event.data, seq), ...toCaller(event.data, seq)];
    case "entry.withdrawn":
      return [...aboutApproval(event.data, seq), ...(ended ? [] : cancelWithdrawn(event, index))];
    case "child.started":
      return ended || event.data.adopted ? [] : [{ to: "child", verb: "start", childId: event.data.childId, seq }];
    case "child.finished":
    case "child.rested":
      return ended ? [...reportEnd(seq, change), ...startRestarts(change)] : [];
    case "cancel.passed_on":
      return ended ? cancelBelow(seq, change, true) : [];
    case "successor.started":
      return ended ? startRestarts(change, event.data.id) : [];
    case "step.completed":
    case "step.failed":
      return ended && after.storedResult === "begun" && storesResult(event.data) ? [resultRemoval(seq)] : [];
    case "files.expired":
      return [{ to: "files", verb: "remove", what: "uploads", seq }];
    case "attributes.set":
      return [{ to: "registry", seq }];
    case "webhook.retried":
      return [again(event.data.event, event.data.of)];
    case "plan.progressed":
      return [
        { to: "registry", seq },
        { to: "offers", seq },
      ];
    case "subtask.blocked":
      return [
        { to: "offers", seq },
        { to: "notification", event: "task.blocked", seq },
      ];
    case "subtask.escalated":
      return [{ to: "notification", event: "task.escalated", seq }];
    case "subtask.leased":
    case "subtask.requeued":
    case "subtask.completed":
    case "subtask.skipped":
    case "subtask.failed":
    case "stop.requested":
    case "task.decomposed":
      return [{ to: "offers", seq }];
    case "stop.seen":
      return [{ to: "offers", seq }, ...(after.work?.stop ? [] : [{ to: "registry", seq } as const])];
    case "agent.reported":
      return ofReport(event);
    case "failure.dismissed":
      return [{ to: "registry", seq }];
    case "log.archived":
      return before?.storedResult ? [{ to: "registry", seq }, resultRemoval(seq)] : [{ to: "registry", seq }];
  }
  return unreachable(event);
}

function again(event: ToldEvent, seq: number): OutboxEntry {
  return isNotified(event) ? { to: "notification", event, seq } : { to: "webhook", event, seq };
}

function ofReport({ seq, data: { move } }: Extract<Event, { type: "agent.reported" }>): OutboxEntry[] {
  if (!move || move.to === "progress") return [];
  const offers: OutboxEntry = { to: "offers", seq };
  return move.to === "blocked" ? [offers, { to: "notification", event: "task.blocked", seq }] : [offers];
}

/**
 * A result that was being stored and that no end names. Asked for once more when a write that was under way at the end is
 * heard of, because it may have arrived after its removal; what a dead process sent goes with the log.
 */
function resultRemoval(seq: number): OutboxEntry {
  return { to: "files", verb: "remove", what: "result", seq };
}

type Decision = Pick<Extract<Event, { type: "gate.decided" | "gate.expired" }>["data"], "openedSeq" | "calledBack">;

function aboutApproval({ openedSeq }: { readonly openedSeq?: number | undefined }, seq: number): OutboxEntry[] {
  return openedSeq === undefined ? [] : [{ to: "approval", openedSeq, seq }];
}

/** The agent that asked is told. */
function toCaller({ openedSeq, calledBack }: Decision, seq: number): OutboxEntry[] {
  return openedSeq === undefined || !calledBack ? [] : [{ to: "callback", openedSeq, seq }];
}

/** An end of the execution closes every approval that is open. */
function closedApprovals(seq: number, { before, approvals = NONE_OPEN }: Change): OutboxEntry[] {
  const open = before?.gates.open ?? 0;
  return open > 0 ? approvals.first(open).map(({ openedSeq }) => ({ to: "approval", openedSeq, seq })) : [];
}

/** A child that lost its race is cancelled; its end is still heard of, for what it spent. */
function cancelWithdrawn(
  { seq, data }: Extract<Event, { type: "entry.withdrawn" }>,
  index: () => EntryIndex,
): OutboxEntry[] {
  if (data.kind === "external") return aboutNode(index(), { seq, keys: [data.key] });
  return data.childId === undefined ? [] : [{ to: "child", verb: "cancel", childId: data.childId, seq }];
}

/** What is worked at outside is called off, whatever ended the execution. */
function cancelOutside(seq: number, { after, index }: Change): OutboxEntry[] {
  if (!after.held) return [];
  const { open } = index();
  return aboutNode(index(), { seq, keys: [...open.of("external"), ...open.of("waiting_external")] });
}

/** Only what may have arrived; one that lost its race was called off then. */
function aboutNode({ entries }: EntryIndex, about: { readonly seq: number; readonly keys: string[] }): OutboxEntry[] {
  const { seq, keys } = about;
  const sent = keys.filter((key) => {
    const entry = entries.get(key);
    return isOpenExternal(entry) && entry.sent !== undefined;
  });
  return sent.map((key) => ({ to: "node", verb: "cancel", key, seq }));
}

/**
 * The parent hears of an end when everything below has ended too: so what it counts as spent is final (P4), and a cancel
 * that is quiesced covers all descendants (P3).
 */
function reportEnd(seq: number, { after, index }: Change): OutboxEntry[] {
  if (!after.origin.owned) return [];
  return awaitsChildren(after, index) ? [] : [{ to: "parent", verb: "finished", seq }];
}

/** The execution that follows this one begins when everything below has ended too: until then that could still act (P3). */
function startRestarts({ after, index }: Change, only?: string): OutboxEntry[] {
  if (after.restartedAs === undefined || awaitsChildren(after, index)) return [];
  const started = [...index().successors].filter(([id]) => only === undefined || id === only);
  return started.map(([id, { seq }]) => ({ to: "successor", id, seq }));
}

/** A cancel reaches those that came by themselves too, and is over when they have ended; another end leaves them alone. */
function awaitsChildren({ openChildren: count, goingOn, status }: ExecutionState, index: () => EntryIndex): boolean {
  if (status === "cancelled") return count > 0 || (goingOn ?? 0) > 0;
  return count > 0 && openChildren(index()).some(({ adopted }) => !adopted);
}

/**
 * No child outlives its parent: an end of any kind cancels the children that are still open (P3). Those that came by
 * themselves go on, here and beneath children that have ended; only a cancel reaches them too.
 */
function cancelBelow(seq: number, { after, index }: Change, isCancel: boolean): OutboxEntry[] {
  if (after.openChildren === 0 && !after.goingOn) return [];
  const open = openChildren(index()).filter(({ adopted }) => !adopted || isCancel);
  const ids = [...open.map(({ childId }) => childId), ...(isCancel ? index().goingOn : [])];
  return ids.map((childId) => ({ to: "child", verb: "cancel", childId, seq }) as const);
}
