/** What a log demands beside itself: the timers that stand, the approvals that are open, and every message that its events made. For checking only. */
import type { OpenApproval } from "../execution/approval.ts";
import { changeApprovals, openApprovalsOf } from "../execution/approval.ts";
import type { OutboxEntry } from "../execution/outbox-entry.ts";
import { messageId } from "../execution/outbox-entry.ts";
import { outlivesEnd } from "../execution/timer.ts";
import { approvalChangeOf } from "../fold/approval.ts";
import { reactionsOf } from "../fold/reactions.ts";
import type { Step } from "./entries.ts";

export interface Demanded {
  /** Name → instant. */
  readonly timers: ReadonlyMap<string, number>;
  /** Id → the newest message under it; whether it was acknowledged since is not in the log. */
  readonly messages: ReadonlyMap<string, OutboxEntry>;
  /** The open approvals, by id. */
  readonly approvals: ReadonlyMap<string, OpenApproval>;
}

/** Collects it event by event. */
export class Demands implements Demanded {
  readonly timers = new Map<string, number>();
  readonly messages = new Map<string, OutboxEntry>();
  readonly approvals = new Map<string, OpenApproval>();

  see({ event, before, after, index }: Step): void {
    if (!after) return;
    const made = reactionsOf(event, { before, after, index: () => index, approvals: openApprovalsOf(this.approvals) });
    changeApprovals(this.approvals, approvalChangeOf(event, after));
    const ending = () => [...this.timers.keys()].filter((name) => !outlivesEnd(name));
    for (const name of made.clearTimers === "all" ? ending() : made.clearTimers) this.timers.delete(name);
    for (const { name, atMs } of made.setTimers) this.timers.set(name, atMs);
    for (const message of made.messages) this.messages.set(messageId(message), message);
  }
}
