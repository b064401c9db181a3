/** What the operations need of the actors and of the definitions; `actors/platform` and the composition root hand it in. */
import type { AgentDefinition } from "../define/agent.ts";
import type { BuiltIns } from "../define/built-ins.ts";
import type { KnownHead } from "../domain/execution/chain.ts";
import type { CreateCommand, DispatchCommand } from "../domain/execution/command.ts";
import type { Principal } from "../domain/execution/principal.ts";
import type { InvariantReport } from "../domain/invariants/invariants.ts";
import type { AgentRecord, ServedAgent } from "../domain/read-models/agent-record.ts";
import type {
  ApprovalClaim,
  ApprovalFilter,
  ApprovalHolder,
  ApprovalListing,
} from "../domain/read-models/approval-record.ts";
import type { EffectPage, EffectQuery, EventPage, EventQuery } from "../domain/read-models/pages.ts";
import type { RunMember } from "../domain/read-models/run-member.ts";
import type { RunDigest } from "../domain/read-models/run-tree.ts";
import type { ExecutionFilter, ExecutionSummary, Listing, ListPage, ListScope } from "../domain/read-models/summary.ts";
import type { ArchivePlace } from "../domain/read-models/tombstone.ts";
import type { ApprovalView, CommandResult, ExecutionView, Started } from "../domain/read-models/view.ts";
import type { Result } from "../domain/values/fault.ts";
import type { PlanClient } from "./plan-execution-ports.ts";

/** The execution once it changed from `sinceSeq`, at most `holdMs` later. */
interface Hold {
  readonly sinceSeq: number;
  readonly holdMs: number;
}
/** Without a result that is larger than a row (`stored` says how large it is), and without its place in a queue. */
interface Brief {
  readonly brief: true;
}

/** How an execution is looked at. */
export type Look = Hold | Brief;

/** What a woken execution says: when it owes its next wake; `null` when it waits for others only. */
export interface WakeResult {
  readonly owedWakeAtMs: number | null;
}

/** The way to one execution's actor. */
export interface ExecutionClient extends PlanClient {
  /** A fresh id. `queued`: its start may wait in the queue, so the id says where. */
  newId(tenant: string, how?: { readonly queued: boolean }): string;
  /**
   * The id that belongs to these words of this tenant; the first says what kind of name it is. Always the same one, but for a
   * schedule's where the queue is on: that one says in which shard its start waits, and who asked keeps it.
   */
  idNamed(tenant: string, ...words: readonly ["key" | "restart" | "schedule", ...string[]]): string;
  start(caller: Principal, command: CreateCommand, options: { readonly holdMs: number }): Promise<Result<Started>>;
  dispatch(caller: Principal, executionId: string, command: DispatchCommand): Promise<Result<CommandResult>>;
  view(caller: Principal, executionId: string, look?: Look): Promise<Result<ExecutionView>>;
  /** Which of these wait in a queue and have no object yet: one question for each shard. */
  queued(caller: Principal, executionIds: readonly string[]): Promise<ReadonlyMap<string, Result<ExecutionView>>>;
  /** A part of its log, bounded by count and bytes. */
  events(caller: Principal, executionId: string, query: EventQuery): Promise<Result<EventPage>>;
  effects(caller: Principal, executionId: string, query: EffectQuery): Promise<Result<EffectPage>>;
  /** The named approvals that the caller may decide on; without names the one that waits, or waited last. */
  approvals(caller: Principal, executionId: string, gateIds?: readonly string[]): Promise<Result<ApprovalView[]>>;
  /** The execution as a member of its run: itself, its children, its notes when asked for. */
  member(caller: Principal, executionId: string, options: { readonly notes: boolean }): Promise<Result<RunMember>>;
  /** `known`: what the index says of its chain. */
  invariants(caller: Principal, executionId: string, known?: KnownHead): Promise<Result<InvariantReport[]>>;
  /** Where the file store has the log of an execution that is kept no longer. */
  archive(caller: Principal, executionId: string): Promise<Result<ArchivePlace>>;
  /** Wakes an execution whose alarm is late, and says what it owes then. */
  wake(caller: Principal, executionId: string): Promise<Result<WakeResult>>;
  /** Removes the log of an execution that ended so long ago. */
  expire(caller: Principal, executionId: string, retentionMs: number): Promise<void>;
  /** A hibernating socket of the execution: a snapshot, the events after `after`, then what happens. 404 when unknown. */
  stream(caller: Principal, executionId: string, wanted: StreamOptions): Promise<Response>;
}

export interface StreamOptions {
  readonly after: number;
  readonly deltas: boolean;
  readonly batches: boolean;
}

/** The index of executions, fresh within a second. */
export interface Registry {
  list(filter: ExecutionFilter, page: ListPage): Promise<Listing>;
  /** Rows that changed at or after a version, oldest first, at most 1,000. */
  changedSince(
    whose: { readonly tenant: string; readonly owner?: string },
    version: number,
  ): Promise<ExecutionSummary[]>;
}

/** The same index, read by run, by session, by ids. */
export interface RunRegistry {
  /** Oldest first. */
  ofRun(scope: ListScope, which: { readonly runId: string; readonly limit: number }): Promise<ExecutionSummary[]>;
  byId(scope: ListScope, ids: readonly string[]): Promise<ExecutionSummary[]>;
  live(
    scope: ListScope,
    which: { readonly sessionId: string | undefined; readonly agent: string | undefined; readonly limit: number },
  ): Promise<string[]>;
  digests(scope: ListScope, runIds: readonly string[]): Promise<RunDigest[]>;
  firstOfSessions(scope: ListScope, page: ListPage): Promise<Listing>;
  lastOfSessions(scope: ListScope, sessionIds: readonly string[]): Promise<ExecutionSummary[]>;
  firstOfRuns(scope: ListScope, which: { readonly sessionId: string; readonly page: ListPage }): Promise<Listing>;
}

/** Bytes of files by key; each call rejects when the store cannot be reached. */
export interface FileStore {
  /** `about`: words that are kept beside the bytes, readable without them; at most 2 KB. */
  put(key: string, bytes: Uint8Array, about?: Readonly<Record<string, string>>): Promise<void>;
  /** The words beside the bytes; `undefined` when there is no such object. */
  about(key: string): Promise<Readonly<Record<string, string>> | undefined>;
  read(key: string): Promise<Uint8Array | undefined>;
  /** A key that is not there is removed already. */
  remove(keys: readonly string[]): Promise<void>;
}

/** Long texts in the same store; each call rejects when it cannot be reached. */
export interface TextStore {
  /** A text of any length, piece by piece: what is in memory is a few pieces. Nothing is there before all of it is. */
  putText(key: string, pieces: AsyncIterable<string>, about?: Readonly<Record<string, string>>): Promise<void>;
  /** What `putText` put there, in pieces; `undefined` when there is none. The pieces reject where it was changed or cut. */
  readText(key: string): Promise<AsyncIterable<string> | undefined>;
}

/** The index of approvals: the inbox, and whose an approval's id is. */
export interface ApprovalIndex {
  list(filter: ApprovalFilter, page: ListPage): Promise<ApprovalListing>;
  /** The execution an approval belongs to, or belonged to last. */
  executionOf(tenant: string, id: string): Promise<string | undefined>;
  /** Takes an id that is free; answers who holds it afterwards. */
  claim(claim: ApprovalClaim): Promise<ApprovalHolder>;
  /** Takes it from a claim that never became an approval, if it is still that one's. */
  takeOver(claim: ApprovalClaim, from: ApprovalHolder): Promise<ApprovalHolder>;
  release(claim: ApprovalClaim): Promise<void>;
}

/** When the agents of the code were seen; each call rejects when the registry cannot be reached. */
export interface AgentRegistry {
  /** Notes what is in the code now; where nothing changed nothing is written. */
  record(served: readonly ServedAgent[], atMs: number): Promise<void>;
  records(): Promise<readonly AgentRecord[]>;
}

export interface Catalog {
  readonly agents: ReadonlyMap<string, AgentDefinition>;
  /** What runs executions of no agent of the code. */
  readonly builtIns?: BuiltIns;
}
