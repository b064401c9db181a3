/** What an `ExecutionActor` answers over RPC. Every method takes the caller first. */
import type { Decided } from "../../domain/decide/decided.ts";
import type { KnownHead } from "../../domain/execution/chain.ts";
import type { BudgetRequestCommand, CreateCommand, DispatchCommand } from "../../domain/execution/command.ts";
import type { Principal } from "../../domain/execution/principal.ts";
import type { ReusablePage, ReusableQuery } from "../../domain/execution/reusable-result.ts";
import type { ReportWork, TakeWork } from "../../domain/execution/work-command.ts";
import type { InvariantReport } from "../../domain/invariants/invariants.ts";
import type { EffectPage, EffectQuery, EventPage, EventQuery } from "../../domain/read-models/pages.ts";
import type {
  PlanExecutionView,
  ReportAnswer,
  ReportPage,
  ReportQuery,
  WorkAnswer,
} from "../../domain/read-models/plan-view.ts";
import type { RunMember } from "../../domain/read-models/run-member.ts";
import type { ArchivePlace } from "../../domain/read-models/tombstone.ts";
import type { ApprovalView, CommandResult, ExecutionView, Started } from "../../domain/read-models/view.ts";
import type { Result } from "../../domain/values/fault.ts";
import type { Look, WakeResult } from "../../operations/ports.ts";

/** How long a start is held, and for what: until its program rests, or until the execution is stored for the first time. */
export interface StartHold {
  readonly holdMs: number;
  readonly until?: "rest" | "stored";
}

export interface ExecutionRpc {
  start(caller: Principal, command: CreateCommand, hold: StartHold): Promise<Result<Started>>;
  dispatch(caller: Principal, command: DispatchCommand): Promise<Result<CommandResult>>;
  cancelOrRefuse(caller: Principal, command: CreateCommand, reason: string): Promise<Result<null>>;
  plan(caller: Principal, how: { readonly brief: boolean }): Promise<Result<PlanExecutionView>>;
  workReports(caller: Principal, query: ReportQuery): Promise<Result<ReportPage>>;
  takeWork(caller: Principal, command: TakeWork): Promise<Result<WorkAnswer>>;
  reportWork(caller: Principal, commands: readonly ReportWork[]): Promise<Result<readonly ReportAnswer[]>>;
  requestBudget(caller: Principal, command: BudgetRequestCommand): Promise<Decided>;
  view(caller: Principal, look?: Look): Promise<Result<ExecutionView>>;
  events(caller: Principal, query: EventQuery): Promise<Result<EventPage>>;
  effects(caller: Principal, query: EffectQuery): Promise<Result<EffectPage>>;
  approvals(caller: Principal, gateIds?: readonly string[]): Promise<Result<ApprovalView[]>>;
  offers(caller: Principal, query: ReusableQuery): Promise<Result<ReusablePage>>;
  member(caller: Principal, options: { readonly notes: boolean }): Promise<Result<RunMember>>;
  wake(caller: Principal): Promise<Result<WakeResult>>;
  wantsSlot(caller: Principal, asked: { readonly queue: string; readonly epoch: number }): Promise<Result<boolean>>;
  expire(caller: Principal, retentionMs?: number): Promise<void>;
  archive(caller: Principal): Promise<Result<ArchivePlace>>;
  invariants(caller: Principal, known?: KnownHead): Promise<Result<InvariantReport[]>>;
}
