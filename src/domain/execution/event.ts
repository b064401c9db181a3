/**
 * The one log. An event says what happened, in the past tense; it is never changed and never removed. The journal, the
 * registry and the socket all read these. `data` is camelCase here; the contract writes it in snake_case on the wire.
 *
 * - `seq` starts at 1 and has no gaps. A reader tolerates types it does not know. `v` grows when a shape changes.
 * How an event becomes text and is read back: `event-text.ts`.
 */
import { z } from "zod";
import { Json } from "../values/json.ts";
import { ApprovalKind, ApprovalRules, OnReject, Verdict } from "./approval.ts";
import { AttemptCompleted, AttemptRejected, AttemptStarted } from "./attempt.ts";
import { Amount, BudgetLimits } from "./budget.ts";
import { EntryError } from "./entry.ts";
import { entry, entryCompleted, entryFailed, entryStarted, Key, Name } from "./entry-event.ts";
import { LoggedCode } from "./error-code.ts";
import { RestartedFrom, ReusableResult, Reuse } from "./reusable-result.ts";
import { StoredFiles } from "./stored-file.ts";
import { StoredResult } from "./stored-result.ts";
import { FunctionKind } from "./target.ts";

export const EVENT_VERSION = 1;

/** `reason`: a fixed word. `detail`: what a person said. */
const Deployment = z.string().max(200).optional();
const reason = z.object({ reason: z.string().optional(), detail: z.string().optional(), by: z.string().optional() });
const ChildOutcome = z.discriminatedUnion("ok", [
  z.object({ ok: z.literal(true), value: Json }),
  z.object({ ok: z.literal(false), error: EntryError }),
]);

/** Who an execution is and what it was asked: everything that never changes about it. */
export const Origin = z.object({
  id: z.string(),
  tenant: z.string(),
  owner: z.string(),
  agent: z.string(),
  fn: z.string(),
  kind: FunctionKind,
  /** Version of the definition at the start; a replay under another one is checked entry by entry (E3). */
  version: z.string(),
  runId: z.string(),
  parentId: z.string().optional(),
  /** True when the parent's own log holds it as a child, so that its end must reach the parent. */
  owned: z.boolean().default(false),
  /** How many executions stand above it; absent for none. */
  depth: z.number().int().optional(),
  sessionId: z.string().optional(),
  actorId: z.string().optional(),
  digest: z.string(),
  /** Its id is the caller's own, or is made of an idempotency key: the name outlives the object. */
  named: z.boolean().optional(),
  limits: BudgetLimits,
  granted: Amount.optional(),
  /** Active milliseconds until the execution times out. */
  timeoutMs: z.number().positive(),
  deadlineMs: z.number().optional(),
  /** Where its caller reached this server: what links that people are sent begin with. */
  baseUrl: z.string().optional(),
  restartedFrom: RestartedFrom.optional(),
});
export type Origin = z.infer<typeof Origin>;

export const EVENT_DATA = {
  "execution.created": z.object({
    origin: Origin,
    /** As it was sent. */
    input: Json,
    /** It went through the function's schema: as it was sent, or as `input.parsed` has it. Absent: not yet. */
    parsed: z.enum(["as_sent", "apart"]).optional(),
    metadata: Json.optional(),
    context: Json.optional(),
    files: StoredFiles.optional(),
  }),
  /** What the program is handed from here on, even if its schema says otherwise later; absent: the input as it was sent. */
  "input.parsed": z.object({
    value: Json.optional(),
    /** The schema made something else of it for the execution that this one follows: what may have come of it is not taken over. */
    differs: z.boolean().optional(),
  }),
  "execution.queued": z.object({}),
  /** `deployment`, here and below: the code that runs the program from here on. */
  "execution.started": z.object({ deployment: Deployment }),
  /** The program came to rest and only people can go on. */
  "execution.waiting": z.object({ reason: z.enum(["waiting_for_approval", "awaiting_child", "effect_in_doubt"]) }),
  /** The program came to rest and waits for time, a signal or a child; the status stays running. */
  "execution.suspended": z.object({ reason: z.enum(["sleeping", "awaiting_signal", "awaiting_child", "backing_off"]) }),
  /** `deployment`: the code that found the program to be another one. */
  "execution.blocked": z.object({ reason: z.string(), detail: z.string().optional(), deployment: Deployment }),
  "execution.paused": reason,
  /** `deployment`: the code that an execution with a changed program is tried with. */
  "execution.resumed": reason.extend({ deployment: Deployment }),
  /**
   * A death of an earlier deployment's process leaves the counts: `withoutProgress` is 0 then. `spared`: it is laid to a
   * neighbour, as so many since the last progress.
   */
  "execution.recovered": z.object({
    count: z.number().int(),
    withoutProgress: z.number().int(),
    spared: z.number().int().optional(),
    deployment: Deployment,
  }),
  /** Another execution of the same process has taken in much, and twice as much as all others together. It may be another tenant's. */
  "neighbour.grew": z.object({}),
  /** `stored`: the output is larger than a row, lies in the file store, and is `null` here. */
  "execution.succeeded": z.object({ output: Json, stored: StoredResult.optional() }),
  "execution.failed": z.object({ code: LoggedCode, message: z.string(), details: Json.optional() }),
  "execution.cancelled": reason,
  "execution.timed_out": z.object({ limit: z.string() }),
  "step.started": entryStarted,
  "step.completed": entryCompleted,
  "step.failed": entryFailed,
  "tool.started": entryStarted,
  "tool.completed": entryCompleted,
  "tool.failed": entryFailed,
  "turn.started": entryStarted,
  "turn.completed": entryCompleted,
  "turn.failed": entryFailed,
  "attempt.started": AttemptStarted,
  "attempt.completed": AttemptCompleted,
  "attempt.rejected": AttemptRejected,
  /** It lost a race: the program does not wait for it any more. */
  "entry.withdrawn": z.object({
    ...entry,
    /** Its approval, which needs no decision any more. */
    gateId: z.string().optional(),
    openedSeq: z.number().int().optional(),
    /** Its child, which is cancelled. */
    childId: z.string().optional(),
    /** The signal that it had taken and the program was not given: the next wait for that name gets it. */
    signalSeq: z.number().int().optional(),
  }),
  "gate.opened": z.object({
    key: Key,
    name: Name,
    gateId: z.string(),
    kind: ApprovalKind,
    payload: Json,
    payloadDigest: z.string(),
    requestUrl: z.string().optional(),
    onReject: OnReject,
    options: z.array(z.string()).optional(),
    expiresAtMs: z.number().optional(),
    /** Asked for from outside: the program knows nothing of it. */
    requested: z.boolean().optional(),
    /** The id had named an approval of an execution that this one follows: an old signed decision must not fit. */
    reasked: z.boolean().optional(),
    ...ApprovalRules.shape,
  }),
  "gate.decided": z.object({
    key: z.string(),
    gateId: z.string(),
    kind: ApprovalKind,
    verdict: Verdict,
    /** Digest of a decision that named no approval: by it a repetition is recognised. */
    unnamed: z.string().optional(),
    openedSeq: z.number().int().optional(),
  }),
  "gate.expired": z.object({
    key: Key,
    gateId: z.string(),
    kind: ApprovalKind,
    openedSeq: z.number().int().optional(),
  }),
  /** No process saw the end of this try: its probe is asked what became of it. */
  "effect.probing": z.object({ key: Key, attempt: z.number().int().min(1), timeoutMs: z.number() }),
  "effect.in_doubt": z.object({ key: Key, gateId: z.string() }),
  "effect.resolved": z.object({
    key: Key,
    resolution: z.enum(["retry", "succeeded", "failed"]),
    by: z.string().optional(),
  }),
  "child.started": z.object({
    key: Key,
    name: Name,
    childId: z.string(),
    target: z.string(),
    digest: z.string(),
    input: Json,
    limits: BudgetLimits,
    grant: Amount,
    /** Came by itself with our id in its header: no program waits for it. */
    adopted: z.boolean().default(false),
    /** Active milliseconds it may take; absent: as its function says. */
    timeoutMs: z.number().positive().optional(),
    /** It follows this child of the execution that we follow. */
    follows: z.string().optional(),
  }),
  /** One that named this execution as its parent after its end: it has its place here, and nothing else. */
  "child.linked": z.object({ childId: z.string(), target: z.string() }),
  /** `childSeq`: where in the child's log. */
  "child.waiting": z.object({ childId: z.string(), waiting: z.boolean(), childSeq: z.number().int().optional() }),
  "child.finished": z.object({
    key: Key,
    childId: z.string(),
    outcome: ChildOutcome,
    status: z.string(),
    usage: Amount,
    release: Amount,
    /** Executions that came by themselves go on beneath it. */
    goesOnBelow: z.boolean().optional(),
  }),
  /** All of them beneath this child have ended too. */
  "child.rested": z.object({ childId: z.string() }),
  /** The parent was cancelled after this execution's own end: what goes on beneath it is cancelled too (P3). */
  "cancel.passed_on": z.object({}),
  /** A child drew this much more on our reservation. */
  "budget.drawn": z.object({ childId: z.string(), drawId: z.string(), amount: Amount }),
  /** Our parent granted this much more. */
  "budget.granted": z.object({ drawId: z.string(), amount: Amount }),
  "budget.exceeded": z.object({ limit: z.string() }),
  /** This execution was restarted: another one follows it. It is written down before that one exists. */
  "successor.started": z.object({
    id: z.string(),
    runId: z.string(),
    scope: z.enum(["workflow", "execution"]),
    reuse: Reuse,
    fork: z.boolean(),
    digest: z.string(),
    input: Json.optional(),
    context: Json.optional(),
    reason: z.string().optional(),
    by: z.string(),
  }),
  /** One page of what the followed execution offers; after the last one the program begins. */
  "journal.inherited": z.object({
    from: z.string(),
    upto: z.number().int(),
    offers: z.array(ReusableResult),
    done: z.boolean(),
    /** The digest of what its schema made of its input; absent where that was the input as it was sent. */
    parsed: z.string().optional(),
  }),
  "signal.received": z.object({ name: Name, data: Json, by: z.string().optional() }),
  /** Their links answer 410 from here on; the store is told to remove them. */
  "files.expired": z.object({}),
  /** The time for which it is kept is over: every older event went in this one's transaction. */
  "log.archived": z.object({ retentionMs: z.number(), location: z.string().optional(), head: z.string().optional() }),
  "note.added": z.object({
    key: Key.optional(),
    message: z.string(),
    tags: z.array(z.string()),
    by: z.string().optional(),
  }),
  "progress.reported": z.object({
    key: Key.optional(),
    percent: z.number().min(0).max(100).optional(),
    done: z.number().optional(),
    total: z.number().optional(),
    message: z.string().optional(),
  }),
} as const;

export type EventType = keyof typeof EVENT_DATA;
export type EventData<T extends EventType> = z.infer<(typeof EVENT_DATA)[T]>;

/** An event before the log gave it a number and a time. */
export type NewEvent = { [T in EventType]: { readonly type: T; readonly data: EventData<T> } }[EventType];

export interface Envelope {
  readonly seq: number;
  readonly atMs: number;
  /** Who made it happen: `program`, `system`, or the subject of the caller. */
  readonly actor: string;
  readonly v: number;
}
export type Event = { [T in EventType]: Envelope & { readonly type: T; readonly data: EventData<T> } }[EventType];

export function isEventType(type: string): type is EventType {
  return Object.hasOwn(EVENT_DATA, type);
}
