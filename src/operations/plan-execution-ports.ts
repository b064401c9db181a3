/** What the operations on executions of plans need of their actors, and of the directory of the tenant's agents. */
import type { Principal } from "../domain/execution/principal.ts";
import type { ReportWork, Reserved, TakeWork } from "../domain/execution/work-command.ts";
import type { PollingAgent } from "../domain/node/polling-agent.ts";
import type {
  PlanExecutionView,
  ReportAnswer,
  ReportPage,
  ReportQuery,
  WorkAnswer,
} from "../domain/read-models/plan-view.ts";
import type { Result } from "../domain/values/fault.ts";

/** The way to the actor of one execution of a plan. */
export interface PlanClient {
  plan(caller: Principal, executionId: string, how: { readonly brief: boolean }): Promise<Result<PlanExecutionView>>;
  reports(caller: Principal, executionId: string, query: ReportQuery): Promise<Result<ReportPage>>;
  takeWork(caller: Principal, executionId: string, command: TakeWork): Promise<Result<WorkAnswer>>;
  reportWork(
    caller: Principal,
    executionId: string,
    commands: readonly ReportWork[],
  ): Promise<Result<readonly ReportAnswer[]>>;
}

/** Where an agent may find work. */
export interface WorkHints {
  readonly agent: PollingAgent;
  /** Executions to ask, in this order. */
  readonly executions: readonly string[];
  /** What is left to agents of other roles. */
  readonly reserved: readonly Reserved[];
}

/** A poll that waits on a socket of the directory; no object is kept in memory for it. */
export interface WorkWait {
  /** Resolves when there may be work, after so many milliseconds, or when the directory closed the socket: then it is over. */
  next(ms: number): Promise<"woken" | "late" | "over">;
  close(): void;
}

/** Where hints are: the object of a tenant's agents answers it over RPC. */
export interface WorkHinter {
  /** `not_found`: there is no such agent. `forbidden_scope`: the caller does not act for it. `actions`: those that it does now; absent: all that it registered. */
  workFor(caller: Principal, agentId: string, actions: readonly string[] | undefined): Promise<Result<WorkHints>>;
}

/** The directory of a tenant's agents. */
export interface WorkDirectory extends WorkHinter {
  /** Woken from now on, and at once where there may be work now. */
  waitForWork(caller: Principal, agentId: string, actions: readonly string[] | undefined): Promise<Result<WorkWait>>;
}
