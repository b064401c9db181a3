/**
 * What one may ask of an execution, in the imperative. Commands from outside (callers, timers, children) and from the
 * run loop go through the same `decide`; nothing else writes to the log.
 */

import type { Plan } from "../plan/plan.ts";
import type { ArchivePlace } from "../read-models/tombstone.ts";
import type { Json } from "../values/json.ts";
import type { FinishedSubtasks } from "../work/finished.ts";
import type { DecideApproval, OpenApprovalCommand, RequestApproval, ResolveEffect } from "./approval-command.ts";
import type { Amount, BudgetLimits } from "./budget.ts";
import type { AdoptChild, ChildFinished, ChildWaiting, PassCancelOn, StartChild } from "./child-command.ts";
import type { EntryKind, Outcome } from "./entry.ts";
import type { LoggedCode } from "./error-code.ts";
import type { EventData, NewEvent } from "./event.ts";
import type { LogEntry } from "./events/notes.ts";
import type { BeginSending, ExternalCommand, NoteSent } from "./external-command.ts";
import type { Origin } from "./origin.ts";
import type { ReusablePage } from "./reusable-result.ts";
import type { AttributeChanges, SearchAttributes } from "./search-attributes.ts";
import type { Status } from "./status.ts";
import type { StoredFiles } from "./stored-file.ts";
import type { StoredResult } from "./stored-result.ts";
import type { Webhook } from "./webhook.ts";
import type { SettleWork, WorkCommand } from "./work-command.ts";

export interface StartEntry {
  readonly type: "start_entry";
  readonly key: string;
  readonly kind: EntryKind;
  readonly name: string;
  readonly attempt: number;
  readonly digest?: string;
  readonly input?: Json;
  readonly wakeAtMs?: number;
  readonly signal?: string;
  readonly timeoutMs?: number;
  readonly idempotent?: boolean;
  readonly onInterrupt?: "retry" | "fail" | "ask";
  readonly reserve?: Amount;
  readonly recovered?: boolean;
  readonly begunIn?: string;
  /** Of an external activity. */
  readonly token?: string;
}

export interface FinishEntry {
  readonly type: "finish_entry";
  readonly key: string;
  readonly kind: EntryKind;
  readonly name: string;
  readonly attempt: number;
  /** Of a step, which may have written down no beginning. */
  readonly digest?: string;
  readonly outcome: Outcome;
  readonly retryAtMs?: number;
  /** It was given up: whether it reached the outside is not known. */
  readonly timedOut?: boolean;
  readonly scratch?: Json;
  readonly signalSeq?: number;
  readonly usage?: Amount;
}

/** The execution is followed by a new one, whose id the caller knows already. */
export interface RestartCommand extends EventData<"successor.started"> {
  readonly type: "restart";
}

export interface ImportResults extends ReusablePage {
  readonly type: "inherit";
  /** How many offers came before this page. */
  readonly offset: number;
}

export interface ReuseEntry {
  readonly type: "reuse_entry";
  readonly key: string;
}

/**
 * Another deployment answers for an execution that is blocked because its program changed: it is tried with that one's
 * code, once. `deployment` names the code, at most 200 characters.
 */
export interface RetryProgram {
  readonly type: "retry_program";
  readonly deployment: string;
}

/** A person has a delivery sent again: the one of this event of the log, or the newest one. */
export interface RetryDelivery {
  readonly type: "retry_delivery";
  readonly of?: number;
  readonly by: string;
}

/** What became of one attempt to deliver. */
export type NoteDelivery = { readonly type: "note_delivery" } & (
  | ({ readonly ok: true } & Omit<EventData<"webhook.delivered">, "attempt">)
  | ({ readonly ok: false } & Omit<EventData<"webhook.failed">, "attempt">)
);

/** What became of one attempt to tell the agent that asked for an approval how it was decided. */
export type NoteCallback = { readonly type: "note_callback" } & (
  | ({ readonly ok: true } & EventData<"callback.delivered">)
  | ({ readonly ok: false } & EventData<"callback.failed">)
);

/** What the schema of a function makes of an input: the same, or another value. */
export type ParsedInput = { readonly same: true } | { readonly same: false; readonly value: Json };

export type EngineCommand =
  | StartEntry
  | FinishEntry
  | OpenApprovalCommand
  | StartChild
  | BeginSending
  | NoteSent
  | {
      readonly type: "doubt_effect";
      readonly key: string;
      readonly gateId: string;
      /** The effect as a person is shown it. */
      readonly payload: Json;
      readonly payloadDigest: string;
      readonly expiresAtMs?: number;
    }
  /** No process saw the end of a try: its probe is asked. */
  | { readonly type: "begin_probe"; readonly key: string; readonly attempt: number; readonly timeoutMs: number }
  /** A probe found that the interrupted try never reached the outside. */
  | { readonly type: "allow_retry"; readonly key: string; readonly by: "probe" }
  /** `deployment`, here and below: names the code that runs. */
  | { readonly type: "begin" | "recover"; readonly deployment?: string }
  | { readonly type: "note_neighbour" }
  /** Before a program begins for the first time, where no caller had its input parsed. */
  | { readonly type: "take_input"; readonly parsed: ParsedInput; readonly differs?: boolean }
  | { readonly type: "come_to_rest" }
  | { readonly type: "withdraw"; readonly keys: readonly string[] }
  | { readonly type: "succeed"; readonly output: Json; readonly stored?: StoredResult }
  | { readonly type: "fail"; readonly code: LoggedCode; readonly message: string; readonly details?: Json }
  /** Another end than the program's own: the one that a receiver reported. */
  | { readonly type: "end_as"; readonly status: "cancelled" | "timeout"; readonly detail: string }
  | { readonly type: "exceed_budget"; readonly limit: string }
  | { readonly type: "block"; readonly reason: string; readonly detail?: string; readonly deployment?: string }
  | { readonly type: "add_grant"; readonly drawId: string; readonly amount: Amount }
  | { readonly type: "say_note"; readonly key: string; readonly message: string; readonly tags: readonly string[] }
  | { readonly type: "report_progress"; readonly key: string; readonly progress: Progress }
  | { readonly type: "set_attributes"; readonly key: string; readonly attributes: AttributeChanges }
  | { readonly type: "say_attempt"; readonly event: AttemptEvent };

/** What a program says once, and gets no answer to. */
export type OneWayCommand = Extract<
  EngineCommand,
  { type: "say_note" | "report_progress" | "set_attributes" | "say_attempt" }
>;

/** A pass of an agentic execution, begun or judged. */
export type AttemptEvent = Extract<NewEvent, { type: `attempt.${string}` }>;

type Progress = Omit<EventData<"progress.reported">, "key">;

export interface CancelCommand {
  readonly type: "cancel";
  /** What a person said. */
  readonly reason?: string;
  /** The fixed word of its reason, when no person cancels it. Default `cancelled`. */
  readonly word?: typeof PARENT_ENDED;
  readonly by: string;
  /** The execution of the bulk operation that sends it. */
  readonly bulk?: string;
}

/** The parent's end of any kind ended it. */
export const PARENT_ENDED = "parent_ended";

/** One or many, in the order in which they are to be taken. */
export interface SignalCommand {
  readonly type: "signal";
  readonly signals: readonly { readonly name: string; readonly data: Json }[];
  readonly by: string;
  /** Most bytes of signals that may wait to be taken, these included; set by the actor from its limits. */
  readonly mostBytes?: number;
}

/** A limiter grants a slot that was asked for under this epoch. */
export interface GrantSlot {
  readonly type: "grant_slot";
  readonly queue: string;
  readonly epoch: number;
}

/** The engine's own: see `decide/slot.ts`. */
export interface AskForSlot {
  readonly type: "ask_for_slot";
  readonly why: "goes on" | "again";
}

/** A call within a node, beneath this execution or beneath a call that it knows. Refused where it knows neither. */
export interface ReportCall {
  readonly type: "report_call";
  readonly id: string;
  readonly parentId: string | undefined;
  readonly node: string | undefined;
  readonly fn: string;
  readonly status: Status;
  readonly reason?: string | undefined;
  readonly durationMs?: number | undefined;
  readonly by: string;
}

export type OutsideCommand =
  | {
      readonly type: "create";
      readonly origin: Origin;
      readonly input: Json;
      /** Absent: the execution parses its input itself, when it begins. */
      readonly parsed?: ParsedInput;
      readonly metadata?: Json;
      readonly attributes?: SearchAttributes;
      readonly context?: Json;
      /** They lie in the store already. */
      readonly files?: Omit<StoredFiles, "expiresAtMs">;
      readonly webhook?: Webhook;
      /** Why the webhook that was asked for is not registered. */
      readonly webhookError?: string;
      /** When its start was accepted, where that was before: deadline and retention count from then on. */
      readonly acceptedAtMs?: number;
      /** Its program begins when the same start comes without this. */
      readonly awaitsTurn?: true;
      /** Names the code that runs. */
      readonly deployment?: string;
      /** The platform's word for the region of its caller: its object is made there. */
      readonly region?: string;
      /** It names its parent itself, which has to take it on first. `bound`: it is refused where there is none. */
      readonly joins?: { readonly asked: BudgetLimits; readonly bound?: true };
      /** Agents that poll do it, and no program. `stays`: it is not queued yet. */
      readonly plan?: Plan;
      readonly stays?: true;
      /** Subtasks that are done already, in the execution that this one follows. */
      readonly finished?: FinishedSubtasks;
    }
  | CancelCommand
  | ExternalCommand
  | { readonly type: "pause"; readonly reason?: string; readonly by: string; readonly bulk?: string }
  | { readonly type: "resume"; readonly reason?: string; readonly by: string; readonly bulk?: string }
  | RetryProgram
  | SignalCommand
  | { readonly type: "add_note"; readonly message: string; readonly tags: readonly string[]; readonly by: string }
  | { readonly type: "write_log"; readonly entries: readonly LogEntry[]; readonly by: string }
  | ReportCall
  | DecideApproval
  | RequestApproval
  | ResolveEffect
  | ChildFinished
  | ChildWaiting
  | AdoptChild
  | RestartCommand
  | RetryDelivery
  | GrantSlot
  | WorkCommand
  | {
      readonly type: "draw_budget";
      readonly childId: string;
      readonly drawId: string;
      readonly amount: Amount;
      /** What the child and those beneath it have spent; absent from a child in an older version. */
      readonly used?: Amount | undefined;
    }
  | { readonly type: "fire_timer"; readonly name: string }
  | { readonly type: "archive_log"; readonly retentionMs: number; readonly archive?: ArchivePlace };

export type Command =
  | EngineCommand
  | OutsideCommand
  | ImportResults
  | ReuseEntry
  | PassCancelOn
  | AskForSlot
  | SettleWork
  | NoteDelivery
  | NoteCallback;

export type CreateCommand = Extract<OutsideCommand, { type: "create" }>;
export type BudgetRequestCommand = Extract<OutsideCommand, { type: "draw_budget" }>;
/** Commands that others may dispatch to an execution that exists; timers are its own. */
export type DispatchCommand = Exclude<
  OutsideCommand,
  { type: "create" | "draw_budget" | "fire_timer" | "archive_log" }
>;
