/** All that the engine knows of the world. The actor hands in the platform; the simulator a clock, a seed and a storage that forgets. */
import type { FunctionDefinition } from "../define/agent.ts";
import type { BuiltIns } from "../define/built-ins.ts";
import type { OpenApproval, OpenApprovals } from "../domain/execution/approval.ts";
import type { Amount } from "../domain/execution/budget.ts";
import type { ChainedRow, ChainVerdict, KnownHead } from "../domain/execution/chain.ts";
import type { GrantSlot } from "../domain/execution/command.ts";
import type { Event } from "../domain/execution/event.ts";
import type { Appended } from "../domain/execution/event-text.ts";
import type { TimerClass } from "../domain/execution/hold.ts";
import type { Origin } from "../domain/execution/origin.ts";
import type { OutboxEntry } from "../domain/execution/outbox-entry.ts";
import type { ReusablePage, ReusableQuery } from "../domain/execution/reusable-result.ts";
import type { ExecutionState } from "../domain/execution/state.ts";
import type { MemoryVerbs } from "../domain/memory/memory-verbs.ts";
import type { TurnDelta } from "../domain/model/conversation.ts";
import type { ArchivePlace } from "../domain/read-models/tombstone.ts";
import type { Refusal, Result } from "../domain/values/fault.ts";
import type { OutboxMessage, Posted, PostMessage } from "./message.ts";
import type { ModelPort } from "./model-port.ts";
import type { NodePort } from "./node-port.ts";
import type { RunningCode } from "./running-code.ts";

/** A message that has not been acknowledged yet. */
export interface OutboxRow {
  readonly message: OutboxEntry;
  readonly attempts: number;
  readonly nextAtMs: number;
}

/** Most messages that lie in a row of the log, and are acknowledged without a commit of their own. */
export const FEW_OWED = 8;

/** Everything one transaction writes; `alarmAtMs` sets the alarm; absent leaves it. */
export interface Commit {
  readonly events: readonly Appended[];
  readonly state: ExecutionState;
  readonly setTimers: ReadonlyMap<string, number>;
  readonly clearTimers: readonly string[];
  /** Open approvals by id: those that opened, and ids of those that are open no longer. */
  readonly putApprovals?: ReadonlyMap<string, OpenApproval>;
  readonly removeApprovals?: readonly string[];
  readonly putMessages: ReadonlyMap<string, OutboxRow>;
  readonly removeMessages: readonly string[];
  /** Rows of the work of a plan, by key. */
  readonly putWork?: ReadonlyMap<string, string>;
  /** All older events go; those of this commit are what remains of the log. */
  readonly forgetLog: boolean;
  readonly alarmAtMs?: number;
}

export interface Loaded {
  readonly state: ExecutionState | undefined;
  readonly outbox: ReadonlyMap<string, OutboxRow>;
  readonly alarmAtMs: number | undefined;
}

export interface Timer {
  readonly name: string;
  readonly atMs: number;
}

/** Timers as they are on the disk, read one at a time. */
export interface StoredTimers {
  readonly isEmpty: boolean;
  has(name: string): boolean;
  /** The first ones of a class behind an instant, earliest first. */
  behind(timerClass: TimerClass, atMs: number, limit: number): Iterable<Timer>;
  /** Timers up to an instant, in any order. */
  until(atMs: number): Iterable<Timer>;
}

/** Rows of the work of a plan as they are on the disk: texts by key. */
export interface StoredWork {
  get(key: string): string | undefined;
  /** Rows whose key begins so, in any order. */
  under(prefix: string): Iterable<string>;
}

/** Events that are stored in one row, ascending. */
export interface EventRow {
  readonly events: readonly Event[];
  /** Characters of its text. */
  readonly size: number;
}

/** The chain over the texts of the log. */
export interface StoredChain {
  /** After the newest event that was committed. */
  readonly head: string;
  /** As `Store.rows`, each event as its text. */
  rows(after: number): Iterable<ChainedRow>;
  /** The head after one more text. */
  next(before: string, text: string): string;
  /** Whether the stored events are those that were appended, all of them. Reads the whole log. */
  check(known?: KnownHead): ChainVerdict;
}

/** An ended execution whose log goes into the archive. */
export interface ArchivedLog {
  readonly state: ExecutionState;
  readonly chain: StoredChain;
}

/** The durable rows of one execution. `commit` is all or nothing and synchronous: nothing is awaited inside. */
export interface Store {
  load(): Loaded;
  /**
   * The log from the row on that holds the first event with `seq > after`, one row at a time. Each reading makes events
   * anew: they are the reader's own. Nothing is awaited, and nothing else is read or written, before the last row.
   */
  rows(after: number): Iterable<EventRow>;
  /** The open approvals, as they are on the disk. */
  readonly approvals: OpenApprovals;
  readonly timers: StoredTimers;
  /** Absent where no plan is done. */
  readonly work?: StoredWork;
  commit(commit: Commit): void;
  /** Bytes that it may still take, and of how many in all. Absent: there is no end. */
  readonly room?: () => { readonly left: number; readonly most: number };
  /** Absent where the store keeps none. */
  readonly chain?: StoredChain;
  /** Resolves when everything committed is on disk. */
  sync(): Promise<void>;
}

export interface BudgetRequest {
  readonly origin: Origin;
  readonly parentId: string;
  readonly drawId: string;
  readonly amount: Amount;
  /** What the child and those beneath it have spent. */
  readonly used: Amount;
}

export interface ClaimedApproval {
  /** Until when its approval may open. */
  readonly untilMs: number;
  /** The id had named an approval of an execution that this one follows. */
  readonly reasked: boolean;
}

export interface FoundFunction {
  readonly definition: FunctionDefinition;
  readonly version: string;
  /** What its agent says of all its functions together. */
  readonly agentLimit?: number | undefined;
}

/**
 * The asynchronous context of the platform: `run` calls a function so that what it goes on with, after each `await` too,
 * finds `value` as `current`. A platform may lose it, so it only guards: see `leaf.ts`.
 */
export interface Scope {
  run<T>(value: object | undefined, fn: () => T): T;
  current(): object | undefined;
}

/** A limiter that has a slot free answers with it. */
export type Answer = Refusal | GrantSlot | undefined;

export interface World extends RunningCode {
  /** Milliseconds since 1970: the one clock (P8). */
  now(): number;
  random(): number;
  /** A new id; the prefix tells what it names. */
  newId(prefix: "gate" | "token"): string;
  newExecutionId(tenant: string): string;
  digest(text: string): string;
  /** Resolves once the program can do nothing more without an answer: all microtasks are done. */
  drainMicrotasks(): Promise<void>;
  /** Not durable; only for putting off work that a crash may drop. What it returns calls it off. */
  later(delayMs: number, fn: () => void): () => void;
  readonly scope?: Scope;
  find(agent: string, fn: string): FoundFunction | undefined;
  /** Run executions that are marked so. */
  readonly builtIns: BuiltIns | undefined;
  /**
   * Resolves with nothing when the receiver has it durably, with a refusal when it will not have it, with the command that
   * is its answer; rejects when it was not reached.
   */
  deliver(message: OutboxMessage): Promise<Answer>;
  /** Sends to an address that a caller named; resolves within the time of one try. */
  post(message: PostMessage): Promise<Posted>;
  /**
   * Takes an approval's id that the program chose. Refused when it was ever another's; rejects, or refuses with a fault that
   * may pass, when the index does not answer. Asked again by the same execution it says the same.
   */
  claimApproval(origin: Origin, id: string): Promise<Result<ClaimedApproval>>;
  /** Whether another execution of the tenant has ended, or is known no longer. Rejects where that cannot be said now. */
  hasEnded(origin: Origin, executionId: string): Promise<boolean>;
  requestBudget(requestBudget: BudgetRequest): Promise<{ readonly ok: true } | Refusal>;
  /** A page of what the execution that this one follows offers. Rejects when it cannot be reached. */
  offers(origin: Origin, page: Pick<ReusableQuery, "offset" | "upto">): Promise<Result<ReusablePage>>;
  readonly model?: ModelPort;
  readonly memory?: MemoryVerbs;
  /** Remote agents. Absent: there are none. */
  readonly nodes?: NodePort;
  /** Called with a turn's text while it is written, for readers who watch. Live only: nothing durable follows from it. */
  readonly onDelta?: (delta: TurnDelta) => void;
  /** What tools need from outside, by the names they declare; handed in by the composition root. */
  readonly services: Readonly<Record<string, unknown>>;
  /** The bytes under a key of the file store; `undefined` when there are none. Rejects when it cannot be reached. */
  readFile(key: string): Promise<Uint8Array | undefined>;
  writeFile(key: string, bytes: Uint8Array): Promise<void>;
  /** Puts the log where it stays when its rows go, and says where; rejects when it grows meanwhile. Absent: there is no such place. */
  readonly archive?: (log: ArchivedLog) => Promise<ArchivePlace>;
  /** Removes the object whole, its alarm too: the index knows what became of it. Absent: its tombstone stays in it. */
  readonly forget?: () => void;
  /** The storage takes no commits: the object's memory goes, and the next one reads what is on disk. No death of the program. */
  giveUp(error: unknown): void;
  /** How often in a row this process had to give this object up. Absent: not once. */
  readonly givenUp?: number;
  /** Stack traces go here and nowhere else. */
  log(level: "info" | "warn" | "error", message: string, fields: Readonly<Record<string, unknown>>): void;
}

/** Times of the engine in ms, and how much it does at once; a test or a deployment may choose others. */
export interface Timing {
  /** Alarm while something is in flight: far below the 70–140 s after which the platform evicts an idle object. */
  readonly heartbeatMs: number;
  /** How far ahead an alarm is set while only the outside can act. A command wakes the object, so this alarm is a last resort. */
  readonly recheckMs: number;
  /** How long results of pure computation may stay in memory; a crash only computes them again. */
  readonly lazyFlushMs: number;
  /** First redelivery of an unacknowledged message; doubles up to five minutes. */
  readonly redeliverMs: number;
  /** How long the log of an ended execution is kept, counted from its end; `Infinity`: for ever. */
  readonly retentionMs: number;
  /** Most steps, effects, tools and turns of one execution that run at once; the others wait for one of them to end. */
  readonly mostTries: number;
  /**
   * How long a program is waited for that is at something of its own while the log holds what it has not asked for; and, at
   * its end, the tries that it left running.
   */
  readonly graceMs: number;
}

export const DEFAULT_TIMING: Timing = {
  heartbeatMs: 30_000,
  recheckMs: 30 * 86_400_000,
  lazyFlushMs: 25,
  redeliverMs: 5_000,
  retentionMs: Number.POSITIVE_INFINITY,
  mostTries: 50,
  graceMs: 10_000,
};
