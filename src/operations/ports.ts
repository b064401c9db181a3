/** What the operations need of the actors and of the definitions; `actors/doors` and the composition root hand it in. */
import type { AgentDefinition } from "../define/agent.ts";
import type { Caller } from "../domain/caller.ts";
import type { CreateCommand, TellCommand } from "../domain/command.ts";
import type { Event } from "../domain/event.ts";
import type { Result } from "../domain/fault.ts";
import type { InvariantReport } from "../domain/invariants.ts";
import type { ExecutionFilter, ExecutionSummary, Position } from "../domain/summary.ts";
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
  invariants(caller: Caller, executionId: string): Promise<Result<InvariantReport[]>>;
  /** Wakes an execution whose alarm is late. */
  poke(caller: Caller, executionId: string): Promise<void>;
  /** A hibernating socket of the execution: a snapshot, the events after `after`, then what happens. 404 when unknown. */
  stream(caller: Caller, executionId: string, after: number): Promise<Response>;
}

/** The index of executions, fresh within a second. */
export interface Registry {
  list(
    filter: ExecutionFilter,
    page: { readonly limit: number; readonly from: Position | undefined },
  ): Promise<ExecutionSummary[]>;
}

export interface Catalog {
  readonly agents: ReadonlyMap<string, AgentDefinition>;
}
