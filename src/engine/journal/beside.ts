/**
 * What stands beside the log of an execution and follows from it: its timers, its unsent messages, and the one alarm for
 * both. Staged with the events that made it, and written in their commit.
 *
 * - The acknowledgement of a message is in memory until the next commit: a crash sends the message once more. It is written
 *   soon where that commit may be far away (a long rest), and where the message was sent before, so that this ends.
 * - The alarm of an ended execution stands until nothing is owed any more, and then goes off once. So when it is read and
 *   no alarm stands, its messages were acknowledged, and none is sent. An alarm that does go off sends them all the same.
 */
import type { OpenApprovals } from "../../domain/execution/approval.ts";
import { NONE_OPEN } from "../../domain/execution/approval.ts";
import type { Event } from "../../domain/execution/event.ts";
import { messageId } from "../../domain/execution/outbox-entry.ts";
import type { ExecutionState } from "../../domain/execution/state.ts";
import { isTerminal } from "../../domain/execution/status.ts";
import { approvalChangeOf } from "../../domain/fold/approval.ts";
import type { Reactions } from "../../domain/fold/reactions.ts";
import type { Commit, Loaded, OutboxRow, StoredTimers, Timing } from "../ports.ts";
import { FEW_OWED } from "../ports.ts";
import { ApprovalRows } from "./approval-rows.ts";
import { KeyedRows } from "./keyed-rows.ts";
import { alarmChange, isBusy, owedWake, restsLong } from "./next-wake.ts";
import { TimerRows } from "./timer-rows.ts";
import type { WorkBook } from "./work-book.ts";

interface Stored extends Loaded {
  readonly timers: StoredTimers;
  readonly approvals?: OpenApprovals;
  readonly givenUp?: boolean;
  readonly work?: WorkBook;
}

type Changes = Pick<
  Commit,
  "setTimers" | "clearTimers" | "putApprovals" | "removeApprovals" | "putMessages" | "removeMessages" | "putWork"
>;
/** What a commit writes that is for the alarm alone. */
export const NO_CHANGES: Changes = {
  setTimers: new Map(),
  clearTimers: [],
  putMessages: new Map(),
  removeMessages: [],
};

export class Beside {
  readonly #timing: Timing;
  readonly timers: TimerRows;
  readonly outbox: KeyedRows<OutboxRow>;
  readonly approvals: ApprovalRows;
  readonly #work: WorkBook | undefined;
  #alarmAtMs: number | undefined;
  /** The process before this one died in the middle of something, and no alarm for it was set or went off since. */
  #interrupted: boolean;
  /** Messages that another process has left. */
  readonly #left: ReadonlySet<OutboxRow>;
  /** Of these, what is taken for acknowledged. */
  #presumed: ReadonlyMap<string, OutboxRow> = new Map();

  constructor(stored: Stored, timing: Timing) {
    const { state, timers, outbox, alarmAtMs, approvals = NONE_OPEN } = stored;
    this.#timing = timing;
    this.timers = new TimerRows(timers);
    this.outbox = new KeyedRows(outbox);
    this.approvals = new ApprovalRows(approvals);
    this.#work = stored.work;
    this.#alarmAtMs = alarmAtMs;
    this.#interrupted = state !== undefined && isBusy(state) && stored.givenUp !== true;
    this.#left = new Set(outbox.values());
    if (state && isTerminal(state.status) && alarmAtMs === undefined) this.#presumed = outbox;
    for (const id of this.#presumed.keys()) this.outbox.removeQuietly(id);
  }

  get alarmAtMs(): number | undefined {
    return this.#alarmAtMs;
  }

  /** Stages what an event changes of the rows of approvals and of work. `openBefore`: how many approvals were open. */
  fold(event: Event, after: ExecutionState, openBefore: number): void {
    this.approvals.apply(approvalChangeOf(event, after), openBefore);
    this.#work?.apply(event);
  }

  /** Stages what follows from an event. */
  applyReactions({ setTimers, clearTimers, messages }: Reactions, now: number): void {
    if (clearTimers === "all") this.timers.removeEnding();
    else for (const name of clearTimers) this.timers.remove(name);
    for (const { name, atMs } of setTimers) this.timers.put(name, atMs);
    for (const message of messages) {
      const { notBeforeMs } = message.to === "node" && message.verb === "start" ? message : {};
      const later = { attempts: 1, nextAtMs: notBeforeMs ?? 0 };
      const soon = { attempts: 0, nextAtMs: now + this.#timing.redeliverMs };
      this.outbox.put(messageId(message), { message, ...(notBeforeMs === undefined ? soon : later) });
    }
  }

  /** The receiver of a message could not be reached: it is tried again later. */
  postpone(id: string, row: OutboxRow, now: number): void {
    const wait = Math.min(300_000, this.#timing.redeliverMs * 2 ** row.attempts);
    this.outbox.put(id, { ...row, attempts: row.attempts + 1, nextAtMs: now + wait });
  }

  /** The receiver has the message. True when that has to be written soon. */
  acknowledge(id: string, row: OutboxRow, state: ExecutionState | undefined): boolean {
    const again = this.#left.has(row) || row.attempts > 0;
    const rests = state !== undefined && restsLong(state);
    if (again || rests || this.outbox.all.size > FEW_OWED) return this.outbox.remove(id);
    this.outbox.removeQuietly(id);
    return false;
  }

  /** Names of timers whose instant has come, earliest first. */
  dueTimers(now: number): string[] {
    return this.timers.due(now);
  }

  /** Marks a timer that went off: it stays until it is acted on, and is not armed again at once. */
  markFired(name: string): void {
    this.timers.markFired(name);
  }

  /** The platform holds no alarm now, so the next commit sets a new one. */
  alarmFired(): void {
    this.#alarmAtMs = undefined;
    this.#interrupted = false;
    for (const [id, row] of this.#presumed) this.outbox.restore(id, row);
    this.#presumed = new Map();
  }

  /** A number sets the alarm, `undefined` leaves it. */
  alarmChange(state: ExecutionState, now: number): number | undefined {
    return alarmChange(this.#wakeView(state, now), this.#alarmAtMs);
  }

  /** When the execution has to wake by itself; `undefined` when it waits for others only. */
  owedWake(state: ExecutionState, now: number): number | undefined {
    return owedWake(this.#wakeView(state, now));
  }

  #wakeView(state: ExecutionState, now: number) {
    const about = isTerminal(state.status) ? undefined : state;
    const [earliestTimerMs, hasFired] = [this.timers.earliest(about), this.timers.hasFired(about)];
    const [outbox, interrupted] = [this.outbox.all, this.#interrupted];
    return { state, now, timing: this.#timing, earliestTimerMs, hasFired, outbox, interrupted };
  }

  /** What the next commit writes of it. */
  changes(): Changes {
    const timers = this.timers.changes;
    const messages = this.outbox.changes;
    return {
      setTimers: timers.puts,
      clearTimers: timers.removals,
      ...this.approvals.changes,
      ...(this.#work && this.#work.changes.size > 0 ? { putWork: this.#work.changes } : {}),
      putMessages: messages.puts,
      removeMessages: messages.removals,
    };
  }

  /** Notes that this change of the alarm is on disk. */
  settleAlarm(alarm: number | undefined): void {
    if (alarm === undefined) return;
    this.#alarmAtMs = alarm;
    this.#interrupted = false;
  }

  /** Notes that the staged changes are on disk. */
  flush(): void {
    this.timers.flush();
    this.approvals.flush();
    this.#work?.flush();
    this.outbox.flush();
  }

  /** A change that has to be written: an acknowledgement alone has not. */
  get isDirty(): boolean {
    return this.outbox.isDirty;
  }

  get isEmpty(): boolean {
    return this.timers.isEmpty && this.outbox.isEmpty;
  }
}
