/** What the operations need of the actors and of the definitions; `actors/doors` and the composition root hand it in. */
import type { AgentDefinition } from "../define/agent.ts";
import type { Caller } from "../domain/caller.ts";
import type { CreateCommand, TellCommand } from "../domain/command.ts";
import type { Event } from "../domain/event.ts";
import type { Result } from "../domain/fault.ts";
import type { InvariantReport } from "../domain/invariants.ts";
import type { RunMember } from "../domain/run-member.ts";
import type { RunDigest } from "../domain/run-tree.ts";
import type { ExecutionFilter, ExecutionSummary, Listing, ListPage, ListScope } from "../domain/summary.ts";
import type { EffectView, ExecutionView, Told } from "../domain/view.ts";

/** The way to one execution's actor. */
export interface ExecutionDoor {
  /** A fresh id, or the one that belongs to this tenant's idempotency key. */
  newId(tenant: string, idempotencyKey: string | undefined): string;
  start(caller: Caller, command: CreateCommand, options: { readonly holdMs: number }): Promise<Result<Told>>;
  tell(caller: Caller, executionId: string, command: TellCommand): Promise<Result<Told>>;
  view(
    caller: Caller,
    executionId: string,
    hold?: { readonly sinceSeq: number; readonly holdMs: number },
  ): Promise<Result<ExecutionView>>;
  events(
    caller: Caller,
    executionId: string,
    page: { readonly after: number; readonly limit: number },
  ): Promise<Result<Event[]>>;
  effects(caller: Caller, executionId: string): Promise<Result<EffectView[]>>;
  /** The execution as a member of its run: itself, its children, its notes when asked for. */
  member(caller: Caller, executionId: string, options: { readonly notes: boolean }): Promise<Result<RunMember>>;
  invariants(caller: Caller, executionId: string): Promise<Result<InvariantReport[]>>;
  /** Wakes an execution whose alarm is late. */
  poke(caller: Caller, executionId: string): Promise<void>;
  /** A hibernating socket of the execution: a snapshot, the events after `after`, then what happens. 404 when unknown. */
  stream(caller: Caller, executionId: string, after: number): Promise<Response>;
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
  firstOfSessions(scope: ListScope, page: ListPage): Promise<ExecutionSummary[]>;
  lastOfSessions(scope: ListScope, sessionIds: readonly string[]): Promise<ExecutionSummary[]>;
  firstOfRuns(
    scope: ListScope,
    which: { readonly sessionId: string; readonly page: ListPage },
  ): Promise<ExecutionSummary[]>;
}

export interface Catalog {
  readonly agents: ReadonlyMap<string, AgentDefinition>;
}
