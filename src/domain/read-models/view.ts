/** Executions as readers see them. Plain data: it travels between actors, and the contract writes it on the wire. */
import type { Decision } from "../execution/approval.ts";
import type { AttemptView } from "../execution/attempt.ts";
import type { EntryError, EntryKind, EntryStatus, Outcome } from "../execution/entry.ts";
import type { EventData } from "../execution/event.ts";
import type { ExecutionState } from "../execution/state.ts";
import type { StoredFiles } from "../execution/stored-file.ts";
import type { StoredResult } from "../execution/stored-result.ts";
import type { Delivery } from "../execution/webhook.ts";
import type { Json } from "../values/json.ts";
import type { ApprovalStatus } from "./approval-record.ts";
import type { WebhookView } from "./webhook-view.ts";
import type { Why } from "./why.ts";

/** One execution: its state with the contents that its events hold. */
export interface ExecutionView {
  readonly state: ExecutionState;
  readonly metadata: Json | undefined;
  /** What came with its start; expired once `state.filesExpiredAtMs` is set. */
  readonly files?: StoredFiles | undefined;
  readonly output: Json | undefined;
  /** Where the output is not in the log: what to expect in the file store. */
  readonly stored?: StoredResult | undefined;
  readonly error: EntryError | undefined;
  /** Passes of an agentic execution so far, the present one included. */
  readonly attempts: readonly AttemptView[];
  /** The approval that has waited longest for a person, with what it shows: none or one. */
  readonly openApprovals: readonly EventData<"gate.opened">[];
  /** When it was asked. */
  readonly requestedAtMs?: number;
  /** The one that was decided last, as it was asked. */
  readonly lastGate?: EventData<"gate.opened"> | undefined;
  readonly lastVerdict: EventData<"gate.decided">["verdict"] | undefined;
  readonly why: Why | undefined;
  /** While it has no object, and waits in the queue of an intake shard. */
  readonly queue?: QueuePlace;
  /** Absent where none is registered. */
  readonly webhook?: WebhookView | undefined;
}

/** Where a queued start stands. */
export interface QueuePlace {
  /** 1 for the one that begins next. */
  readonly position: number;
  readonly depth: number;
  /** Why it stands aside, while the others go on. */
  readonly aside?: string | undefined;
}

/**
 * One approval, as a person who may decide it sees it: what is asked, where it stands, and of its execution no more than
 * which one it is.
 */
export interface ApprovalView {
  readonly execution: {
    readonly id: string;
    readonly runId: string;
    readonly sessionId: string | undefined;
    readonly target: string;
    readonly status: ExecutionState["status"];
    readonly baseUrl: string | undefined;
  };
  readonly opened: EventData<"gate.opened">;
  readonly requestedAtMs: number;
  readonly status: ApprovalStatus;
  readonly decidedAtMs: number | undefined;
  readonly verdict: EventData<"gate.decided">["verdict"] | undefined;
}

/** One touch of the outside as an operator sees it: what was asked, how often it was tried, what came of it. */
export interface EffectView {
  readonly key: string;
  readonly kind: EntryKind;
  readonly name: string;
  /** `queued`: it is asked for and not begun, because as many run as may run at once. */
  readonly status: EntryStatus | "queued";
  /** Why it does not go on by itself, where its status does not say it. */
  readonly reason: string | undefined;
  readonly attempts: number;
  readonly input: Json | undefined;
  readonly outcome: Outcome | undefined;
  readonly idempotent: boolean;
  /** It lost a race: the program does not wait for it, and no person is asked about it. */
  readonly withdrawn?: boolean;
  /** The approval that asks a person what became of it, while it is in doubt. */
  readonly gateId: string | undefined;
  readonly childId: string | undefined;
  /** The execution that did it; here its result was taken over. */
  readonly reusedFrom: string | undefined;
}

/** What a start did. */
export interface Started {
  readonly view: ExecutionView;
  /** False when it was started before: a repetition. */
  readonly changed: boolean;
}

/** What became of the approval that a decision named or meant. */
export interface ApprovalOutcome {
  readonly gateId: string;
  /** Of the entry that asked. */
  readonly key: string;
  readonly decision: Decision | undefined;
  readonly option: string | undefined;
}

/** What another command did. No contents: a signal's sender has no use for a megabyte of output. */
export interface CommandResult {
  readonly state: ExecutionState;
  readonly before: ExecutionState["status"];
  /** False when the command found it so already. */
  readonly changed: boolean;
  /** After a cancel: who has not yet said that it stopped. */
  readonly pending: readonly string[];
  /** After a decision: about which approval it was. */
  readonly approval?: ApprovalOutcome;
  /** After a retry: the delivery that is sent again. */
  readonly retried?: Delivery;
}
