/** What an `ExecutionActor` answers over RPC. Every method takes the caller first. */
import type { Caller } from "../domain/caller.ts";
import type { KnownHead } from "../domain/chain.ts";
import type { CreateCommand, DrawCommand, TellCommand } from "../domain/command.ts";
import type { Decided } from "../domain/decided.ts";
import type { Result } from "../domain/fault.ts";
import type { InvariantReport } from "../domain/invariants.ts";
import type { OfferPage, OfferQuery } from "../domain/offer.ts";
import type { EffectPage, EffectQuery, EventPage, EventQuery } from "../domain/pages.ts";
import type { RunMember } from "../domain/run-member.ts";
import type { ArchivePlace } from "../domain/tombstone.ts";
import type { ApprovalView, ExecutionView, Started, Told } from "../domain/view.ts";
import type { Poked } from "../operations/ports.ts";

export interface ExecutionRpc {
  start(caller: Caller, command: CreateCommand, options: { readonly holdMs: number }): Promise<Result<Started>>;
  tell(caller: Caller, command: TellCommand): Promise<Result<Told>>;
  cancelOrRefuse(caller: Caller, command: CreateCommand, reason: string): Promise<Result<null>>;
  draw(caller: Caller, command: DrawCommand): Promise<Decided>;
  view(caller: Caller, hold?: { readonly sinceSeq: number; readonly holdMs: number }): Promise<Result<ExecutionView>>;
  events(caller: Caller, query: EventQuery): Promise<Result<EventPage>>;
  effects(caller: Caller, query: EffectQuery): Promise<Result<EffectPage>>;
  approvals(caller: Caller, gateIds?: readonly string[]): Promise<Result<ApprovalView[]>>;
  offers(caller: Caller, query: OfferQuery): Promise<Result<OfferPage>>;
  member(caller: Caller, options: { readonly notes: boolean }): Promise<Result<RunMember>>;
  poke(caller: Caller): Promise<Result<Poked>>;
  expire(caller: Caller): Promise<void>;
  archive(caller: Caller): Promise<Result<ArchivePlace>>;
  invariants(caller: Caller, known?: KnownHead): Promise<Result<InvariantReport[]>>;
}
