/** What leaves an execution, read from its log when it leaves; and what became of it. */
import type { Verdict } from "../domain/execution/approval.ts";
import type { Amount } from "../domain/execution/budget.ts";
import type { EntryError } from "../domain/execution/entry.ts";
import type { Origin } from "../domain/execution/origin.ts";
import type { SearchAttributes } from "../domain/execution/search-attributes.ts";
import type { ExecutionState } from "../domain/execution/state.ts";
import type { Status } from "../domain/execution/status.ts";
import type { NotifiedEvent, Webhook } from "../domain/execution/webhook.ts";
import type { SlotMessage } from "../domain/intake/slot-message.ts";
import type { OffersMessage } from "../domain/node/work-offer.ts";
import type { Plan } from "../domain/plan/plan.ts";
import type { ApprovalRecord } from "../domain/read-models/approval-record.ts";
import type { Notice } from "../domain/read-models/notice.ts";
import type { PlanProgress } from "../domain/read-models/plan-progress.ts";
import type { Json } from "../domain/values/json.ts";
import type { FinishedSubtasks } from "../domain/work/finished.ts";

/** What one message of the outbox carries, read from the log when it leaves. */
export type OutboxMessage =
  | {
      readonly to: "registry";
      readonly state: ExecutionState;
      /** When it has to wake by itself; `undefined`: it waits for others only. */
      readonly owedWakeAtMs: number | undefined;
      /** Of the chain, after the state's last event. */
      readonly head?: string | undefined;
      /** Of an execution of a plan. */
      readonly plan?: PlanProgress | undefined;
    }
  | { readonly to: "approval"; readonly record: ApprovalRecord }
  | {
      readonly to: "child";
      readonly verb: "start";
      readonly childId: string;
      readonly origin: Origin;
      readonly input: Json;
      /** What its parent's program allows it; absent: as its function says. */
      readonly timeoutMs?: number | undefined;
      /** No program of the code that asked answers to it: a node does. */
      readonly elsewhere?: true | undefined;
    }
  | {
      readonly to: "child";
      readonly verb: "cancel";
      readonly childId: string;
      /** The child's own origin and input: if its start never arrived, it is created cancelled and the start refused (P3). */
      readonly origin: Origin;
      readonly input: Json;
      readonly timeoutMs?: number | undefined;
      readonly reason: string;
    }
  | {
      readonly to: "parent";
      readonly verb: "finished";
      readonly origin: Origin;
      readonly parentId: string;
      readonly status: string;
      readonly outcome:
        | { readonly ok: true; readonly value: Json }
        | { readonly ok: false; readonly error: EntryError };
      readonly usage: Amount;
      /** Executions that came by themselves go on beneath it. */
      readonly goesOnBelow: boolean;
    }
  | {
      readonly to: "parent";
      readonly verb: "waiting";
      readonly origin: Origin;
      readonly parentId: string;
      readonly waiting: boolean;
      /** Where in the child's log it became so. */
      readonly seq: number;
    }
  | { readonly to: "files"; readonly verb: "remove"; readonly keys: readonly string[] }
  | SlotMessage
  | OffersMessage
  | {
      readonly to: "successor";
      readonly origin: Origin;
      readonly input: Json;
      readonly metadata?: Json;
      readonly attributes?: SearchAttributes;
      readonly context?: Json;
      readonly webhook?: Webhook;
      readonly webhookError?: string;
      /** Of an execution of a plan: its plan, and what of it is done. */
      readonly plan?: Plan;
      readonly finished?: FinishedSubtasks;
    };

/** A webhook is told a change of status. */
export interface WebhookMessage {
  readonly to: "webhook";
  readonly origin: Origin;
  readonly webhook: Webhook;
  /** Names the delivery within its execution. */
  readonly seq: number;
  readonly notice: Notice;
}

/** The agent that asked for an approval is told how it was decided. */
export interface CallbackMessage {
  readonly to: "callback";
  readonly origin: Origin;
  readonly url: string;
  readonly gateId: string;
  readonly verdict: Verdict;
  /** Of the execution, after the decision. */
  readonly status: Status;
}

/** The owner of an execution of a plan is told that a subtask waits for a person. */
export interface NotificationMessage {
  readonly to: "notification";
  readonly origin: Origin;
  readonly event: NotifiedEvent;
  /** Names the delivery within its execution. */
  readonly seq: number;
  readonly atMs: number;
  /** Of the execution, now. */
  readonly status: Status;
  readonly subtask: string;
  readonly title: string;
  readonly message: string;
  readonly options: readonly string[];
  readonly blockedSinceMs: number;
  /** Who is asked; absent: the owner. */
  readonly assignee?: string | undefined;
  /** Tries before this one. */
  readonly retryCount: number;
}

/** What leaves for an address that a caller named: its receiver is none of ours. */
export type PostMessage = WebhookMessage | CallbackMessage | NotificationMessage;

/** What became of one try to post. */
export type Posted =
  | { readonly ok: true; readonly httpStatus: number; readonly durationMs: number }
  | {
      readonly ok: false;
      readonly error: string;
      readonly httpStatus?: number;
      readonly durationMs: number;
      /** The same try will never do. */
      readonly isFinal?: boolean;
      /** True when the owner does not want to be told: no try was made. */
      readonly isUnwanted?: boolean;
    };
